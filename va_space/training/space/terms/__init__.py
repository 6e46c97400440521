"""The terms of the objective by name: one module here is one loss."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Generator, Tensor, nn

from va_space.registry import Registry
from va_space.training.space.losses import FLOOR, Sign, Weighting


@dataclass(frozen=True)
class ObjectiveBatch:
    """What terms are computed from: the global batch (see :mod:`va_space.training.engine.distributed`).

    Attributes:
        pictures: (n, d) features; row i of pictures and music are a pair. n >= 2 for the ratio losses.
        music: (n, d) features.
        va_pictures: (n, 2) labels in [0, 1].
        va_music: (n, 2) labels in [0, 1].
        predicted_va_pictures: (n, 2) in [0, 1].
        predicted_va_music: (n, 2) in [0, 1].
        predicted_similarity: (n, n) in [0, 1], every picture with every track.
        predicted_va_quadrant: (q, 2) in [0, 1], for items of which only the quadrant is known.
        quadrants: (q,) integers 1-4.
        noisy_va: (q, 2) in [0, 1] of the same items, nan where nothing is known.
        pictures_again: (n, d) features of another view of each picture.
        predicted_votes: (v, feelings) scores of music whose listeners voted.
        votes: (v, feelings) shares of listeners in [0, 1].
        predicted_va_taught: (t, 2) in [0, 1], for music that a teacher has answered for.
        taught_va: (t, 2) its answers in [0, 1].
        rng: Source of the draws when ``sampled``; must be in the same state in all processes.
    """

    pictures: Tensor
    music: Tensor
    va_pictures: Tensor
    va_music: Tensor
    predicted_va_pictures: Tensor | None = None
    predicted_va_music: Tensor | None = None
    predicted_similarity: Tensor | None = None
    predicted_va_quadrant: Tensor | None = None
    quadrants: Tensor | None = None
    noisy_va: Tensor | None = None
    pictures_again: Tensor | None = None
    predicted_votes: Tensor | None = None
    votes: Tensor | None = None
    predicted_va_taught: Tensor | None = None
    taught_va: Tensor | None = None
    rng: Generator | None = None


@dataclass(frozen=True)
class TermOptions:
    """Options of the losses; see :class:`va_space.training.space.objective.VASpaceObjective`."""

    sigma: float
    margin: float = 0.5
    sign: Sign = "inverse"
    weighting: Weighting = "similarity"
    floor: float = FLOOR
    sampled: int | None = None
    quadrant_margin: float = 0.0


@dataclass(frozen=True)
class Term:
    """One term of the objective.

    Attributes:
        loss: Maps the fields to a scalar.
        fields: Fields of :class:`ObjectiveBatch` that the loss takes, in its order.
        optional: Whether the term is left out of a batch that lacks one of them; otherwise that is an error.
    """

    loss: nn.Module
    fields: tuple[str, ...]
    optional: bool = False


TERMS: Registry[Callable[[TermOptions], Term]] = Registry(
    "loss term", "va_space.training.space.terms", separator="_"
)
