"""A word of feeling, or a point on the plane."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.emotion import plane
from va_space.emotion.reference import Kind
from va_space.emotion.words import STRENGTH, feeling_percentiles, parse_feeling
from va_space.media.kinds import MediaInput
from va_space.space import FloatArray, VASpace
from va_space.targets._target import KINDS, Row, Target, Text, Tracks, joined_names, joined_sources


@KINDS.register("feeling")
@dataclass(frozen=True, eq=False)
class FeelingTarget(Target):
    """A word of feeling, or valence and arousal as two numbers.

    Example:
        >>> import numpy as np
        >>> FeelingTarget("bright", np.array([0.9, 0.6], np.float32)).vector is None
        True
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "point", np.asarray(self.point, np.float32))

    def standing(
        self, space: VASpace, kind: Kind | None = None, *, strength: float = STRENGTH
    ) -> NDArray[np.float64]:
        """(2,) percentiles that are asked for: of its texts, on average; of one without, its point.

        Args:
            space: Not needed: percentiles are asked for as they are.
            kind: Likewise.
            strength: How far from the middle words are; see :data:`va_space.emotion.words.STRENGTH`.
        """
        found = [feeling_percentiles(source, strength) for source in self.sources if isinstance(source, str)]
        known = [percentiles for percentiles in found if percentiles is not None]
        return np.mean(known, axis=0) if known else np.asarray(self.point, np.float64)

    @classmethod
    def accepts(cls, source: MediaInput) -> bool:
        """Whether it is a text that :func:`va_space.emotion.words.parse_feeling` understands."""
        if isinstance(source, Text) or not isinstance(source, str):
            return False
        return parse_feeling(source) is not None

    @classmethod
    def read(cls, space: VASpace, source: MediaInput) -> "FeelingTarget":
        """The point of the text."""
        text = str(source)
        return cls(text.strip(), np.array(parse_feeling(text), np.float32), source=source)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) emotional similarity, exp(-distance / sigma), of the points."""
        point, others = torch.from_numpy(self.point[None]), torch.from_numpy(va)
        return plane.similarity(point, others, space.config.sigma)[0].numpy()

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The tracks that are nearest on the plane."""
        ids, points = tracks.points(where=where)
        nearest = np.argsort(np.linalg.norm(points - self.point, axis=1), kind="stable")[:count]
        return tracks.tracks([ids[index] for index in nearest])

    @classmethod
    def mean(cls, space: VASpace, targets: Sequence[Self]) -> Self:
        """The mean of the points."""
        point = np.stack([target.point for target in targets]).mean(axis=0)
        return cls(joined_names(targets), point, source=joined_sources(targets))
