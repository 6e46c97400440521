"""Where music turns into other music: novelty over time, and the boundaries at its peaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from va_space.media.spectra import FRAME_RATE, Spectra

Floats = NDArray[np.float64]

STEP = 0.5
"""Seconds from one value of novelty to the next."""
_HALF = 12.0  # seconds of music before and after that are compared
_LEAST_HALF = 2.0  # of them that there must be
SHORTEST_SECTION = 4.0
LEAST_NOVELTY = 0.1
"""A peak of novelty below it is no boundary."""

# Standard deviations below which a feature does not vary: so a held note and steady noise stay one section.
_TIMBRES = 12  # cepstral coefficients 1 to 12, of decibels
_LEAST_STD = np.repeat([4.0, 0.06, 3.0], [_TIMBRES, 12, 1])
_WEIGHTS = np.repeat([1 / _TIMBRES, 1 / 12, 0.5], [_TIMBRES, 12, 1])
_QUIETEST = -50.0  # dB: what is softer counts as pause

_SEARCHED = 2.5  # seconds around a peak of novelty in which the boundary lies
_SEEN = 4.0  # seconds on both sides that are looked at
_APART = 0.75  # seconds around the peak that count neither as before nor as after it
_WIDTHS = (1.0, 2.0, 4.0)  # seconds that a slow transition may take
# How much worse a sudden change may fit for being at the strongest onset, and than a slow one.
_ONSET, _SUDDEN = 0.75, 2.0
_LEAST_ONSET = 0.3  # share of the strongest onset around, for something to begin there


@dataclass(frozen=True)
class Boundary:
    """Where a section ends and the next begins.

    Attributes:
        seconds: When: of a slow transition, its middle.
        novelty: How unlike the sections are, in (0, 1].
        width: Seconds that the transition takes; 0 for a sudden one.
    """

    seconds: float
    novelty: float
    width: float


def novelty_curve(spectra: Spectra) -> tuple[Floats, Floats]:
    """Novelty every STEP seconds: times and values in [-1, 1].

    Similarity is exp(-d²), d being a Euclidean distance of standardised timbre, harmony and loudness, of half
    a second each. The value is the mean similarity within the seconds before and within those after, less
    that across, weighted by a Gaussian of the distance from the time. Near the ends there is less to compare.
    """
    features = frame_features(spectra)
    step = round(STEP * FRAME_RATE) / FRAME_RATE
    scaled = standardised(pooled(features, round(STEP * FRAME_RATE)))  # (n, d)
    half, least = round(_HALF / step), round(_LEAST_HALF / step)
    values = np.zeros(len(scaled) + 1)
    for border in range(least, len(scaled) - least + 1):
        values[border] = _checkerboard(scaled, border, half)
    return np.arange(len(values)).astype(np.float64) * step, values


def find_boundaries(
    spectra: Spectra,
    times: Floats,
    novelty: Floats,
    onset_strength: Floats,
    least: float = LEAST_NOVELTY,
) -> tuple[Boundary, ...]:
    """Boundaries at the peaks of novelty, each at the moment at which the sound itself turns.

    Args:
        spectra: Of the recording.
        times: (n,) of the novelty.
        novelty: (n,) as :func:`novelty_curve` returns it.
        onset_strength: (frames,) of the recording.
        least: A peak of novelty below it is no boundary.
    """
    features = standardised(frame_features(spectra))
    found = [
        _located(features, onset_strength, times[peak], float(novelty[peak]))
        for peak in _peaks(times, novelty, spectra.duration, least)
    ]
    return tuple(sorted(found, key=lambda boundary: boundary.seconds))


def frame_features(spectra: Spectra) -> Floats:
    """(frames, 25) timbre (cepstral coefficients 1 to 12), harmony (12 shares) and loudness (decibels)."""
    from librosa.feature import mfcc

    log_mel = spectra.log_mel
    timbre = mfcc(S=log_mel, n_mfcc=_TIMBRES + 1)[1:]
    loudness = np.maximum(log_mel.max(axis=0), _QUIETEST)
    sounds = loudness > _QUIETEST
    chroma = spectra.chroma / np.maximum(spectra.chroma.sum(axis=0), 1e-12)
    # A pause has no harmony, rather than that of its noise.
    return np.concatenate([timbre, np.where(sounds, chroma, 1 / 12), loudness[None]]).T.astype(np.float64)


def pooled(values: Floats, length: int) -> Floats:
    """Means of so many rows each; what is left at the end counts with the last."""
    count = max(1, len(values) // length)
    starts = np.arange(count) * length
    lengths = np.diff(np.append(starts, len(values)))
    return np.add.reduceat(values, starts, axis=0) / lengths[:, None]


def standardised(values: Floats) -> Floats:
    """(n, 25) scaled so that squared distances are 1 on average where the recording varies."""
    std = np.maximum(values.std(axis=0), _LEAST_STD)
    return (values - values.mean(axis=0)) / std * np.sqrt(_WEIGHTS / (2 * _WEIGHTS.sum()))


def _checkerboard(features: Floats, border: int, half: int) -> float:
    first, last = max(0, border - half), min(len(features), border + half)
    near = features[first:last]
    away = np.arange(first, last) + 0.5 - border  # in steps, negative before the border
    weight = np.exp(-0.5 * (away / (0.4 * half)) ** 2)
    squared = np.square(near[:, None] - near[None]).sum(axis=2)
    similar = np.exp(-squared)
    pair = weight[:, None] * weight
    same = np.sign(away)[:, None] * np.sign(away) > 0
    # What a moment has in common with itself says nothing.
    inside = same & ~np.eye(len(near), dtype=bool)
    across = ~same
    return float((pair * similar)[inside].sum() / pair[inside].sum()) - float(
        (pair * similar)[across].sum() / pair[across].sum()
    )


def _peaks(times: Floats, novelty: Floats, duration: float, least: float) -> list[int]:
    """Peaks from the highest down, so far apart that no section is too short."""
    taken: list[int] = []
    for index in np.argsort(-novelty, kind="stable"):
        if novelty[index] < least:
            break
        around = novelty[max(0, index - 1) : index + 2]
        others = [0.0, duration, *(times[each] for each in taken)]
        if novelty[index] >= around.max() and all(
            abs(times[index] - other) >= SHORTEST_SECTION - STEP / 2 for other in others
        ):
            taken.append(int(index))
    return taken


def _located(features: Floats, onset_strength: Floats, peak: float, novelty: float) -> Boundary:
    """Fit steps and ramps to how far the sound has come from what was before to what is after.

    A step is at an onset, since something new begins with one.
    """
    middle = round(peak * FRAME_RATE)
    seen, searched, apart = (round(each * FRAME_RATE) for each in (_SEEN, _SEARCHED, _APART))
    first, last = max(0, middle - seen), min(len(features), middle + seen)
    near = features[first:last]
    before = near[: max(1, middle - apart - first)].mean(axis=0)
    after = near[min(middle + apart - first, len(near) - 1) :].mean(axis=0)
    way = after - before
    come = (near - before) @ way / max(float(way @ way), 1e-12)  # 0 before, 1 after
    away = np.arange(first, last)
    around = range(max(first + 1, middle - searched), min(last - 1, middle + searched))
    strongest = max(float(onset_strength[around].max()), 1e-12)
    fits: list[tuple[float, int, float]] = []
    for frame in around:
        share = float(onset_strength[frame]) / strongest
        if share > _LEAST_ONSET and share * strongest >= onset_strength[max(0, frame - 2) : frame + 3].max():
            error = float(np.square(come - (away >= frame)).mean())
            fits.append((error * (1 - _ONSET * share), frame, 0.0))
        for width in _WIDTHS:
            ramp = np.clip((away - frame) / FRAME_RATE / width + 0.5, 0, 1)
            fits.append((float(np.square(come - ramp).mean()) * _SUDDEN, frame, width))
    _, frame, width = min(fits, default=(0.0, middle, 0.0))
    return Boundary(frame / FRAME_RATE, novelty, width)
