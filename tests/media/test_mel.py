import os
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch

from va_space.errors import ConfigError
from va_space.media.audio import load_audio
from va_space.media.mel import LogMel, mel_filters, semitone_filters
from va_space.media.settings import AudioSettings, PictureSettings

SETTINGS = AudioSettings()
SMALL = AudioSettings(sample_rate=16_000, window_seconds=1.0, n_fft=512, hop_length=160, n_mels=40)


def noise(count, seconds=2.0, rate=22_050):
    samples = np.random.default_rng(0).standard_normal((count, round(seconds * rate)))
    return (0.1 * samples).astype(np.float32)


def by_librosa(samples, settings):
    return librosa.feature.melspectrogram(
        y=samples,
        sr=settings.sample_rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        n_mels=settings.n_mels,
        center=True,
        pad_mode="constant",
        power=2.0,
    )


def check_against_librosa(samples, settings):
    ours = LogMel(settings).mel(torch.from_numpy(samples)[None])[0, 0].numpy()
    reference = by_librosa(samples, settings)
    assert ours.shape == reference.shape
    assert np.abs(ours - reference).max() <= 1e-5 * reference.max()


@pytest.mark.filterwarnings("ignore:n_fft=2048 is too large")
@pytest.mark.parametrize("settings", [SETTINGS, SMALL])
@pytest.mark.parametrize("count", [700, 22_050, 30_001])
def test_equals_librosa_on_random_signals(settings, count):
    check_against_librosa(noise(1, count / 22_050)[0], settings)


def test_equals_librosa_on_real_signals():
    if "VA_SPACE_DATA" not in os.environ:
        pytest.skip("VA_SPACE_DATA is not set")
    files = sorted((Path(os.environ["VA_SPACE_DATA"]) / "emotify" / "audio").glob("*.ogg"))
    if not files:
        pytest.skip("VA_SPACE_DATA has no emotify/audio")
    for path in files[:: max(1, len(files) // 5)]:
        check_against_librosa(load_audio(path, 22_050), SETTINGS)


def test_batch_equals_single():
    transform, batch = LogMel(SETTINGS), torch.from_numpy(noise(5))
    together = transform(batch)
    assert together.shape == (5, 1, 128, 1 + batch.shape[1] // 1024)
    alone = torch.cat([transform(samples[None]) for samples in batch])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=0)


@pytest.mark.parametrize("gain", [1e-4, 0.5, 100.0, 32_768.0])
def test_does_not_depend_on_the_level(gain):
    transform, batch = LogMel(SETTINGS), torch.from_numpy(noise(2))
    torch.testing.assert_close(transform(gain * batch), transform(batch), atol=1e-3, rtol=0)


def test_is_the_formula_it_says():
    batch = torch.from_numpy(noise(2))
    mel = np.stack([by_librosa(samples, SETTINGS) for samples in batch.numpy()]).astype(np.float64)
    expected = np.log10(mel / mel.mean(axis=(1, 2), keepdims=True) + SETTINGS.floor)
    np.testing.assert_allclose(LogMel(SETTINGS)(batch)[:, 0], expected, atol=1e-3)


def test_silence_is_the_floor_everywhere():
    batch = torch.zeros(2, 22_050, requires_grad=True)
    silence = LogMel(SETTINGS)(batch)
    torch.testing.assert_close(silence, torch.full_like(silence, float(np.log10(SETTINGS.floor))))
    silence.sum().backward()
    assert batch.grad.isfinite().all()


@pytest.mark.parametrize("level", [1e-30, 1e-12, 1e-7, 1.0, 1e6])
def test_values_and_gradient_are_finite_at_every_level(level):
    batch = (level * torch.from_numpy(noise(2))).requires_grad_()
    features = LogMel(SETTINGS)(batch)
    features.sum().backward()
    assert features.isfinite().all()
    assert batch.grad.isfinite().all()


def test_single_precision_under_autocast():
    transform, batch = LogMel(SETTINGS), torch.from_numpy(noise(2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = transform(batch)
        assert transform(batch.bfloat16()).dtype == torch.float32
    assert features.dtype == torch.float32
    torch.testing.assert_close(features, transform(batch), atol=0, rtol=0)


def test_nothing_of_it_is_saved():
    transform = LogMel(SETTINGS)
    assert transform.state_dict() == {}
    assert not list(transform.parameters())


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_rate": 4000},
        {"window_seconds": 0.01},
        {"n_mels": 0},
        {"n_mels": 2000},
        {"hop_length": 0},
        {"floor": 0.0},
        {"std": -1.0},
    ],
)
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong)).replace("window_seconds", "window")):
        AudioSettings(**wrong)


@pytest.mark.parametrize("wrong", [{"size": 0}, {"std": (1.0, 0.0, 1.0)}, {"mean": (0.5,)}])
def test_picture_settings_that_make_no_sense(wrong):
    with pytest.raises(ConfigError):
        PictureSettings(**wrong)


def test_semitones_find_notes():
    settings = AudioSettings(sample_rate=16_000, n_fft=512, hop_length=256, n_mels=96, semitones=True)
    transform = LogMel(settings)
    seconds = np.arange(32_000) / 16_000
    for note in (45, 60, 69, 81, 100):
        tone = np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * seconds).astype(np.float32)
        heard = transform(torch.from_numpy(tone)[None])
        assert heard.shape == (1, 2, 96, 126)
        assert heard[0, 1].mean(dim=1).argmax() == note - 24  # bands count from C1


def test_semitone_filters_share_out_each_row():
    filters = semitone_filters(16_000, 4096, 96)
    np.testing.assert_allclose(filters.sum(axis=1), 1, rtol=1e-6)
    assert (filters >= 0).all()


def test_semitones_of_every_fourth_frame():
    settings = AudioSettings(sample_rate=16_000, n_fft=512, hop_length=256, n_mels=96, semitones=True)
    samples = torch.rand(1, 48_000) - 0.5
    log_mel = LogMel(settings)
    torch.testing.assert_close(log_mel.semitones(samples, 4), log_mel.semitones(samples)[..., ::4])


def test_more_semitones_than_the_rate_can_hold_are_refused():
    with pytest.raises(ConfigError, match="semitones"):
        AudioSettings(sample_rate=8_000, n_fft=512, n_mels=96, semitones=True)


@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("rate", [1600, 8000, 16_000, 44_100])
def test_filters_are_those_of_librosa(rate, htk):
    reference = librosa.filters.mel(sr=rate, n_fft=512, n_mels=96, htk=htk, norm=None if htk else "slaney")
    np.testing.assert_allclose(mel_filters(rate, 512, 96, htk=htk), reference, atol=1e-6 * reference.max())
