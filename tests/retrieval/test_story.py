"""Stories against every possible sequence."""

from itertools import pairwise, product

import numpy as np
import pytest

from va_space.errors import LibraryError
from va_space.retrieval import story as module
from va_space.retrieval.filters import Filters
from va_space.retrieval.story import (
    Passages,
    cheapest_path,
    find_story,
    join_costs,
    share_of_better,
    story,
    usual_joins,
)


def cheapest_by_trying(costs, joins):
    """The smallest sum, and the path that has it."""
    best, at = np.inf, None
    for path in product(*(range(len(cost)) for cost in costs)):
        total = sum(cost[i] for cost, i in zip(costs, path, strict=True))
        total += sum(join[i, j] for join, (i, j) in zip(joins, pairwise(path), strict=True))
        if total < best:
            best, at = total, list(path)
    return at


@pytest.mark.parametrize("seed", range(10))
def test_cheapest_path_is_the_cheapest_of_all(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 6, size=random.integers(1, 6))
    costs = [random.uniform(size=n) for n in sizes]
    joins = [
        np.where(random.uniform(size=(n, m)) < 0.3, np.inf, random.uniform(size=(n, m)))
        for n, m in pairwise(sizes)
    ]
    assert cheapest_path(costs, joins) == cheapest_by_trying(costs, joins)


def test_no_path_where_none_is_allowed():
    assert cheapest_path([np.zeros(2), np.zeros(2)], [np.full((2, 2), np.inf)]) is None


def made_up(random, tracks=4, each=3, queries=4):
    """Passages of 10 s; the windows of each are one."""
    count = tracks * each
    vectors = random.normal(size=(count, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Passages(
        track=np.repeat(np.arange(tracks), each),
        start=np.tile(np.arange(each) * 10.0, tracks),
        length=np.full(count, 10.0),
        first=vectors,
        last=vectors,
        fit=random.uniform(size=(count, queries)),
    )


def cost_of(passages, path, smoothness):
    """The cost in the module's docstring, word by word."""
    total = sum((passages.fit[:, i] > passages.fit[number, i]).mean() for i, number in enumerate(path))
    count = len(passages.track)
    lengths = [
        2 - 2 * passages.last[a] @ passages.first[b]
        for a, b in product(range(count), repeat=2)
        if passages.track[a] != passages.track[b]
    ]
    for a, b in pairwise(path):
        if passages.track[a] == passages.track[b]:
            if passages.start[b] != passages.start[a] + passages.length[a]:
                return np.inf
        else:
            own = 2 - 2 * passages.last[a] @ passages.first[b]
            total += smoothness * np.mean([length <= own + 1e-12 for length in lengths])
    return total


@pytest.mark.parametrize("smoothness", [0, 0.5, 3])
@pytest.mark.parametrize("seed", range(4))
def test_story_costs_as_little_as_any(seed, smoothness):
    passages = made_up(np.random.default_rng(seed), tracks=3, queries=3)
    found = find_story(passages, smoothness=smoothness)
    least = min(cost_of(passages, path, smoothness) for path in product(range(9), repeat=3))
    assert cost_of(passages, found, smoothness) == pytest.approx(least)


def test_smooth_enough_a_story_stays_in_one_track():
    random = np.random.default_rng(5)
    passages = made_up(random, tracks=6, each=5, queries=4)
    found = find_story(passages, smoothness=100)
    assert len(set(passages.track[found])) == 1
    np.testing.assert_array_equal(np.diff(passages.start[found]), 10)


def test_what_continues_a_passage_is_considered_though_it_fits_badly(monkeypatch):
    monkeypatch.setattr(module, "PASSAGES", 1)
    passages = made_up(np.random.default_rng(3), tracks=2, each=2, queries=2)
    passages.fit[:] = [[0.9, 0.0], [0.0, 0.5], [0.0, 0.6], [0.0, 0.0]]
    passages.first[2] = -passages.last[0]
    assert find_story(passages, smoothness=1) == [0, 1]


def test_same_track_only_where_it_goes_on():
    passages = made_up(np.random.default_rng(0), tracks=2, each=2)
    costs = join_costs(passages, passages, 0.5, usual_joins(passages))
    assert costs[0, 1] == 0
    assert np.isinf(costs[[0, 1, 1], [0, 0, 1]]).all()
    assert (costs[:2, 2:] <= 0.5).all()


def test_fits_on_any_scale_tell_the_same_story():
    passages = made_up(np.random.default_rng(7))
    told = find_story(passages, smoothness=0.7)
    passages.fit[:] = 0.4 + 0.01 * passages.fit**3
    assert find_story(passages, smoothness=0.7) == told
    assert share_of_better(passages.fit).min() == 0


def test_story_of_a_library(tiny_space, library):
    queries = ["excited", "tense", "sad", "calm"]
    told = story(tiny_space, library, queries, clip=2, explained=True)
    assert [result.rank for result in told] == [1, 2, 3, 4]
    for result, query in zip(told, queries, strict=True):
        assert result.length == 2
        assert 0 <= result.start <= result.duration - 2
        windows = tiny_space.encode([result.path], windows=True)[0]
        va = tiny_space.predict_va_from_vectors(windows.vectors, "music")
        point = module.read_target(tiny_space, query).point
        scores = np.exp(-np.linalg.norm(va - point, axis=1) / tiny_space.config.sigma)
        first = int(result.start)
        assert result.score == pytest.approx(scores[first : first + 2].mean(), abs=1e-4)
        assert result.explanation.arousal == pytest.approx(result.arousal - point[1], abs=1e-5)
    for a, b in pairwise(told):
        assert a.path != b.path or b.start == a.start + a.length


def test_clip_is_rounded_to_windows(tiny_space, library):
    assert story(tiny_space, library, ["calm"], clip=1.8)[0].length == 2
    assert story(tiny_space, library, ["calm"], clip=0.2)[0].length == 1


def test_too_few_tracks(tiny_space, library):
    only = Filters(where="title = '00'")
    assert len(story(tiny_space, library, ["calm"], clip=2, filters=only)) == 1
    with pytest.raises(LibraryError, match="too few"):
        story(tiny_space, library, ["calm", "sad"], clip=2, filters=only)
    with pytest.raises(LibraryError, match="too few"):
        story(tiny_space, library, ["calm"], filters=Filters(where="false"))


def test_nothing_to_tell(tiny_space, library):
    with pytest.raises(ValueError, match="at least one"):
        story(tiny_space, library, [])
