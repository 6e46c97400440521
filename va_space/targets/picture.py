"""A picture that asks for music."""

from dataclasses import dataclass

from va_space.space import FloatArray, VASpace
from va_space.targets._target import KINDS, Row, Tracks, VectorTarget

CANDIDATES = 300
"""Nearest tracks by cosine that the similarity predictor puts in order for a picture."""


@KINDS.register("picture")
@dataclass(frozen=True, eq=False)
class PictureTarget(VectorTarget):
    """A picture, or the mean of several."""

    modality = "picture"

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) predicted similarity of feeling."""
        return space.similarity(self.vector[None], vectors)[0]

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, many enough for the predictor to put in order."""
        return tracks.nearest(self.vector, max(count, CANDIDATES), where=where)
