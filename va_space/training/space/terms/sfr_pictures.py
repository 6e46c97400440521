"""Single-modal feature ratio, and its term for pictures."""

from typing import Any

from torch import Generator, Tensor

from va_space.training.space import losses
from va_space.training.space.losses import FLOOR
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class SingleModalFeatureRatio(ReducedLoss):
    """See :func:`va_space.training.space.losses.single_modal_feature_ratio`; one element per anchor."""

    def __init__(self, floor: float = FLOOR, sampled: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = {"floor": floor, "sampled": sampled}

    def forward(self, features: Tensor, va: Tensor, rng: Generator | None = None) -> Tensor:
        """Features (n, d) and labels (n, 2) of n >= 2 items of one modality to a scalar."""
        per_anchor = losses.single_modal_feature_ratio(
            features, va, rng=rng, reduction="none", **self.options
        )
        return self.reduce(per_anchor, features)


@TERMS.register("sfr_pictures")
def sfr_pictures(options: TermOptions) -> Term:
    """The term of the pictures."""
    loss = SingleModalFeatureRatio(options.floor, options.sampled)
    return Term(loss, ("pictures", "va_pictures", "rng"))
