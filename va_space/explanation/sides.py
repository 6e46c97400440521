"""What is said of an input and of each target: where they stand, and in which words."""

from dataclasses import dataclass

import numpy as np

from va_space.emotion.reference import PLURALS, Kind
from va_space.emotion.words import standing_in_words, words_near
from va_space.space import VASpace
from va_space.targets import Target, VectorTarget

WORDS = 3


@dataclass(frozen=True)
class Side:
    """An input, or a target.

    Attributes:
        name: Of the file, or as it was written.
        kind: What it is, such as "painting"; "feeling" for a word or a point.
        point: (valence, arousal) in [0, 1], predicted unless it was given.
        percentiles: Shares of its kind that lie below; of a feeling those it asks for. None for a model
            without reference distributions.
        standing: The same in words; empty likewise.
        words: Words of feeling that lie nearest, the nearest first.
    """

    name: str
    kind: str
    point: tuple[float, float]
    percentiles: tuple[float, float] | None
    standing: str
    words: tuple[str, ...]

    @property
    def place(self) -> tuple[float, float]:
        """Percentiles where they are known, or else the point."""
        return self.percentiles or self.point


def side_of(space: VASpace, target: Target, kind: Kind | None = None) -> Side:
    """What is to be said of a target.

    Args:
        space: The model.
        target: What was read.
        kind: What it is; by default what was detected.
    """
    own = target.kind_in(kind) if isinstance(target, VectorTarget) else None
    point = _pair(target.point)
    if space.reference is None:
        return Side(target.name, own or "feeling", point, None, "", tuple(words_near(point, WORDS)))
    percentiles = _pair(target.standing(space, kind))
    standing = standing_in_words(percentiles, PLURALS[own] if own else "its kind")
    return Side(
        target.name, own or "feeling", point, percentiles, standing, tuple(words_near(percentiles, WORDS))
    )


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
