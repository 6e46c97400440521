"""Shots to scenes: against trying everything, and within their limits."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from va_space.emotion.reference import from_normal_scores, normal_scores
from va_space.production.soundtrack.scenes import CHANGE, join_parts
from va_space.production.soundtrack.shots import Part


def parts_of(lengths, scores, shots=None):
    ends = np.cumsum(lengths)
    return [
        Part(
            float(end - length),
            float(end),
            number if shots is None else shots[number],
            tuple(from_normal_scores(score)),
        )
        for number, (length, end, score) in enumerate(zip(lengths, ends, scores, strict=True))
    ]


def cost(parts, borders):
    total = 0.0
    for first, last in pairwise(borders):
        times = np.array([part.seconds for part in parts[first:last]])
        scores = normal_scores([part.place for part in parts[first:last]])
        mean = np.average(scores, axis=0, weights=times)
        total += (times * np.square(scores - mean).sum(axis=1)).sum() + CHANGE
    return total


@pytest.mark.parametrize("seed", range(5))
def test_no_other_way_is_cheaper(seed):
    random = np.random.default_rng(seed)
    parts = parts_of(random.uniform(2, 8, 8), random.normal(0, 0.8, (8, 2)))
    found = join_parts(parts, shortest=5, longest=25)
    assert found[0].start == 0
    np.testing.assert_allclose([scene.end for scene in found[:-1]], [scene.start for scene in found[1:]])
    possible = []
    for count in range(8):
        for inner in combinations(range(1, 8), count):
            borders = (0, *inner, 8)
            lengths = [parts[last - 1].end - parts[first].start for first, last in pairwise(borders)]
            if min(lengths) >= 5 and max(lengths) <= 25:
                possible.append(cost(parts, borders))
    borders = np.cumsum([0, *(len(scene.parts) for scene in found)])
    assert cost(parts, borders) == pytest.approx(min(possible))


def test_neighbours_that_feel_alike_share_a_cue():
    parts = parts_of([10] * 6, [(0, 0), (0.1, 0), (1.5, -1), (1.4, -1), (1.5, -0.9), (-1, 1)])
    found = join_parts(parts)
    assert [(scene.start, scene.end) for scene in found] == [(0, 20), (20, 50), (50, 60)]
    np.testing.assert_allclose(normal_scores(found[0].place), [0.05, 0], atol=1e-6)
    assert [scene.why for scene in found] == [
        "shots 1-2 feel alike, 0.1 standard deviations apart at most",
        "shots 3-5 feel alike, 0.1 standard deviations apart at most",
        "",
    ]


def test_scenes_begin_at_cuts_unless_a_shot_is_too_long():
    scores = [(0, 0), (1, 1), (0, 0), (1, 1)]
    inside = join_parts(parts_of([15] * 4, scores, shots=[0, 0, 1, 1]), longest=30)
    assert [scene.start for scene in inside] == [0, 30]
    assert {scene.why for scene in inside} == {""}
    one = join_parts(parts_of([20] * 5, [(0, 0)] * 5, shots=[0] * 5), longest=45)
    assert max(scene.seconds for scene in one) <= 45
    assert one[0].why == "shot 1 is longer than a cue, 45 s at most"
    assert sum(scene.seconds for scene in one) == 100


def test_a_short_video_is_one_scene():
    (scene,) = join_parts(parts_of([1, 1], [(2, 2), (-2, -2)]))
    assert scene.why == "shots 1-2 are too short for cues of their own, 8 s at least"
    lengths, scores = [20, 2, 20], [(0, 0), (1.2, 0), (0, 0)]
    (between,) = join_parts(parts_of(lengths, scores))
    assert between.why == "shots 1-3 differ too little, or too briefly, for a change of music"


def test_many_shots_are_quick():
    random = np.random.default_rng(0)
    assert len(join_parts(parts_of(random.uniform(0.5, 3, 800), random.normal(0, 0.5, (800, 2))))) > 20
