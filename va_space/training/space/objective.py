"""What training minimises: the weighted sum of all losses, with every term kept for the log."""

import math
from collections.abc import Mapping
from dataclasses import fields

import torch
from torch import Tensor, nn

from va_space.training.space.losses import FLOOR, Sign, Weighting
from va_space.training.space.terms import TERMS, ObjectiveBatch, Term, TermOptions

# In the order of the paper's equation, then ours. A term that has no weight here and in the recipe is off.
DEFAULT_WEIGHTS: dict[str, float] = {
    "cfr": 1.0,
    "cfm": 1.0,
    "sfr_pictures": 1.0,
    "sfr_music": 1.0,
    "similarity": 1.0,
    "va_pictures": 1.0,
    "va_music": 1.0,
    "quadrant": 1.0,
    "consistency": 0.0,
    "votes": 0.0,
    "teacher": 0.0,
    "noisy_points": 0.0,
}


class VASpaceObjective(nn.Module):
    """L = CFR + CFM + SFR_I + SFR_M + SIM + VA_I + VA_M (+ quadrants, consistency, votes), with weights.

    Args:
        sigma: Scale of S, > 0: the mean distance over all picture-music combinations of the training set.
        weights: Weight of terms of :data:`va_space.training.space.terms.TERMS`, >= 0; a term of weight 0 is
            not computed. Those not named have their weight of :data:`DEFAULT_WEIGHTS`.
        margin: Distance at which a pair is near enough, for CFM.
        sign: Sign of CFR; "printed" is the paper's equation.
        weighting: What weighs the pairs in CFM; "none" is the paper's.
        floor: Lower bound of every squared distance before its logarithm.
        sampled: None for all triplets, or how many to draw for each anchor, as the paper does.
        quadrant_margin: How far beyond neutral a prediction has to be where only the quadrant is known.

    Attributes:
        weights: Weight of every term that is computed.
        needs: Fields of the batch that these terms take.

    Raises:
        ConfigError: A weight is given for a term that does not exist.
        ValueError: A weight that is negative or not finite, or all of them 0; an option out of its range that
            a term with a weight uses.

    Example:
        >>> objective = VASpaceObjective(0.3, {"cfr": 0.0, "consistency": 2.0})
        >>> "cfr" in objective.weights, objective.weights["consistency"]
        (False, 2.0)
    """

    def __init__(
        self,
        sigma: float,
        weights: Mapping[str, float] | None = None,
        *,
        margin: float = 0.5,
        sign: Sign = "inverse",
        weighting: Weighting = "similarity",
        floor: float = FLOOR,
        sampled: int | None = None,
        quadrant_margin: float = 0.0,
    ) -> None:
        super().__init__()
        given = {**DEFAULT_WEIGHTS, **(weights or {})}
        wrong = {name: w for name, w in given.items() if not 0 <= w < math.inf}
        if wrong or not any(given.values()):
            raise ValueError(f"weights must be finite, not negative, and not all 0: {wrong or given}")
        options = TermOptions(sigma, margin, sign, weighting, floor, sampled, quadrant_margin)
        self.weights = {name: weight for name, weight in given.items() if weight}
        self._terms: dict[str, Term] = {name: TERMS[name](options) for name in self.weights}
        self.losses = nn.ModuleDict({name: term.loss for name, term in self._terms.items()})
        self.needs = frozenset(field for term in self._terms.values() for field in term.fields)
        # A wrong option is found here, not after the data have been read.
        with torch.no_grad():
            self(_zeros())

    def forward(self, batch: ObjectiveBatch) -> dict[str, Tensor]:
        """Compute every term on the global batch.

        Args:
            batch: What terms are computed from.

        Returns:
            Every computed term without its weight, by its name, and the weighted sum as "total". The terms
            of quadrants and of votes are left out of a batch that has none.

        Raises:
            ValueError: A prediction is missing whose term has a weight, or shapes do not fit together.
        """
        terms: dict[str, Tensor] = {}
        for name, term in self._terms.items():
            inputs = {field: getattr(batch, field) for field in term.fields}
            missing = [field for field, value in inputs.items() if value is None and field != "rng"]
            if missing and term.optional:
                continue
            if missing:
                raise ValueError(
                    f"the term {name!r} has weight {self.weights[name]}, but {missing[0]} is missing"
                )
            terms[name] = self.losses[name](*inputs.values())
        if not terms:
            raise ValueError(f"only {', '.join(self._terms)} has a weight, and this batch has none")
        terms["total"] = torch.stack([self.weights[name] * term for name, term in terms.items()]).sum()
        return terms


def _zeros() -> ObjectiveBatch:
    """Two rows of every field."""
    values = {field.name: torch.zeros(2, 2) for field in fields(ObjectiveBatch) if field.name != "rng"}
    quadrants = {"quadrants": torch.ones(2, dtype=torch.int64)}
    return ObjectiveBatch(**{**values, **quadrants}, rng=torch.Generator())
