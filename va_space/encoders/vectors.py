"""Vectors of the space as arrays: rows of unit length."""

import numpy as np
from numpy.typing import NDArray

# NDArray[np.float32], but that its shape is no Any to a type checker.
FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
# Shorter vectors have no direction; they stay as they are instead of being divided by zero.
_SHORTEST = 1e-12


def unit_rows(vectors: NDArray[np.floating]) -> FloatArray:
    """Vectors divided by their length.

    Args:
        vectors: (..., dimension).

    Returns:
        (..., dimension) float32 of length 1; zeros stay zeros.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(length, _SHORTEST)).astype(np.float32)


def normalised_mean(vectors: NDArray[np.floating]) -> FloatArray:
    """The direction that vectors have in common: how windows become the vector of a track.

    Args:
        vectors: (n, dimension), n >= 1; unit vectors weigh the same.

    Returns:
        (dimension,) float32 of length 1; zeros where the vectors cancel out.

    >>> normalised_mean(np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([0.70710677, 0.70710677], dtype=float32)
    """
    return unit_rows(vectors.mean(axis=0))
