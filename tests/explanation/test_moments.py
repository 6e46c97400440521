"""When: leaving a window out against a loop, what was planted, and tracks that are too short."""

import numpy as np
import pytest
import torch
from learnt_aims import learnt_aim

from va_space.encoders.vectors import normalised_mean
from va_space.errors import MediaError
from va_space.explanation.aims import read_aims
from va_space.explanation.moments import apart, curves, short_windows

RATE = 8000


def test_effects_are_what_the_track_loses_without_a_window(space, track):
    windows, length = short_windows(space, track)
    assert length == pytest.approx(0.3)
    assert windows.starts[1] == pytest.approx(0.15)
    aims = read_aims(space, ["valence", "calm"], "music", "recording")
    for aim, curve in zip(aims, curves(space, windows, length, aims), strict=True):

        def number(rows, of=aim.of):
            return float(of(torch.from_numpy(normalised_mean(rows))[None]))

        whole = number(windows.vectors)
        for row, start in enumerate(windows.starts):
            rest = np.abs(windows.starts - start) > length - 0.01
            assert curve.effects[row] == pytest.approx(whole - number(windows.vectors[rest]), abs=1e-5)
        np.testing.assert_allclose(curve.scores, aim.of(torch.from_numpy(windows.vectors)), atol=1e-6)
        assert curve.effects[curve.raises] == curve.effects.max()
        assert curve.effects[curve.lowers] == curve.effects.min()


def sounds(random, hertz):
    """Four seconds of noise, a tone in one of them."""
    samples = 0.2 * random.standard_normal(4 * RATE)
    second = int(random.integers(0, 4))
    if hertz:
        time = np.arange(RATE) / RATE
        samples[second * RATE : (second + 1) * RATE] = 0.3 * np.sin(2 * np.pi * hertz * time)
    return samples.astype(np.float32), second


def test_a_planted_passage_is_found(tiny_space):
    random = np.random.default_rng(5)
    vectors, there = [], []
    for _ in range(6):
        samples, second = sounds(random, 800)
        windows, _ = short_windows(tiny_space, (samples, RATE))
        middles = windows.starts + 0.15
        vectors.append(windows.vectors)
        there.append((middles > second) & (middles < second + 1))
    aim = learnt_aim(np.concatenate(vectors), np.concatenate(there))
    for _ in range(4):
        samples, second = sounds(random, 800)
        windows, length = short_windows(tiny_space, (samples, RATE))
        (curve,) = curves(tiny_space, windows, length, [aim])
        assert second - 0.15 <= curve.starts[curve.raises] + length / 2 <= second + 1.15


def test_a_track_of_one_window_has_no_effects(space):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 2000).astype(np.float32)
    windows, length = short_windows(space, (samples, RATE))
    (curve,) = curves(space, windows, length, read_aims(space, ["valence"], "music", "recording"))
    assert np.isnan(curve.effects).all()
    assert curve.raises is None
    assert curve.lowers is None
    assert np.isfinite(curve.scores).all()


def test_windows_that_touch_do_not_overlap():
    starts = np.array([0, 1.5, 3, 4.5], np.float32)
    assert apart(starts, 3).tolist() == [
        [False, False, True, True],
        [False, False, False, True],
        [True, False, False, False],
        [True, True, False, False],
    ]


def test_a_picture_has_no_moments(space, picture):
    with pytest.raises(MediaError):
        short_windows(space, picture)
