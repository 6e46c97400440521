"""A query and what was found for it, as a report shows them."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import ImageOps

from va_space.media.pictures import PictureSource, load_picture
from va_space.retrieval.search import Result

_SHOWN_SIDE, _THUMBNAIL_SIDE = 900, 96


@dataclass(frozen=True)
class Answer:
    """A query and what was found for it.

    Attributes:
        name: Of the query, for people: a file's name, a word of feeling, a point.
        point: The query's (valence, arousal) in [0, 1].
        results: The tracks, best first.
        std: Standard deviation of the point, for valence and for arousal; None if it is exact or unknown.
        pictures: The picture, or the pictures that it is the mean of; none for music, words and points.
        description: What is to be seen, for those who cannot see it.
    """

    name: str
    point: tuple[float, float]
    results: Sequence[Result]
    std: tuple[float, float] | None = None
    pictures: Sequence[PictureSource] = ()
    description: str = ""

    @cached_property
    def shown(self) -> list[str]:
        """The pictures as data: addresses."""
        return [_jpeg(picture, _SHOWN_SIDE) for picture in self.pictures]

    @cached_property
    def thumbnail(self) -> str | None:
        """The picture for the plane, if there is exactly one."""
        return _jpeg(self.pictures[0], _THUMBNAIL_SIDE) if len(self.pictures) == 1 else None


def _jpeg(source: PictureSource, side: int) -> str:
    picture = load_picture(source, min_side=side)
    if max(picture.size) > side:
        picture = ImageOps.contain(picture, (side, side))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
