"""Where the plane shows answers and what was found for them, as the page's template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from va_space.page.plane import MARGIN, SIZE, Plane, spread
from va_space.report.answer import Answer
from va_space.retrieval.results import Found

THUMBNAIL, DISC = 20.0, 10.0  # radii in pixels of the plane
DISCS, NAMES = 25, 8  # results that get a disc, and a line in the list of names
_LINE, _LETTER = 18.0, 6.6  # height of a line, width of a letter
_EDGE = 14.0
_NAME_LENGTH = 34

Place = tuple[float, float]


@dataclass(frozen=True)
class Disc:
    """A numbered result: its true place, and that of a disc which covers no other."""

    result: Found
    home: Place
    place: Place


@dataclass(frozen=True)
class Mark:
    """An answer.

    Attributes:
        home: Its true place in pixels.
        place: Where its thumbnail is.
        radii: Half axes of one standard deviation, in pixels; None if it is not known.
        discs: What was found.
        names: (height, text) of each line of the list of names.
        names_at: Where each line of it begins, in pixels from the left.
    """

    home: Place
    place: Place
    radii: Place | None
    discs: list[Disc]
    names: list[tuple[float, str]]
    names_at: float


def mark(plane: Plane, answers: Sequence[Answer], *, story: bool = False) -> list[Mark]:
    """The answers' marks: no thumbnail on another, and no disc on what is seen together with it.

    Args:
        plane: Where to draw.
        answers: What to draw.
        story: The discs of all answers are seen together, not those of one at a time.
    """
    homes = [plane.xy(answer.point) for answer in answers]
    places = [_place(each) for each in spread(homes, THUMBNAIL + 1)] if len(homes) > 1 else homes
    if story:
        together = iter(_discs(plane, [result for answer in answers for result in answer.results], places))
        discs = [[next(together) for _ in answer.results] for answer in answers]
    else:
        discs = [
            _discs(plane, answer.results[:DISCS], [place])
            for answer, place in zip(answers, places, strict=True)
        ]
    marks = []
    for answer, home, place, own in zip(answers, homes, places, discs, strict=True):
        radii = None if answer.std is None else _place(np.asarray(answer.std) * plane.scale)
        lines = [f"{disc.result.rank}  {_short(disc.result.title)}" for disc in own[:NAMES]]
        left, top = _free_corner(lines, [place, *(disc.place for disc in own)])
        names = [(round(top + _LINE * (number + 0.8), 1), line) for number, line in enumerate(lines)]
        marks.append(Mark(home, place, radii, own, names, left))
    return marks


def _discs(plane: Plane, results: Sequence[Found], thumbnails: list[Place]) -> list[Disc]:
    homes = [plane.xy(result.place) for result in results]
    radii = [THUMBNAIL] * len(thumbnails) + [DISC + 1] * len(homes)
    apart = spread([*thumbnails, *homes], radii, fixed=len(thumbnails))[len(thumbnails) :]
    return [Disc(*each) for each in zip(results, homes, map(_place, apart), strict=True)]


def _free_corner(lines: list[str], taken: list[Place]) -> Place:
    """Left and top, in pixels, of a list that covers as few places as can be, and is near them."""
    width, height = _LETTER * max(map(len, lines), default=0), _LINE * len(lines)
    lefts = MARGIN + _EDGE, SIZE - MARGIN - _EDGE - width
    # Above and below are the names of the plane's corners.
    tops = np.arange(MARGIN + 3 * _EDGE, SIZE - MARGIN - 3 * _EDGE - height, _LINE / 2)
    left, top = (grid.ravel() for grid in np.meshgrid(lefts, tops))  # (c,)
    x, y = np.array(taken).T[:, :, None]  # (n, 1)
    beside = np.maximum(np.maximum(left - x, x - left - width), 0)
    above = np.maximum(np.maximum(top - y, y - top - height), 0)
    covered = (np.hypot(beside, above) < 1.5 * DISC).sum(axis=0)
    away = np.hypot(left + width / 2 - x.mean(), top + height / 2 - y.mean())
    best = np.argmin(covered * SIZE + away)
    return round(float(left[best]), 1), round(float(top[best]), 1)


def _short(title: str) -> str:
    return title if len(title) <= _NAME_LENGTH else title[: _NAME_LENGTH - 1].rstrip() + "…"


def _place(pixels: Sequence[float]) -> Place:
    return round(float(pixels[0]), 1), round(float(pixels[1]), 1)
