"""Cross-modal feature matching."""

from typing import Any

from torch import Tensor

from va_space.training.space import losses
from va_space.training.space.losses import Weighting
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class CrossModalFeatureMatching(ReducedLoss):
    """See :func:`va_space.training.space.losses.cross_modal_feature_matching`; one element per pair."""

    def __init__(
        self, sigma: float, margin: float = 0.5, weighting: Weighting = "similarity", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = {"sigma": sigma, "margin": margin, "weighting": weighting}

    def forward(self, pictures: Tensor, music: Tensor, va_pictures: Tensor, va_music: Tensor) -> Tensor:
        """Features (n, d) and labels (n, 2) of n pairs to a scalar."""
        per_pair = losses.cross_modal_feature_matching(
            pictures, music, va_pictures, va_music, reduction="none", **self.options
        )
        return self.reduce(per_pair, pictures)


@TERMS.register("cfm")
def cfm(options: TermOptions) -> Term:
    """The term of both modalities."""
    loss = CrossModalFeatureMatching(options.sigma, options.margin, options.weighting)
    return Term(loss, ("pictures", "music", "va_pictures", "va_music"))
