"""Predicted valence-arousal where only the quadrant is known."""

from typing import Any

from torch import Tensor

from va_space.training.space import losses
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class QuadrantLoss(ReducedLoss):
    """See :func:`va_space.training.space.losses.quadrant_loss`; one element per row."""

    def __init__(self, margin: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def forward(self, predicted: Tensor, quadrants: Tensor) -> Tensor:
        """Predicted valence and arousal (n, 2) and quadrants (n,) 1-4 to a scalar."""
        per_row = losses.quadrant_loss(predicted, quadrants, self.margin, reduction="none")
        return self.reduce(per_row, predicted)


@TERMS.register("quadrant")
def quadrant(options: TermOptions) -> Term:
    """The term of music of which only the quadrant is known; not every batch has some."""
    loss = QuadrantLoss(options.quadrant_margin)
    return Term(loss, ("predicted_va_quadrant", "quadrants"), optional=True)
