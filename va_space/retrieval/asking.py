"""A query as it asks for pictures: there a picture and a track change the roles that they have in music."""

from dataclasses import dataclass, fields

import numpy as np

from va_space.media.kinds import Modality
from va_space.space import FloatArray, VASpace
from va_space.targets import MusicTarget, PictureTarget, Row, Target, Tracks
from va_space.targets.picture import CANDIDATES


@dataclass(frozen=True, eq=False)
class _PictureForPictures(PictureTarget):
    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) cosine, 0 where it is negative."""
        return np.clip(vectors @ self.vector, 0, 1)

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, in the order of which they stay."""
        return tracks.nearest(self.vector, count, where=where)


@dataclass(frozen=True, eq=False)
class _MusicForPictures(MusicTarget):
    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) predicted similarity of feeling."""
        return space.similarity(vectors, self.vector[None])[:, 0]

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, many enough for the predictor to put in order."""
        return tracks.nearest(self.vector, max(count, CANDIDATES), where=where)


def asking(query: Target, modality: Modality) -> Target:
    """A query as it ranks things of a modality on the absolute scale.

    Two of a modality are compared by the cosine, a picture and a track by the predicted similarity. What is
    neither asks for both alike.

    Args:
        query: As it was read: it asks for music.
        modality: What is asked for.
    """
    if modality != "picture":
        return query
    for asked, asking_pictures in ((PictureTarget, _PictureForPictures), (MusicTarget, _MusicForPictures)):
        if isinstance(query, asked):
            given = {field.name: getattr(query, field.name) for field in fields(query)}
            return asking_pictures(**given)
    return query
