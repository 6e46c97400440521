"""Log-mel patches, and sounds from them."""

import librosa
import numpy as np
import pytest
import torch

from va_space.errors import ConfigError
from va_space.media.patches import PatchSettings, cut_patches, patches_to_sounds, sounds_to_patches

SETTINGS = PatchSettings()


def tone(hertz, seconds):
    return (0.4 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * 16_000)) / 16_000)).astype(np.float32)


def test_a_patch_is_librosas_mel_in_decibels_below_its_loudest_value():
    sound = np.random.default_rng(0).normal(0, 0.1, SETTINGS.samples).astype(np.float32)
    patch = sounds_to_patches(torch.from_numpy(sound)[None], SETTINGS)
    power = librosa.feature.melspectrogram(
        y=sound, sr=16_000, n_fft=1024, hop_length=256, n_mels=64, pad_mode="constant"
    )[:, :64]
    expected = librosa.power_to_db(power, ref=power.max(), top_db=None).clip(-80, 0) / 40 + 1
    np.testing.assert_allclose(patch[0, 0], expected, atol=1e-3)
    assert patch.max() == pytest.approx(1)


def test_silence_is_silence_both_ways():
    patch = sounds_to_patches(torch.zeros(1, SETTINGS.samples), SETTINGS)
    assert (patch == -1).all()
    assert patches_to_sounds(patch, SETTINGS).abs().max() < 1e-3


def test_a_tone_keeps_its_pitch_through_griffin_lim():
    sound = torch.from_numpy(tone(880, 1.024))[None]
    again = patches_to_sounds(sounds_to_patches(sound, SETTINGS), SETTINGS, iterations=20)
    assert again.shape == (1, SETTINGS.samples)
    loudest = np.abs(np.fft.rfft(again[0].numpy())).argmax() / SETTINGS.seconds
    assert abs(loudest - 880) < 46  # the width of a band
    assert float(again.abs().max()) == pytest.approx(0.9)
    error = (sounds_to_patches(again, SETTINGS) - sounds_to_patches(sound, SETTINGS))[..., 4:-4].abs().mean()
    assert error < 0.25


def test_stretches_begin_with_the_first_sound_and_leave_out_silence():
    sound = np.concatenate([np.zeros(8000, np.float32), tone(440, 1.0), np.zeros(64_000, np.float32)])
    pieces = cut_patches(sound, SETTINGS, 4)
    assert pieces.shape[1] == SETTINGS.samples
    assert len(pieces) < 4
    assert pieces[0, :400].abs().max() > 0.3
    assert (pieces.abs().amax(dim=1) > 0.1).all()


@pytest.mark.parametrize("sound", [np.zeros(100, np.float32), tone(440, 0.05)])
def test_a_short_sound_is_one_patch(sound):
    assert cut_patches(sound, SETTINGS, 4).shape == (1, SETTINGS.samples)


def test_senseless_settings_are_refused():
    with pytest.raises(ConfigError, match="more than 0"):
        PatchSettings(size=0)
