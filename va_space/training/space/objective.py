"""What training minimises: the weighted sum of all losses, with every term kept for the log."""

import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from va_space.training.space.loss_modules import (
    CrossModalFeatureMatching,
    CrossModalFeatureRatio,
    QuadrantLoss,
    SimilarityLoss,
    SingleModalFeatureRatio,
    ValenceArousalLoss,
    ViewConsistencyLoss,
    VoteOrderLoss,
)
from va_space.training.space.losses import FLOOR, Sign, Weighting


@dataclass(frozen=True)
class ObjectiveWeights:
    """Weight of each term in the total, >= 0; a term of weight 0 is not computed.

    Attributes:
        cfr: Cross-modal feature ratio.
        cfm: Cross-modal feature matching.
        sfr_pictures: Single-modal feature ratio of the pictures.
        sfr_music: The same of the music.
        similarity: Predicted similarity of all pairs.
        va_pictures: Predicted valence-arousal of the pictures.
        va_music: The same of the music.
        quadrant: Predicted valence-arousal where only the quadrant is known.
        consistency: Two views of the same picture are the same vector.
        votes: Order of tracks by listeners' votes for feelings, read off the music by an auxiliary linear layer.
    """

    cfr: float = 1.0
    cfm: float = 1.0
    sfr_pictures: float = 1.0
    sfr_music: float = 1.0
    similarity: float = 1.0
    va_pictures: float = 1.0
    va_music: float = 1.0
    quadrant: float = 1.0
    consistency: float = 0.0
    votes: float = 0.0


class VASpaceObjective(nn.Module):
    """L = CFR + CFM + SFR_I + SFR_M + SIM + VA_I + VA_M (+ quadrants, consistency, votes), each with its weight.

    Args:
        sigma: Scale of S, > 0: the mean distance over all picture-music combinations of the training set.
        weights: Weight of each term.
        margin: Distance at which a pair is near enough, for CFM.
        sign: Sign of CFR; "printed" is the paper's equation.
        weighting: What weighs the pairs in CFM; "none" is the paper's.
        floor: Lower bound of every squared distance before its logarithm.
        sampled: None for all triplets, or how many to draw for each anchor, as the paper does.
        quadrant_margin: How far beyond neutral a prediction has to be where only the quadrant is known.

    Raises:
        ValueError: A weight that is negative or not finite, or all of them 0; an option out of its range that
            a term with a weight uses.
    """

    def __init__(
        self,
        sigma: float,
        weights: ObjectiveWeights | None = None,
        *,
        margin: float = 0.5,
        sign: Sign = "inverse",
        weighting: Weighting = "similarity",
        floor: float = FLOOR,
        sampled: int | None = None,
        quadrant_margin: float = 0.0,
    ) -> None:
        super().__init__()
        self.weights: dict[str, float] = dataclasses.asdict(weights or ObjectiveWeights())
        wrong = {name: w for name, w in self.weights.items() if not 0 <= w < math.inf}
        if wrong or not any(self.weights.values()):
            raise ValueError(f"weights must be finite, not negative, and not all 0: {wrong or self.weights}")
        self.cfr = CrossModalFeatureRatio(sigma, sign, floor, sampled)
        self.cfm = CrossModalFeatureMatching(sigma, margin, weighting)
        self.sfr = SingleModalFeatureRatio(floor, sampled)
        self.similarity = SimilarityLoss(sigma)
        self.valence_arousal = ValenceArousalLoss()
        self.quadrant = QuadrantLoss(quadrant_margin)
        self.consistency = ViewConsistencyLoss()
        self.votes = VoteOrderLoss()
        # A wrong option is found here, not after the data have been read.
        with torch.no_grad():
            self(
                *[torch.zeros(2, 2)] * 8,
                torch.ones(2, dtype=torch.int64),
                torch.zeros(2, 2),
                *[torch.zeros(2, 2)] * 2,
                torch.Generator(),
            )

    def forward(
        self,
        pictures: Tensor,
        music: Tensor,
        va_pictures: Tensor,
        va_music: Tensor,
        predicted_va_pictures: Tensor | None = None,
        predicted_va_music: Tensor | None = None,
        predicted_similarity: Tensor | None = None,
        predicted_va_quadrant: Tensor | None = None,
        quadrants: Tensor | None = None,
        pictures_again: Tensor | None = None,
        predicted_votes: Tensor | None = None,
        votes: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """Compute every term on the global batch (see :mod:`va_space.training.engine.distributed`).

        Args:
            pictures: (n, d) features; row i of pictures and music are a pair. n >= 2 for the ratio losses.
            music: (n, d) features.
            va_pictures: (n, 2) labels in [0, 1].
            va_music: (n, 2) labels in [0, 1].
            predicted_va_pictures: (n, 2) in [0, 1].
            predicted_va_music: (n, 2) in [0, 1].
            predicted_similarity: (n, n) in [0, 1], every picture with every track.
            predicted_va_quadrant: (q, 2) in [0, 1], for items of which only the quadrant is known.
            quadrants: (q,) integers 1-4.
            pictures_again: (n, d) features of another view of each picture.
            predicted_votes: (v, feelings) scores of music whose listeners voted.
            votes: (v, feelings) shares of listeners in [0, 1].
            generator: Source of the draws when ``sampled``; must be in the same state in all processes.

        Returns:
            Every computed term without its weight, by its name in :class:`ObjectiveWeights`, and the weighted
            sum as "total". The quadrant term is left out of a batch that has no quadrants, the votes' of one without.

        Raises:
            ValueError: A prediction is missing whose term has a weight, or shapes do not fit together.
        """
        given = {
            "cfr": (self.cfr, (pictures, music, va_pictures, va_music, generator)),
            "cfm": (self.cfm, (pictures, music, va_pictures, va_music)),
            "sfr_pictures": (self.sfr, (pictures, va_pictures, generator)),
            "sfr_music": (self.sfr, (music, va_music, generator)),
            "similarity": (self.similarity, (predicted_similarity, va_pictures, va_music)),
            "va_pictures": (self.valence_arousal, (predicted_va_pictures, va_pictures)),
            "va_music": (self.valence_arousal, (predicted_va_music, va_music)),
            "quadrant": (self.quadrant, (predicted_va_quadrant, quadrants)),
            "consistency": (self.consistency, (pictures_again, pictures)),
            "votes": (self.votes, (predicted_votes, votes)),
        }
        terms: dict[str, Tensor] = {}
        for name, (loss, inputs) in given.items():
            absent = (name == "quadrant" and quadrants is None) or (name == "votes" and votes is None)
            if not self.weights[name] or absent:
                continue
            if inputs[0] is None:
                raise ValueError(
                    f"the term {name!r} has weight {self.weights[name]}, but its prediction is missing"
                )
            terms[name] = loss(*inputs)
        if not terms:
            raise ValueError("only quadrants have a weight, and this batch has none")
        terms["total"] = torch.stack([self.weights[name] * term for name, term in terms.items()]).sum()
        return terms
