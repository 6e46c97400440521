"""Pairs of pictures and music whose emotional similarity covers its whole range evenly (as in IMEMNet)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Pairs(NamedTuple):
    """Pairs as three arrays of the same length.

    Attributes:
        picture: (pairs,) index of the picture, int64.
        music: (pairs,) index of the music, int64.
        similarity: (pairs,) emotional similarity S in [0, 1], float32.
    """

    picture: NDArray[np.int64]
    music: NDArray[np.int64]
    similarity: NDArray[np.float32]


def make_pairs(
    va_pictures: ArrayLike, va_music: ArrayLike, sigma: float, count: int, seed: int, *, bins: int = 20
) -> Pairs:
    """Choose pairs so that S = exp(-distance / sigma) is spread evenly over equal bins of [0, 1].

    All pictures are used equally often (the numbers differ by one at most). Each pick of a picture goes to
    the bin that is emptiest so far among those the picture can reach, and there to the music that has been
    used least. Bins that the labels hardly reach stay smaller. No pair is chosen twice. Memory is O(n + m),
    so that any picture set can meet any music set.

    Args:
        va_pictures: (n, 2) valence and arousal in [0, 1].
        va_music: (m, 2) likewise.
        sigma: Scale of the distance, > 0; see :func:`va_space.emotion.plane.mean_distance`.
        count: Number of pairs, at most n * m.
        seed: Same seed, same pairs.
        bins: Number of bins.

    Returns:
        The pairs, in random order.

    Raises:
        ValueError: `count` is more than n * m or less than 1, or `sigma` is not positive.

    Example:
        >>> pairs = make_pairs([(0.1, 0.2), (0.9, 0.8)], [(0.2, 0.2), (0.8, 0.9)], sigma=0.4, count=2, seed=0)
        >>> sorted(zip(pairs.picture.tolist(), pairs.music.tolist()))
        [(0, 1), (1, 1)]
    """
    pictures, music = np.asarray(va_pictures, dtype=np.float64), np.asarray(va_music, dtype=np.float64)
    n, m = len(pictures), len(music)
    if not 1 <= count <= n * m:
        raise ValueError(f"{count} pairs of {n} pictures and {m} tracks: must be 1 to {n * m}")
    if sigma <= 0:
        raise ValueError(f"sigma {sigma} must be positive")
    generator = np.random.default_rng(seed)
    order = generator.permutation(n)
    filled, used = np.zeros(bins + 1, dtype=np.int64), np.zeros(m, dtype=np.int64)
    filled[bins] = np.iinfo(np.int64).max  # where a picture's tracks go once it has them
    rows, columns, values = [], [], []
    for place, row in enumerate(order):
        similarity = np.exp(-np.linalg.norm(music - pictures[row], axis=1) / sigma)  # (m,)
        bin_of = np.minimum((similarity * bins).astype(np.int64), bins - 1)  # (m,)
        for _ in range(count // n + (place < count % n)):
            emptiest = np.flatnonzero(filled[bin_of] == filled[bin_of].min())
            least = emptiest[used[emptiest] == used[emptiest].min()]
            column = generator.choice(least)
            filled[bin_of[column]] += 1
            bin_of[column] = bins
            used[column] += 1
            rows.append(row)
            columns.append(column)
            values.append(similarity[column])
    shuffled = generator.permutation(count)
    return Pairs(
        np.array(rows, dtype=np.int64)[shuffled],
        np.array(columns, dtype=np.int64)[shuffled],
        np.array(values, dtype=np.float32)[shuffled],
    )
