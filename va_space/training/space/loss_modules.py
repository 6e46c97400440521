"""The losses of :mod:`va_space.training.space.losses` as modules with pytorch-metric-learning's reducers.

Any reducer of that library that works on single elements can be given (say ``AvgNonZeroReducer`` for the
hinges); the default is the mean, as in the functions. Its distances and loss classes do not fit: the former
are float32 matrix products, which cancel for close unit vectors, and the latter want labels that are classes,
while ours are points.
"""

from typing import Any

import torch
from torch import Tensor

from va_space.errors import MissingExtraError
from va_space.training.space import losses
from va_space.training.space.losses import FLOOR, Sign, Weighting

try:
    from pytorch_metric_learning.utils.module_with_records_and_reducer import ModuleWithRecordsAndReducer
except ImportError as error:
    raise MissingExtraError("training", "train") from error


class _ReducedLoss(ModuleWithRecordsAndReducer):
    def _reduce(self, per_row: Tensor, embeddings: Tensor) -> Tensor:
        rows = torch.arange(len(per_row), device=per_row.device)
        entry = {"losses": per_row, "indices": rows, "reduction_type": "element"}
        return self.reducer({"loss": entry}, embeddings, None)


class CrossModalFeatureRatio(_ReducedLoss):
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
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Features (n, d) and labels (n, 2) of n >= 2 pairs to a scalar."""
        per_pair = losses.cross_modal_feature_ratio(
            pictures, music, va_pictures, va_music, generator=generator, reduction="none", **self.options
        )
        return self._reduce(per_pair, pictures)


class CrossModalFeatureMatching(_ReducedLoss):
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
        return self._reduce(per_pair, pictures)


class SingleModalFeatureRatio(_ReducedLoss):
    """See :func:`va_space.training.space.losses.single_modal_feature_ratio`; one element per anchor."""

    def __init__(self, floor: float = FLOOR, sampled: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = {"floor": floor, "sampled": sampled}

    def forward(self, features: Tensor, va: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Features (n, d) and labels (n, 2) of n >= 2 items of one modality to a scalar."""
        per_anchor = losses.single_modal_feature_ratio(
            features, va, generator=generator, reduction="none", **self.options
        )
        return self._reduce(per_anchor, features)


class SimilarityLoss(_ReducedLoss):
    """See :func:`va_space.training.space.losses.similarity_loss`; one element per picture."""

    def __init__(self, sigma: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sigma = sigma

    def forward(self, predicted: Tensor, va_pictures: Tensor, va_music: Tensor) -> Tensor:
        """Predicted similarity (n, m) and labels (n, 2), (m, 2) to a scalar."""
        per_picture = losses.similarity_loss(predicted, va_pictures, va_music, self.sigma, reduction="none")
        return self._reduce(per_picture, predicted)


class ValenceArousalLoss(_ReducedLoss):
    """See :func:`va_space.training.space.losses.valence_arousal_loss`; one element per row."""

    def forward(self, predicted: Tensor, va: Tensor) -> Tensor:
        """Predicted (n, 2) and labelled (n, 2) valence and arousal to a scalar."""
        return self._reduce(losses.valence_arousal_loss(predicted, va, reduction="none"), predicted)


class QuadrantLoss(_ReducedLoss):
    """See :func:`va_space.training.space.losses.quadrant_loss`; one element per row."""

    def __init__(self, margin: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def forward(self, predicted: Tensor, quadrants: Tensor) -> Tensor:
        """Predicted valence and arousal (n, 2) and quadrants (n,) 1-4 to a scalar."""
        per_row = losses.quadrant_loss(predicted, quadrants, self.margin, reduction="none")
        return self._reduce(per_row, predicted)


class ViewConsistencyLoss(_ReducedLoss):
    """See :func:`va_space.training.space.losses.view_consistency`; one element per row."""

    def forward(self, again: Tensor, features: Tensor) -> Tensor:
        """Features (n, d) of two views of the same n items to a scalar."""
        return self._reduce(losses.view_consistency(features, again, reduction="none"), features)


class VoteOrderLoss(_ReducedLoss):
    """See :func:`va_space.training.space.losses.vote_order_loss`; one element per feeling."""

    def forward(self, scores: Tensor, votes: Tensor) -> Tensor:
        """Scores and shares of listeners (n, feelings) of n >= 2 tracks to a scalar."""
        return self._reduce(losses.vote_order_loss(scores, votes, reduction="none"), scores)
