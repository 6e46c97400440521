"""The key of a recording, by profiles of how common each step of a key is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from va_space.generation.music.theory import Key

# Bellman 2005 ("About the determination of key of a musical excerpt"), after the chords that Budge 1943
# counted in compositions, in percent. Krumhansl's profiles, which come from listeners, take a fifth for the
# tonic more often.
_MAJOR = (16.80, 0.86, 12.95, 1.41, 13.49, 11.93, 1.25, 20.28, 1.80, 8.04, 0.62, 10.57)
_MINOR = (18.16, 0.69, 12.99, 13.34, 1.07, 11.15, 1.38, 21.07, 7.49, 1.53, 0.92, 10.21)

LEAST_MARGIN = 0.1
"""By how much the fit of the best key exceeds the next one's where the key is clear (docs/tags.md)."""
LEAST_FIT = 0.4
"""Correlation with the profile of the best key below which there is none."""
LEAST_CONTRAST = 0.12
"""Coefficient of variation of the pitch classes below which they are alike, as in noise."""


@dataclass(frozen=True)
class KeyFit:
    """The key that fits best.

    Attributes:
        key: It.
        margin: By how much its correlation exceeds that of the next.
        second: The next.
    """

    key: Key
    margin: float
    second: Key


def find_key(chroma: NDArray[np.floating]) -> KeyFit | None:
    """The major or minor key that fits best, by correlation with the profiles of all.

    Args:
        chroma: (12,) how strong the pitch classes are, from C; tuned to 440 Hz.

    Returns:
        None if none fits, as in silence, noise and drums.

    >>> found = find_key(np.array([5, 0, 2, 0, 3, 2, 0, 4, 0, 2, 0, 1.0]))
    >>> found.key.name, found.second.name, round(found.margin, 2)
    ('C major', 'F major', 0.14)
    >>> find_key(np.ones(12)) is None
    True
    """
    mean = float(chroma.mean())
    if mean <= 0 or float(chroma.std()) < LEAST_CONTRAST * mean:
        return None
    fits = {
        Key(tonic, mode): float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1])
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    }
    best, second = sorted(fits, key=lambda key: -fits[key])[:2]
    return KeyFit(best, fits[best] - fits[second], second) if fits[best] >= LEAST_FIT else None
