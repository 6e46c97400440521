"""Music that asks for music like it."""

from dataclasses import dataclass, field

import numpy as np

from va_space.space import FloatArray, VASpace
from va_space.targets._target import KINDS, Row, Tracks, VectorTarget


@KINDS.register("music")
@dataclass(frozen=True, eq=False)
class MusicTarget(VectorTarget):
    """A track, a moment of one, or the mean of several.

    Attributes:
        peak: Largest absolute sample of the recording; None if it was not read.
    """

    modality = "music"

    peak: float | None = field(default=None, kw_only=True)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) cosine, 0 where it is negative."""
        return np.clip(vectors @ self.vector, 0, 1)

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, in the order of which they stay."""
        return tracks.nearest(self.vector, count, where=where)
