"""Answers on the plane, as the report's template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from va_space.page.plane import Plane
from va_space.report.answer import Answer
from va_space.report.marks import THUMBNAIL, Mark, mark
from va_space.studio.clouds import STEPS, Cloud

_MOST = 20_000  # dots of a cloud, in a drawing that a page gets with each answer


@dataclass(frozen=True)
class Drawn:
    """What the template needs.

    Attributes:
        plane: The cut-out.
        cloud: The library, as paths of dots.
        marks: The answers and what was found for them.
        size: Number of tracks in the library.
        radius: Of an answer's mark, in pixels.
    """

    plane: Plane
    cloud: list[str]
    marks: list[Mark]
    size: int
    radius: float = THUMBNAIL


def drawn(answers: Sequence[Answer], cloud: Cloud) -> Drawn:
    """Answers in front of a library."""
    places = cloud.places / STEPS
    step = max(1, -(-len(places) // _MOST))
    shown = places[::step] if any(answer.relative for answer in answers) == cloud.relative else places[:0]
    found = [result.place for answer in answers for result in answer.results]
    plane = Plane(np.concatenate([shown, [answer.point for answer in answers], np.reshape(found, (-1, 2))]))
    return Drawn(plane, plane.cloud(shown), mark(plane, answers), len(places))
