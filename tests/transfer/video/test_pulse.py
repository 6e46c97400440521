"""Accents: what is seen of onsets, beats and loudness."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from va_space.media.structure import Curve, Onset, Structure
from va_space.transfer.grading import LATENT_SIZE
from va_space.transfer.lut import bake
from va_space.transfer.video.frames import _Luts
from va_space.transfer.video.pulse import LEAST_SECONDS, accents, lifted, pulse_curve
from va_space.transfer.video.trajectory import Keyframes

pytest.importorskip("scipy", reason="needs scipy")


def structure(onsets, seconds=10.0, beats=(), loudness=None):
    ends = np.array([0.0, seconds])
    flat = Curve(ends, np.zeros(2))
    return Structure(
        duration=seconds,
        loudness=flat if loudness is None else loudness,
        onset_strength=flat,
        onsets=tuple(Onset(at, strength) for at, strength in onsets),
        tempo=None,
        beats=np.array(beats),
        novelty=flat,
        boundaries=(),
    )


def test_of_near_onsets_the_strongest_is_shown():
    rng = np.random.default_rng(0)
    many = sorted(zip(rng.uniform(0, 10, 200), rng.uniform(0.5, 12, 200), strict=True))
    found = accents(structure(many))
    assert all(b.seconds - a.seconds >= LEAST_SECONDS for a, b in pairwise(found))
    assert len(found) > 12
    strongest = max(many, key=lambda onset: onset[1])
    assert any(accent.seconds == strongest[0] for accent in found)
    assert all(0 < accent.strength <= 1 for accent in found)


def test_beats_go_first_and_soft_onsets_last():
    off, on = accents(structure([(1.2, 5.0), (3.0, 5.0)], beats=[1.0, 2.0, 3.0]))
    assert off.strength == pytest.approx(0.7 * on.strength)
    fading = Curve(np.array([0.0, 10.0]), np.array([0.0, -60.0]))
    sizes = [accent.strength for accent in accents(structure([(1, 6.0), (5, 6.0), (9, 6.0)], 10, (), fading))]
    assert sizes[0] > 2 * sizes[1]
    assert len(sizes) == 2  # the third is too soft to be shown


def test_an_accent_is_there_at_once_and_dies_away():
    curve = pulse_curve(structure([(4.0, 8.0)]))
    assert curve.at(3.98) == 0
    assert curve.at([4.0, 4.03]) == pytest.approx(1)
    assert 0.3 < curve.at(4.5) < 0.4
    assert abs(curve.at(7.5)) < 0.001


def test_silence_and_steady_sound_have_no_pulse():
    assert (pulse_curve(structure([])).values == 0).all()
    assert len(pulse_curve(structure([], seconds=0.001)).values) == 2


def test_swells_of_loudness_are_bounded():
    loudness = Curve(np.array([0.0, 5.0, 10.0]), np.array([-40.0, 0.0, -40.0]))
    values = pulse_curve(structure([], loudness=loudness)).values
    assert values[500] > 0.1 > -0.1 > values[0]
    assert np.abs(values).max() <= 0.25


def test_no_accent_is_a_flash_by_default():
    """WCAG 2.2: a flash is a change by a tenth of the relative luminance of white."""

    def luminance(lut):
        light = np.where(lut <= 0.04045, lut / 12.92, ((lut + 0.055) / 1.055) ** 2.4)
        return light @ [0.2126, 0.7152, 0.0722]

    for seed in range(4):
        latent = 0.4 * torch.randn(LATENT_SIZE, generator=torch.Generator().manual_seed(seed))
        lut = bake(latent * (seed > 0), 12)
        # As much as the default shows, with the swell of loudness on top, a quarter at most.
        pulsed = (lut + 0.5 * 1.25 * (lifted(lut) - lut)).clip(0, 1)
        assert np.abs(luminance(pulsed) - luminance(lut)).max() < 0.1
    plain = bake(torch.zeros(LATENT_SIZE), 12)
    assert 255 * np.abs(lifted(plain) - plain).mean() > 5  # and it is seen


def test_tables_change_with_the_keyframes_and_the_pulse():
    latents = 0.3 * torch.randn(3, LATENT_SIZE, generator=torch.Generator().manual_seed(0))
    keyframes = Keyframes(np.array([0.0, 3.0, 3.001]), latents)
    plain = _Luts(keyframes, lambda latent, _: bake(latent, 8), None)
    np.testing.assert_allclose(plain.at(0), bake(latents[0], 8), atol=1e-6)
    np.testing.assert_allclose(plain.at(2.999999), bake(latents[1], 8), atol=1e-4)
    np.testing.assert_allclose(plain.at(3.1), bake(latents[2], 8), atol=1e-6)
    np.testing.assert_allclose(plain.at(99), bake(latents[2], 8), atol=1e-6)
    curve = Curve(np.array([4.0, 4.01, 5.0]), np.array([0.0, 0.5, 0.0]))
    pulsed = _Luts(keyframes, lambda latent, _: bake(latent, 8), curve)
    np.testing.assert_allclose(pulsed.at(1.0), plain.at(1.0), atol=1e-6)
    half = (bake(latents[2], 8) + lifted(bake(latents[2], 8))) / 2
    np.testing.assert_allclose(pulsed.at(4.01), half, atol=1e-6)
