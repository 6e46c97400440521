"""What is said of an input and of each target: where they stand, and in which words."""

from dataclasses import dataclass

import numpy as np

from va_space.emotion.reference import PLURALS, Kind
from va_space.emotion.words import standing_in_words, words_near
from va_space.generation.tags.choosing import tags_of
from va_space.generation.tags.hearing import hear
from va_space.generation.tags.vocabulary import TagKind
from va_space.space import VASpace
from va_space.targets import MusicTarget, Target, VectorTarget

WORDS = 3
_KINDS: tuple[TagKind, ...] = ("mood", "genre", "instrument")
_TAGS = 3  # of a kind


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
        tags: Of a track, what the taggers are sure of: moods, genres and instruments, the most probable of
            each first.
    """

    name: str
    kind: str
    point: tuple[float, float]
    percentiles: tuple[float, float] | None
    standing: str
    words: tuple[str, ...]
    tags: tuple[str, ...] = ()

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
    point, percentiles, standing = _pair(target.point), None, ""
    if space.reference is not None:
        percentiles = _pair(target.standing(space, kind))
        standing = standing_in_words(percentiles, PLURALS[own] if own else "its kind")
    words = tuple(words_near(percentiles or point, WORDS))
    return Side(target.name, own or "feeling", point, percentiles, standing, words, _tags(space, target))


def _tags(space: VASpace, target: Target) -> tuple[str, ...]:
    """What is heard in a track; nothing for anything else, and for the mean of several."""
    if not isinstance(target, MusicTarget) or len(target.sources) != 1:
        return ()
    heard = hear(space, target.sources[0])  # type: ignore[arg-type]  # music that was read before
    return tuple(tag.name for kind in _KINDS for tag in tags_of(heard, kind)[:_TAGS] if tag.sure)


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
