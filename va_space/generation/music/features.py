"""What a score is like, in numbers: what the symbolic judge reads, and what makes music degenerate.

A passage is an array of notes, (n, 4): onset and length in seconds, pitch in semitones, velocity 1-127; see
:func:`va_space.datasets.score.read_notes`.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from va_space.datasets.score import MAJOR_PROFILE, MINOR_PROFILE, Notes

FloatArray = NDArray[np.float64]

TOGETHER = 0.035  # seconds between onsets that are one chord
FEWEST_NOTES = 6
_DEGREES = ("tonic", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
_INTERVALS = ("octave", "m2", "M2", "m3", "M3", "P4", "tritone", "P5", "m6", "M6", "m7", "M7")
# How rough each interval is within an octave, after Malmberg 1918 as Krumhansl 1990 prints it, scaled to 0-1.
_ROUGHNESS = np.array([0.0, 1.0, 0.72, 0.35, 0.25, 0.22, 0.62, 0.05, 0.38, 0.28, 0.55, 0.85])

NAMES: tuple[str, ...] = (
    "notes a second",
    "polyphony",
    "onset gap",
    "onset variation",
    "velocity",
    "velocity spread",
    "pitch",
    "pitch spread",
    "bass",
    "top",
    "key clarity",
    "major less minor",
    "pitch-class entropy",
    "chord share",
    "chord size",
    "dissonance",
    "length",
    "staccato",
    "low share",
    "high share",
    "melodic step",
    "melodic rise",
    "repeated notes",
    *(f"degree {name}" for name in _DEGREES),
    *(f"interval {name}" for name in _INTERVALS),
)
"""Names of the features, in the order of :func:`score_features`."""


def key_of(notes: Notes) -> tuple[int, bool, float, float]:
    """The key that fits best, by correlation with Krumhansl's profiles.

    Args:
        notes: (n, 4), at least one note.

    Returns:
        Tonic as a pitch class 0-11 from C; whether it is major; how well it fits (-1 to 1); by how much the
        best major key fits better than the best minor one.
    """
    chroma = np.bincount(
        notes[:, 2].astype(np.int64) % 12, weights=np.minimum(notes[:, 1], 2) + 0.05, minlength=12
    )
    centred = chroma - chroma.mean()
    norm = np.sqrt(np.square(centred).sum()) or 1.0
    fits = _KEY_PROFILES @ (centred / norm)  # (24,)
    best = int(fits.argmax())
    return best % 12, best < 12, float(fits[best]), float(fits[:12].max() - fits[12:].max())


def _profiles() -> FloatArray:
    rows = np.array(
        [np.roll(profile, key) for profile in (MAJOR_PROFILE, MINOR_PROFILE) for key in range(12)]
    )
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.sqrt(np.square(rows).sum(axis=1, keepdims=True))


_KEY_PROFILES = _profiles()


def onset_groups(notes: Notes) -> tuple[FloatArray, NDArray[np.int64]]:
    """Onsets that are one chord, together: (g,) their times, and (n,) the group of each note, by onset."""
    onset = notes[:, 0]
    starts = np.concatenate([[True], np.diff(onset) > TOGETHER])
    return onset[starts], np.cumsum(starts) - 1


def onset_variation(notes: Notes) -> float:
    """Coefficient of variation of the time between successive onsets; chords count once."""
    times, _ = onset_groups(notes)
    gaps = np.diff(times)
    gaps = gaps[gaps < 3]
    return float(gaps.std() / gaps.mean()) if len(gaps) > 1 else 0.0


def score_features(notes: Notes, seconds: float) -> FloatArray | None:
    """Describe a passage.

    Args:
        notes: (n, 4), sorted by onset.
        seconds: Length of the passage, > 0.

    Returns:
        (len(NAMES),) features; None if there are fewer than six notes.
    """
    if len(notes) < FEWEST_NOTES:
        return None
    onset, length, pitch, velocity = notes.T
    times, group = onset_groups(notes)
    sizes = np.bincount(group)
    gaps = np.diff(times) if len(times) > 1 else np.array([seconds])
    classes = pitch.astype(np.int64) % 12
    tonic, _, clarity, brightness = key_of(notes)
    weights = np.minimum(length, 2) + 0.05
    degrees = np.bincount((classes - tonic) % 12, weights=weights, minlength=12) / weights.sum()
    shares = degrees[degrees > 0]
    intervals = _sounding_intervals(notes)
    top = np.full(len(times), -1.0)
    np.maximum.at(top, group, pitch)
    steps = np.diff(top)
    following = np.append(times[1:], times[-1] + gaps[-1])[group] - onset
    low, middle, high = np.percentile(pitch, (10, 50, 90))
    general = [
        np.log(len(onset) / seconds),
        np.log(length.sum() / seconds + 0.1),
        np.log(gaps.mean() + 0.02),
        onset_variation(notes),
        velocity.mean() / 127,
        velocity.std() / 127,
        middle / 12,
        pitch.std() / 12,
        low / 12,
        high / 12,
        clarity,
        brightness,
        -(shares * np.log(shares)).sum(),
        (sizes > 1).mean(),
        np.log(sizes.mean()),
        intervals @ _ROUGHNESS,
        np.log(length.mean() + 0.02),
        (length < 0.6 * following).mean(),
        (pitch < 48).mean(),
        (pitch > 83).mean(),
        np.log(np.abs(steps).mean() + 0.5) if len(steps) else 0.0,
        (steps > 0).sum() / max(1, (steps != 0).sum()),
        (steps == 0).mean() if len(steps) else 0.0,
    ]
    return np.concatenate([general, degrees, intervals])


def _sounding_intervals(notes: Notes) -> FloatArray:
    """(12,) shares of intervals, modulo the octave, of notes that sound while another begins."""
    onset, length, pitch = notes[:, 0], notes[:, 1], notes[:, 2].astype(np.int64)
    counts = np.zeros(12)
    for back in range(1, min(8, len(notes))):  # the few notes before each are nearly all that still sound
        still = onset[:-back] + length[:-back] > onset[back:] + 0.5 * TOGETHER
        counts += np.bincount((np.abs(pitch[back:] - pitch[:-back]) % 12)[still], minlength=12)
    return counts / max(1.0, counts.sum())


def summary(notes: Notes, seconds: float) -> Mapping[str, float]:
    """The features that people know, in their own units.

    Args:
        notes: (n, 4), at least six.
        seconds: Length of the passage.

    Returns:
        ``key clarity`` (-1 to 1), ``pitch-class entropy`` (nats), ``polyphony`` (notes at once),
        ``onset variation`` (coefficient of variation), ``dissonance`` (0-1), ``notes a second``.
    """
    features = score_features(notes, seconds)
    if features is None:
        raise ValueError("too few notes to describe")
    value = dict(zip(NAMES, features.tolist(), strict=True))
    return {
        "key clarity": value["key clarity"],
        "pitch-class entropy": value["pitch-class entropy"],
        "polyphony": float(notes[:, 1].sum() / seconds),
        "onset variation": value["onset variation"],
        "dissonance": value["dissonance"],
        "notes a second": len(notes) / seconds,
    }
