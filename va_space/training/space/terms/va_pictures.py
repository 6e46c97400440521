"""Predicted valence-arousal, and its term for pictures."""

from torch import Tensor

from va_space.training.space import losses
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class ValenceArousalLoss(ReducedLoss):
    """See :func:`va_space.training.space.losses.valence_arousal_loss`; one element per row."""

    def forward(self, predicted: Tensor, va: Tensor) -> Tensor:
        """Predicted (n, 2) and labelled (n, 2) valence and arousal to a scalar."""
        return self.reduce(losses.valence_arousal_loss(predicted, va, reduction="none"), predicted)


@TERMS.register("va_pictures")
def va_pictures(options: TermOptions) -> Term:
    """The term of the pictures."""
    return Term(ValenceArousalLoss(), ("predicted_va_pictures", "va_pictures"))
