"""Accents: how much brighter a picture is at each moment, as onsets, beats and loudness of the music say.

Pulses spare people with photosensitive epilepsy: at most three begin in a second, which WCAG 2.2 allows of
any strength in its success criterion 2.3.1. Up to half a pulse, the default, none is a flash at all in its
sense: the relative luminance of no colour changes by a tenth of that of white.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.media.structure import Curve, Onset, Structure
from va_space.transfer.grading import LATENT_SIZE, SLICES, apply_grade
from va_space.transfer.lut import Lut
from va_space.transfer.video.timeline import gaussian

LEAST_SECONDS = 1 / 3
"""From one accent to the next."""
# Decibels of rise, on average over the mel bands, that make a whole accent: a snare drum.
_LOUD = 8.0
# Below the loudest by so many decibels, there is no accent.
_SOFT = 40.0
_NEAR_BEAT, _OFF_BEAT = 0.07, 0.7
_RATE = 100  # values of the curve a second
_HOLD, _DECAY, _GONE = 0.04, 0.4, 3.0  # seconds
_SWELL, _SWELL_DB, _SWELL_SECONDS = 0.25, 12.0, 0.5

# Controls of the grade at a whole accent: latents, of which tanh is taken.
_BRIGHTER = {"exposure": 0.6, "saturation": 0.15}

Floats = NDArray[np.float64]


def accents(structure: Structure) -> list[Onset]:
    """The onsets that are shown, in order, with strengths in [0, 1].

    Onsets on a beat go before others, and of those that are near to each other the strongest is taken.
    """
    weighed = [_weighed(onset, structure) for onset in structure.onsets]
    taken: dict[int, Onset] = {}  # by thirds of a second, of which each holds at most one
    for onset in sorted(weighed, key=lambda it: -it.strength):
        third = int(onset.seconds / LEAST_SECONDS)
        near = [taken[each] for each in (third - 1, third, third + 1) if each in taken]
        if onset.strength > 0 and all(abs(onset.seconds - it.seconds) >= LEAST_SECONDS for it in near):
            taken[third] = onset
    return [taken[third] for third in sorted(taken)]


def pulse_curve(structure: Structure) -> Curve:
    """How much of a whole accent there is over time, in [-0.25, 1.25]: accents, and the swell of loudness.

    An accent is there at once and has died away to a third after half a second. Loudness counts as the
    difference from that of the section around it.
    """
    times = np.arange(max(2, int(np.ceil(structure.duration * _RATE)))) / _RATE
    values = np.zeros(len(times))
    for accent in accents(structure):
        first = int(np.ceil(accent.seconds * _RATE))
        near = slice(first, first + round(_GONE * _RATE))
        shape = np.exp(-np.maximum(times[near] - accent.seconds - _HOLD, 0) / _DECAY)
        values[near] = np.maximum(values[near], accent.strength * shape)
    return Curve(times, values + _swell(structure, times))


def lifted(lut: Lut) -> Lut:
    """A table's colours at a whole accent: brighter, and a little more saturated."""
    size = len(lut)
    latent = torch.zeros(1, LATENT_SIZE)
    for control, value in _BRIGHTER.items():
        latent[0, SLICES[control]] = value
    colours = torch.from_numpy(np.ascontiguousarray(lut)).reshape(1, size * size, size, 3).permute(0, 3, 1, 2)
    with torch.inference_mode():
        brighter = apply_grade(latent, colours)
    return brighter[0].permute(1, 2, 0).reshape(size, size, size, 3).contiguous().numpy()


def _weighed(onset: Onset, structure: Structure) -> Onset:
    beats = structure.beats
    on_beat = not len(beats) or np.abs(beats - onset.seconds).min() <= _NEAR_BEAT
    loud = np.clip(1 + structure.loudness.at(onset.seconds + 0.05) / _SOFT, 0, 1)
    size = min(1.0, onset.strength / _LOUD) * loud * (1.0 if on_beat else _OFF_BEAT)
    return Onset(onset.seconds, float(size))


def _swell(structure: Structure, times: Floats) -> Floats:
    level = np.maximum(structure.loudness.at(times), -_SOFT)
    smooth = gaussian(level, _SWELL_SECONDS * _RATE)
    section = structure.section_at(times)
    counts = np.maximum(np.bincount(section), 1)
    means = np.bincount(section, smooth) / counts
    return _SWELL * np.clip((smooth - means[section]) / _SWELL_DB, -1, 1)
