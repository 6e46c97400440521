"""A query and what was found for it, as a report shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from va_space.errors import FeedbackError
from va_space.feedback.ratings import Item
from va_space.media.pictures import PictureSource, load_picture
from va_space.page.embedded import jpeg_address
from va_space.retrieval.relative import Comparison
from va_space.retrieval.results import Found
from va_space.targets import Target

_SHOWN_SIDE, _THUMBNAIL_SIDE = 900, 96


@dataclass(frozen=True)
class Answer:
    """A query and what was found for it.

    Attributes:
        name: Of the query, for people: a file's name, a word of feeling, a point.
        point: The query's (valence, arousal) in [0, 1].
        results: The tracks, or the pictures, best first.
        std: Standard deviation of the point, for valence and for arousal; None if it is exact or unknown.
        pictures: The picture, or the pictures that it is the mean of; none for music, words and points.
        description: What is to be seen, for those who cannot see it.
        stands: Where the query stands among its kind, in words; empty if that is not known.
        relative: Whether the point and its deviation are percentiles.
        asked: The query as feedback keeps it; None if answers to it cannot be rated.
        tracks: The files of a query that is music; a page of pictures plays them.
    """

    name: str
    point: tuple[float, float]
    results: Sequence[Found]
    std: tuple[float, float] | None = None
    pictures: Sequence[PictureSource] = ()
    description: str = ""
    stands: str = ""
    relative: bool = False
    asked: Item | None = None
    tracks: Sequence[Path] = ()

    @cached_property
    def shown(self) -> list[str]:
        """The pictures as data: addresses."""
        return [picture_address(picture, _SHOWN_SIDE) for picture in self.pictures]

    @cached_property
    def thumbnail(self) -> str | None:
        """The picture for the plane, if there is exactly one."""
        return picture_address(self.pictures[0], _THUMBNAIL_SIDE) if len(self.pictures) == 1 else None


def make_answer(
    query: Target,
    results: Sequence[Found],
    comparison: Comparison,
    *,
    name: str | None = None,
    description: str = "",
    stands: str = "",
) -> Answer:
    """A query with what was found for it, on the scale on which it was compared.

    Args:
        query: What was asked for.
        results: What was found.
        comparison: Of the query with the library.
        name: For people; by default the query's.
        description: See :class:`Answer`.
        stands: See :class:`Answer`.
    """
    sources: list[Any] = query.source if isinstance(query.source, list) else [query.source]
    relative = comparison.standing is not None
    point = query.point if comparison.standing is None else comparison.standing
    std = comparison.std if relative else query.std
    return Answer(
        str(name or query.name).encode("utf-8", "backslashreplace").decode(),
        (float(point[0]), float(point[1])),
        results,
        None if std is None else (float(std[0]), float(std[1])),
        sources if query.modality == "picture" else (),
        description,
        stands,
        relative,
        _asked(query, comparison),
        [Path(source) for source in sources if isinstance(source, str | Path)]
        if query.modality == "music"
        else (),
    )


def _asked(query: Target, comparison: Comparison) -> Item | None:
    try:
        return None if comparison.standing is None else Item.of(query, comparison.standing)
    except FeedbackError:  # its file is gone
        return None


def picture_address(source: PictureSource, side: int) -> str:
    """A data: address of a picture, scaled down to so many pixels on its longer side.

    Raises:
        MediaError: It cannot be read.
        MissingExtraError: Reading it needs an extra.
    """
    return jpeg_address(load_picture(source, min_side=side), side)
