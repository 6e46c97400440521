import math

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from va_space.errors import MediaError
from va_space.media.audio import load_audio
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows

RATE = 8000
SETTINGS = AudioSettings(sample_rate=RATE, window_seconds=0.1, n_fft=512, hop_length=256, n_mels=32)
LENGTH = 800


def described(samples: np.ndarray, hop_seconds: float) -> list[tuple[float, np.ndarray]]:
    """The rule, said once more on the whole recording."""
    windows = []
    for number in range(len(samples) + 1):
        start = round(number * hop_seconds * RATE)
        sound = samples[start : start + LENGTH]
        if len(sound) == LENGTH:
            windows.append((number * hop_seconds, sound))
            continue
        if len(sound) > 0 and (number == 0 or len(sound) >= LENGTH / 2):
            filled = np.tile(sound, math.ceil(LENGTH / len(sound)))[:LENGTH]
            windows.append((number * hop_seconds, filled))
        break
    return windows


@given(
    count=st.one_of(st.integers(1, 3 * LENGTH), st.integers(1, 300_000)),
    hop=st.one_of(st.none(), st.floats(0.01, 0.3)),
)
def test_starts_and_contents(count, hop):
    samples = np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)
    windows = list(iter_windows((samples, RATE), SETTINGS, hop_seconds=hop))
    expected = described(samples, hop or 0.1)
    assert [start for start, _ in windows] == [start for start, _ in expected]
    for (_, window), (_, sound) in zip(windows, expected, strict=True):
        assert window.dtype == np.float32
        np.testing.assert_array_equal(window, sound)


@pytest.mark.parametrize(
    ("count", "starts"),
    [(1, 1), (399, 1), (800, 1), (801, 1), (1199, 1), (1200, 2), (1600, 2), (1999, 2), (2000, 3)],
)
def test_how_many(count, starts):
    windows = list(iter_windows((np.ones(count, np.float32), RATE), SETTINGS))
    assert len(windows) == starts
    assert all((window == 1).all() for _, window in windows)  # no zeros anywhere


def test_windows_are_independent_copies():
    windows = [
        window for _, window in iter_windows((np.zeros(4000, np.float32), RATE), SETTINGS, hop_seconds=0.05)
    ]
    windows[0][:] = 1
    assert not np.concatenate(windows[1:]).any()


@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 48_000, 192_000])
def test_a_file_and_its_samples_are_the_same(tmp_path, rate):
    samples = 0.3 * np.random.default_rng(0).standard_normal((rate * 7 // 10, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, rate, subtype="FLOAT")
    from_file = list(iter_windows(tmp_path / "a.wav", SETTINGS))
    whole = load_audio(tmp_path / "a.wav", RATE)
    np.testing.assert_array_equal(np.concatenate([window for _, window in from_file]), whole)
    for source in (samples, samples.T, torch.from_numpy(samples), samples.astype(np.float64)):
        from_samples = list(iter_windows((source, rate), SETTINGS))
        for (start, window), (other_start, other) in zip(from_file, from_samples, strict=True):
            assert start == other_start
            np.testing.assert_array_equal(window, other)


def test_whole_numbers_are_scaled():
    samples = np.array([-32768, 0, 16384, 32767] * 400, np.int16)
    for scaled in (samples, samples.astype(np.int32) * 65536):
        _, window = next(iter_windows((scaled, RATE), SETTINGS))
        np.testing.assert_allclose(window, samples[:LENGTH] / 32768, atol=1e-6)


def test_low_precision_tensors():
    for dtype in (torch.bfloat16, torch.float16):
        _, window = next(iter_windows((torch.ones(LENGTH, dtype=dtype), RATE), SETTINGS))
        assert (window == 1).all()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ((np.zeros(0, np.float32), RATE), "empty"),
        ((np.zeros((2, 3, 4), np.float32), RATE), "shape"),
        ((np.zeros(900, np.uint8), RATE), "uint8"),
        ((np.full(900, np.nan), RATE), "NaN"),
        ((np.full(900, -np.inf), RATE), "infinite"),
        ((np.full(900, 1e30), RATE), "absurd"),
        ((np.zeros(900, np.float32), 7_999), "7,999 Hz"),
        ((np.zeros(900, np.float32), 192_001), "192,001 Hz"),
        ((np.zeros(900, np.float32), "8000"), "sample rate"),
    ],
)
def test_samples_that_cannot_be_used(source, reason):
    with pytest.raises(MediaError, match=reason):
        list(iter_windows(source, SETTINGS))


@pytest.mark.parametrize("hop", [0, -1, 1e-6])
def test_hop_must_move(hop):
    with pytest.raises(ValueError, match="hop_seconds"):
        iter_windows((np.zeros(900, np.float32), RATE), SETTINGS, hop_seconds=hop)
