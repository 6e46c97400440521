"""Where the plane shows answers and what was found for them, as the page's template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from va_space.retrieval.report.answer import Answer
from va_space.retrieval.report.plane import MARGIN, SIZE, Plane, spread
from va_space.retrieval.search import Result

THUMBNAIL, DISC = 20.0, 10.0  # radii in pixels of the plane
DISCS, NAMES = 25, 8  # results that get a disc, and a line in the list of names
_LINE, _LETTER = 18.0, 6.5  # height of a line, width of a letter
_EDGE = 14.0
_NAME_LENGTH = 34

Place = tuple[float, float]


@dataclass(frozen=True)
class Disc:
    """A numbered result: its true place, and that of a disc which covers no other."""

    result: Result
    home: Place
    place: Place


@dataclass(frozen=True)
class Mark:
    """A answer.

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


def mark(plane: Plane, answers: Sequence[Answer]) -> list[Mark]:
    """The answers' marks, no thumbnail on another."""
    homes = [plane.xy(answer.point) for answer in answers]
    places = spread(homes, THUMBNAIL + 1) if len(homes) > 1 else homes
    return [
        _mark(plane, answer, home, _place(place))
        for answer, home, place in zip(answers, homes, places, strict=True)
    ]


def _mark(plane: Plane, answer: Answer, home: Place, place: Place) -> Mark:
    results = answer.results[:DISCS]
    found = [plane.xy((result.valence, result.arousal)) for result in results]
    radii = [THUMBNAIL if answer.thumbnail else DISC] + [DISC + 1] * len(found)
    apart = spread([place, *found], radii, fixed=1)[1:]
    across, up = np.mean(np.array([home, *found]), axis=0)
    names = _names(results, float(up))
    # On the side where nothing was found, so that names do not cover it.
    right = SIZE - MARGIN - _EDGE - _LETTER * max((len(line) for _, line in names), default=0)
    return Mark(
        home=home,
        place=place,
        radii=None if answer.std is None else _place(np.asarray(answer.std) * plane.scale),
        discs=[Disc(*each) for each in zip(results, found, map(_place, apart), strict=True)],
        names=names,
        names_at=round(MARGIN + _EDGE if across > SIZE / 2 else right, 1),
    )


def _names(results: Sequence[Result], middle: float) -> list[tuple[float, str]]:
    lines = [f"{result.rank}  {_short(result.title)}" for result in results[:NAMES]]
    half = _LINE * (len(lines) - 1) / 2
    top = min(max(middle - half, MARGIN + 2 * _LINE), SIZE - MARGIN - 2 * (half + _LINE))
    return [(round(top + _LINE * number, 1), line) for number, line in enumerate(lines)]


def _short(title: str) -> str:
    return title if len(title) <= _NAME_LENGTH else title[: _NAME_LENGTH - 1].rstrip() + "…"


def _place(pixels: Sequence[float]) -> Place:
    return round(float(pixels[0]), 1), round(float(pixels[1]), 1)
