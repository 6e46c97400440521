"""Changes that nobody feels: they do what they say, and not more."""

import numpy as np
import pytest
from PIL import Image

from va_space.benchmark import transforms

RATE = 22050


@pytest.fixture
def tones():
    """Two seconds of 440 Hz and 9 kHz."""
    time = np.arange(2 * RATE) / RATE
    return (0.3 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 9000 * time)).astype(np.float32)


@pytest.fixture
def picture():
    ramp = np.linspace(0, 255, 100).astype(np.uint8)
    return Image.fromarray(np.stack([np.tile(ramp, (80, 1))] * 3, axis=2))


def power(samples, hertz, rate):
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    return spectrum[round(hertz * len(samples) / rate)]


def test_gain_is_in_decibels(tones):
    softer, rate = transforms.gain(-12)((tones, RATE))
    assert rate == RATE
    assert 20 * np.log10(np.abs(softer).max() / np.abs(tones).max()) == pytest.approx(-12, abs=1e-4)


def test_mp3_has_its_length_and_time_kept_and_is_lossy(tones):
    pytest.importorskip("soundfile", "0.13", reason="older versions cannot choose the bit rate")
    coded, rate = transforms.mp3((tones, RATE))
    assert coded.shape == (4 * RATE, 2)
    assert rate == 44100
    plain = transforms.soxr.resample(tones, RATE, rate)
    error = np.sqrt(np.mean((coded[:, 0] - plain) ** 2) / np.mean(plain**2))
    assert 0.0005 < error < 0.1


def test_a_lower_rate_takes_the_treble(tones):
    through, rate = transforms.resampled(16_000)((tones, RATE))
    assert (len(through), rate) == (len(tones), RATE)
    assert power(through, 440, RATE) == pytest.approx(power(tones, 440, RATE), rel=0.01)
    assert power(through, 9000, RATE) < 1e-4 * power(tones, 9000, RATE)


def test_a_higher_rate_and_back_changes_next_to_nothing(tones):
    through, _ = transforms.resampled(44_100)((tones, RATE))
    np.testing.assert_allclose(through[500:-500], tones[500:-500], atol=0.003)


def test_panning_keeps_the_sound(tones):
    stereo, _ = transforms.panned((tones, RATE))
    np.testing.assert_allclose(stereo.mean(axis=1), 0.75 * tones, atol=1e-6)


def test_later_and_earlier(tones):
    later, _ = transforms.later(0.01)((tones, RATE))
    earlier, _ = transforms.later(-0.01)((tones, RATE))
    np.testing.assert_array_equal(later[220:], tones)
    assert not later[:220].any()
    np.testing.assert_array_equal(earlier, tones[220:])


def test_jpeg_changes_pixels_a_little(picture):
    coded = transforms.jpeg(picture)
    difference = np.abs(np.asarray(coded, np.int16) - np.asarray(picture, np.int16))
    assert coded.size == picture.size
    assert 0 < difference.mean() < 5


def test_sizes_and_crops(picture):
    assert transforms.halved(picture).size == (50, 40)
    first, last = transforms.cropped(0.05)(picture), transforms.cropped(-0.05)(picture)
    assert first.size == last.size == (95, 76)
    np.testing.assert_array_equal(np.asarray(first), np.asarray(picture)[4:, 5:])
    np.testing.assert_array_equal(np.asarray(last), np.asarray(picture)[:76, :95])
