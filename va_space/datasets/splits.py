"""Splits that keep every group on one side."""

import random
from collections.abc import Mapping, Sequence

from va_space.datasets.records import Record
from va_space.errors import DatasetError


def split_by_group(
    records: Sequence[Record], fractions: Mapping[str, float], seed: int
) -> dict[str, list[Record]]:
    """Divide records by whole groups, near the given fractions of the number of records.

    Groups are taken from the largest to the smallest, in random order among equals, and each goes to the
    split that lacks most. No split is further above its share than the largest group has records.

    Args:
        records: Any records; their order does not matter for who goes where.
        fractions: Name of a split -> its share; the shares must sum to 1.
        seed: Same seed, same split.

    Returns:
        Name -> records, in the order they were given.

    Raises:
        ValueError: Shares are negative or do not sum to 1.
        DatasetError: There are too few groups to give each split one.

    Example:
        >>> from pathlib import Path
        >>> def photograph(row):
        ...     return Record(Path(f"{row}.jpg"), "picture", None, group=f"theme {row % 5}", id=str(row))
        >>> records = [photograph(row) for row in range(20)]
        >>> parts = split_by_group(records, {"train": 0.8, "test": 0.2}, seed=0)
        >>> {name: len(part) for name, part in parts.items()}
        {'train': 16, 'test': 4}
    """
    if min(fractions.values()) < 0 or abs(sum(fractions.values()) - 1) > 1e-6:
        raise ValueError(f"fractions {dict(fractions)} must be positive and sum to 1")
    sizes: dict[str, int] = {}
    for record in records:
        sizes[record.group] = sizes.get(record.group, 0) + 1
    groups = sorted(sizes)
    random.Random(seed).shuffle(groups)
    groups.sort(key=lambda group: sizes[group], reverse=True)

    lacking = {name: share * len(records) for name, share in fractions.items()}
    side: dict[str, str] = {}
    for group in groups:
        name = max(lacking, key=lambda name: lacking[name])
        side[group] = name
        lacking[name] -= sizes[group]
    empty = [name for name, share in fractions.items() if share > 0 and name not in side.values()]
    if empty:
        raise DatasetError(
            f"{len(groups)} groups are too few: nothing is left for the split {', '.join(empty)}"
        )
    return {name: [record for record in records if side[record.group] == name] for name in fractions}


def k_folds_by_group(records: Sequence[Record], k: int, seed: int) -> list[tuple[list[Record], list[Record]]]:
    """Divide records into (training, held-out) in k ways; every record is held out once.

    Args:
        records: Any records.
        k: Number of folds, >= 2.
        seed: Same seed, same folds.

    Raises:
        ValueError: k is less than 2.
        DatasetError: There are fewer groups than folds.
    """
    if k < 2:
        raise ValueError(f"k is {k}: at least 2 folds are needed")
    folds = split_by_group(records, {str(fold): 1 / k for fold in range(k)}, seed)
    side = {record.group: fold for fold, held in folds.items() for record in held}
    return [
        ([record for record in records if side[record.group] != fold], held) for fold, held in folds.items()
    ]
