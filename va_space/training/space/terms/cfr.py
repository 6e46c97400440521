"""Cross-modal feature ratio."""

from typing import Any

from torch import Generator, Tensor

from va_space.training.space import losses
from va_space.training.space.losses import FLOOR, Sign
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class CrossModalFeatureRatio(ReducedLoss):
    """See :func:`va_space.training.space.losses.cross_modal_feature_ratio`; one element per pair."""

    def __init__(
        self,
        sigma: float,
        sign: Sign = "inverse",
        floor: float = FLOOR,
        sampled: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = {"sigma": sigma, "sign": sign, "floor": floor, "sampled": sampled}

    def forward(
        self,
        pictures: Tensor,
        music: Tensor,
        va_pictures: Tensor,
        va_music: Tensor,
        rng: Generator | None = None,
    ) -> Tensor:
        """Features (n, d) and labels (n, 2) of n >= 2 pairs to a scalar."""
        per_pair = losses.cross_modal_feature_ratio(
            pictures, music, va_pictures, va_music, rng=rng, reduction="none", **self.options
        )
        return self.reduce(per_pair, pictures)


@TERMS.register("cfr")
def cfr(options: TermOptions) -> Term:
    """The term of both modalities."""
    loss = CrossModalFeatureRatio(options.sigma, options.sign, options.floor, options.sampled)
    return Term(loss, ("pictures", "music", "va_pictures", "va_music", "rng"))
