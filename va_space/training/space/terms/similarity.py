"""Predicted similarity of all pairs."""

from typing import Any

from torch import Tensor

from va_space.training.space import losses
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class SimilarityLoss(ReducedLoss):
    """See :func:`va_space.training.space.losses.similarity_loss`; one element per picture."""

    def __init__(self, sigma: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sigma = sigma

    def forward(self, predicted: Tensor, va_pictures: Tensor, va_music: Tensor) -> Tensor:
        """Predicted similarity (n, m) and labels (n, 2), (m, 2) to a scalar."""
        per_picture = losses.similarity_loss(predicted, va_pictures, va_music, self.sigma, reduction="none")
        return self.reduce(per_picture, predicted)


@TERMS.register("similarity")
def similarity(options: TermOptions) -> Term:
    """The term of all pairs."""
    return Term(SimilarityLoss(options.sigma), ("predicted_similarity", "va_pictures", "va_music"))
