"""Valence and arousal: scales, quadrants, distance and similarity.

A feeling is the pair (valence, arousal), in this order, each in [0, 1] with 0.5 neutral.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

NEUTRAL = 0.5


@dataclass(frozen=True)
class Scale:
    """A source's own rating scale, and the way from it to [0, 1] and back.

    Attributes:
        low: The rating that means lowest valence or arousal.
        high: The rating that means highest.
    """

    low: float
    high: float

    def to_unit(self, rating: ArrayLike) -> NDArray[np.float64]:
        """Convert ratings of any shape to [0, 1].

        Raises:
            ValueError: A rating lies outside the scale, so the scale is the wrong one.

        Example:
            >>> Scale(1, 9).to_unit([1, 5, 9])
            array([0. , 0.5, 1. ])
        """
        values = np.asarray(rating, dtype=np.float64)
        if values.size and not (values.min() >= self.low and values.max() <= self.high):
            raise ValueError(f"ratings {values.min()}..{values.max()} are outside {self.low}..{self.high}")
        return (values - self.low) / (self.high - self.low)

    def from_unit(self, value: ArrayLike) -> NDArray[np.float64]:
        """Convert values in [0, 1], of any shape, to ratings on this scale."""
        return np.asarray(value, dtype=np.float64) * (self.high - self.low) + self.low


def quadrant(va: ArrayLike) -> NDArray[np.int64]:
    """Quadrant 1-4 of each point: 1 is v+ a+, 2 is v- a+, 3 is v- a-, 4 is v+ a-.

    A coordinate of exactly 0.5 counts as positive.

    Args:
        va: (..., 2) valence and arousal in [0, 1].

    Returns:
        (...) integers.

    Example:
        >>> quadrant([(0.9, 0.8), (0.1, 0.2)])
        array([1, 3])
    """
    points = np.asarray(va, dtype=np.float64)
    pleasant, aroused = points[..., 0] >= NEUTRAL, points[..., 1] >= NEUTRAL
    return np.where(aroused, np.where(pleasant, 1, 2), np.where(pleasant, 4, 3)).astype(np.int64)


def quadrant_bounds(number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """The intervals ((valence low, high), (arousal low, high)) that a quadrant stands for."""
    low, high = (0.0, NEUTRAL), (NEUTRAL, 1.0)
    return {1: (high, high), 2: (low, high), 3: (low, low), 4: (high, low)}[number]


def distance(va_a: Tensor, va_b: Tensor) -> Tensor:
    """Euclidean distance of every pair of points.

    Args:
        va_a: (n, 2) valence and arousal in [0, 1].
        va_b: (m, 2) likewise.

    Returns:
        (n, m) in [0, sqrt(2)].
    """
    return torch.linalg.vector_norm(va_a[:, None, :] - va_b[None, :, :], dim=-1)


def similarity(va_a: Tensor, va_b: Tensor, sigma: float) -> Tensor:
    """Emotional similarity S = exp(-||y_a - y_b|| / sigma) of every pair (Zhao et al. 2020).

    Args:
        va_a: (n, 2) valence and arousal in [0, 1].
        va_b: (m, 2) likewise.
        sigma: Scale of the distance, > 0; see :func:`mean_distance`.

    Returns:
        (n, m) in (0, 1].

    Example:
        >>> happy, sad = torch.tensor([[0.9, 0.7]]), torch.tensor([[0.1, 0.3]])
        >>> similarity(happy, torch.cat([happy, sad]), sigma=0.4)
        tensor([[1.0000, 0.1069]])
    """
    return torch.exp(-distance(va_a, va_b) / sigma)


def mean_distance(va_a: Tensor, va_b: Tensor) -> float:
    """Mean distance over all combinations: the sigma of a training set of n pictures and m tracks."""
    return float(distance(va_a.double(), va_b.double()).mean())
