import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from va_space.datasets.records import Record
from va_space.datasets.splits import k_folds_by_group, split_by_group
from va_space.errors import DatasetError

FRACTIONS = {"train": 0.7, "val": 0.1, "test": 0.2}


def make_records(sizes: list[int]) -> list[Record]:
    return [
        Record(Path(f"{group}-{item}.jpg"), "picture", None, group=str(group), id=f"{group}-{item}")
        for group, size in enumerate(sizes)
        for item in range(size)
    ]


group_sizes = st.lists(st.integers(1, 12), min_size=12, max_size=60)


@given(group_sizes, st.integers(0, 2**31))
@settings(deadline=None)
def test_groups_stay_whole_and_sizes_are_near(sizes, seed):
    records = make_records(sizes)
    try:
        split = split_by_group(records, FRACTIONS, seed)
    except DatasetError:
        # Only possible if one group is more than everything that the small split should have.
        assert max(sizes) > 0.1 * len(records)
        return
    assert sorted(record.id for part in split.values() for record in part) == sorted(r.id for r in records)
    groups = [{record.group for record in part} for part in split.values()]
    assert sum(map(len, groups)) == len(sizes)
    for name, share in FRACTIONS.items():
        assert len(split[name]) <= share * len(records) + max(sizes)
        assert len(split[name]) >= share * len(records) - 2 * max(sizes)


@given(group_sizes, st.integers(0, 2**31))
@settings(deadline=None)
def test_a_split_depends_on_groups_and_seed_alone(sizes, seed):
    records = make_records(sizes)
    shuffled = random.Random(1).sample(records, len(records))
    fractions = {"a": 0.5, "b": 0.5}
    first, again = split_by_group(records, fractions, seed), split_by_group(shuffled, fractions, seed)
    for name in fractions:
        assert {record.id for record in first[name]} == {record.id for record in again[name]}
        assert first[name] == [record for record in records if record in set(first[name])]


def test_another_seed_is_another_split():
    records = make_records([3] * 40)
    splits = [{r.group for r in split_by_group(records, FRACTIONS, seed)["test"]} for seed in range(5)]
    assert len({frozenset(groups) for groups in splits}) == 5


def test_sizes_are_exact_where_groups_are_single():
    split = split_by_group(make_records([1] * 100), FRACTIONS, 3)
    assert {name: len(part) for name, part in split.items()} == {"train": 70, "val": 10, "test": 20}


@pytest.mark.parametrize("fractions", [{"a": 0.5, "b": 0.6}, {"a": 1.5, "b": -0.5}])
def test_shares_must_sum_to_one(fractions):
    with pytest.raises(ValueError, match="sum to 1"):
        split_by_group(make_records([1, 1]), fractions, 0)


def test_too_few_groups_are_an_error():
    with pytest.raises(DatasetError, match="2 groups are too few"):
        split_by_group(make_records([5, 5]), FRACTIONS, 0)


@given(group_sizes, st.integers(2, 6), st.integers(0, 2**31))
@settings(deadline=None)
def test_every_record_is_held_out_once(sizes, k, seed):
    records = make_records(sizes)
    folds = k_folds_by_group(records, k, seed)
    assert len(folds) == k
    assert sorted(record.id for _, held in folds for record in held) == sorted(r.id for r in records)
    for train, held in folds:
        assert not {record.group for record in train} & {record.group for record in held}
        assert len(train) + len(held) == len(records)


def test_one_fold_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        k_folds_by_group(make_records([1, 1]), 1, 0)
