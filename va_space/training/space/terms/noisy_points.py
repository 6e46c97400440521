"""Predicted valence-arousal where only the quadrant is known, and a noisy source of points beside it."""

import torch
from torch import Tensor

from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class NoisyPointLoss(ReducedLoss):
    """Mean squared error of the coordinates that are known; one element per row."""

    def forward(self, predicted: Tensor, va: Tensor) -> Tensor:
        """Predicted (n, 2) and noisy (n, 2) valence and arousal, nan where unknown, to a scalar."""
        apart = torch.where(va.isnan(), 0.0, predicted - va.nan_to_num())
        return self.reduce(apart.square().mean(dim=1), predicted)


@TERMS.register("noisy_points")
def noisy_points(options: TermOptions) -> Term:
    """The term of :func:`va_space.training.space.noisy_points.noisy_points`."""
    return Term(NoisyPointLoss(), ("predicted_va_quadrant", "noisy_va"), optional=True)
