"""Kernel ridge regression on frozen features: a smooth teacher for heads that few labels would overfit."""

import torch
from torch import Generator, Tensor

from va_space.emotion.plane import NEUTRAL

# How far from neutral a quadrant lies for the teacher: about as far as people's mean ratings of music do.
_HALF = 0.15


class KernelTeacher:
    """Valence and arousal of features by kernel ridge regression on labelled ones.

    The kernel is exp(-width * d^2), with d^2 the mean squared difference of standardised features. It answers
    for any features, so that a head can learn its function from mixtures as well.

    Args:
        features: (n, d) features that were labelled.
        va: (n, 2) their valence and arousal in [0, 1].
        width: Of the kernel, > 0: larger is more local.
        ridge: Added to the kernel's diagonal, > 0: larger is smoother.
    """

    def __init__(self, features: Tensor, va: Tensor, *, width: float, ridge: float) -> None:
        self.width = width
        self._mean, self._std = features.mean(dim=0), features.std(dim=0) + 1e-4
        self._centres = self._standardised(features)
        kernel = self._kernel(self._centres).double()
        kernel.diagonal().add_(ridge)
        self._weights = torch.linalg.solve(kernel, va.double() - NEUTRAL).float()  # (n, 2)

    def __call__(self, features: Tensor) -> Tensor:
        """(m, d) features to (m, 2) valence and arousal in [0, 1]."""
        return (NEUTRAL + self._kernel(self._standardised(features)) @ self._weights).clamp(0, 1)

    def _standardised(self, features: Tensor) -> Tensor:
        return (features - self._mean) / self._std / features.shape[1] ** 0.5

    def _kernel(self, features: Tensor) -> Tensor:
        apart = torch.cdist(features, self._centres, compute_mode="use_mm_for_euclid_dist")  # (m, n)
        return torch.exp(-self.width * apart.square())


def quadrant_points(quadrants: Tensor) -> Tensor:
    """A point in each quadrant (n,) 1-4, as (n, 2) valence and arousal."""
    high = torch.stack([(quadrants == 1) | (quadrants == 4), quadrants <= 2], dim=1)
    return NEUTRAL + _HALF * (2 * high.float() - 1)


def mixed(first: Tensor, second: Tensor, rng: Generator) -> Tensor:
    """Points between pairs of rows (n, d), half of them the first row itself."""
    share = torch.rand(len(first), 1, generator=rng) * torch.randint(2, (len(first), 1), generator=rng)
    return torch.lerp(first, second, share)
