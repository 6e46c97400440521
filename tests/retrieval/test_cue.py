"""Passages against a plain loop over their definition."""

import numpy as np
import pytest

from va_space.retrieval.cue import best_cue, overlaps, passages

STARTS = np.arange(0, 60, 10, dtype=np.float32)


def test_one_window_without_a_clip():
    cue = best_cue(STARTS, [0.1, 0.5, 0.9, 0.2, 0.3, 0.4], duration=60, window=10)
    assert (cue.start, cue.length, cue.score) == (20, 10, 0.9)


def test_last_window_ends_with_the_track():
    cue = best_cue(STARTS, [0, 0, 0, 0, 0, 1], duration=56, window=10)
    assert (cue.start, cue.length) == (50, 6)


def test_first_among_equals():
    assert best_cue(STARTS, [0, 1, 0, 1, 0, 0], duration=60, window=10).start == 10
    assert best_cue(STARTS, [0, 1, 1, 0, 1, 1], duration=60, window=10, clip=20).start == 10


def test_passage_lies_inside_the_track():
    scores = [0, 0, 0, 0, 0.1, 1]
    assert best_cue(STARTS, scores, duration=56, window=10, clip=20).start == 30
    assert best_cue(STARTS, scores, duration=60, window=10, clip=20).start == 40


def test_short_track_is_taken_whole():
    cue = best_cue(STARTS[:2], [0.2, 0.8], duration=16, window=10, clip=30)
    assert (cue.start, cue.length) == (0, 16)
    assert cue.score == pytest.approx((10 * 0.2 + 6 * 0.8) / 16)


@pytest.mark.parametrize("clip", [3, 10, 17, 30, 45.5, 60])
@pytest.mark.parametrize("seed", range(5))
def test_best_of_all_passages(clip, seed):
    random = np.random.default_rng(seed)
    scores, duration = random.uniform(size=6), random.uniform(55, 60)

    def mean(start, end):
        seconds = [max(0, min(s + 10, end) - max(s, start)) for s in STARTS]
        return np.average(scores, weights=seconds)

    candidates = {float(s): mean(s, s + clip) for s in STARTS if s + clip <= duration}
    candidates = candidates or {0.0: mean(0, duration)}
    cue = best_cue(STARTS, scores, duration=duration, window=10, clip=clip)
    assert cue.start == max(candidates, key=candidates.get)
    assert cue.score == pytest.approx(candidates[cue.start])
    assert cue.length == pytest.approx(min(clip, duration))


def test_weights_sum_to_one_also_beyond_the_last_window():
    begins = np.array([0, 15, 58.0])
    weights = overlaps(STARTS[:5], begins, window=10, length=5)  # windows end at 50
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights[1], [0, 1, 0, 0, 0])
    np.testing.assert_allclose(weights[2], [0, 0, 0, 0, 1])


def test_rounding_does_not_forbid_a_passage():
    assert len(passages(STARTS[:3], duration=float(np.float32(29.9999)), clip=10)) == 3
