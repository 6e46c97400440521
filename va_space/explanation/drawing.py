"""An explanation as templates draw it: the plane, maps over the picture, curves, and passages that play."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from va_space.explanation.doubts import SMALL, is_small, with_doubt
from va_space.explanation.explain import SHOWN_SIDE
from va_space.explanation.explanation import Explained, Explanation
from va_space.explanation.moments import Curve
from va_space.explanation.overlay import overlay
from va_space.explanation.sides import Side
from va_space.page.embedded import jpeg_address, passage_address
from va_space.page.plane import Plane, spread

CHART_WIDTH, CHART_HEIGHT = 1000.0, 200.0
# Discs on the plane: their radius, and how far apart they are kept.
_DISC = 12.0
_TICKS = 8


@dataclass(frozen=True)
class Disc:
    """A side on the plane, in pixels.

    Attributes:
        label: "?" for what is explained, or the number of a target.
        place: Where it is drawn.
        home: Where it belongs.
    """

    label: str
    place: tuple[float, float]
    home: tuple[float, float]


@dataclass(frozen=True)
class Passage:
    """A moment that can be played.

    Attributes:
        words: What it does.
        start: In seconds.
        end: Likewise.
        effect: What the number of the whole track loses without it.
        doubt: What that can be wrong by.
        sound: data: address, or None if it cannot be embedded.
    """

    words: str
    start: float
    end: float
    effect: float
    doubt: float
    sound: str | None


@dataclass(frozen=True)
class Chart:
    """A curve as it is drawn, in pixels of width by height.

    Attributes:
        line: Of the windows by themselves, as the points of a polyline.
        bars: (x, y, width, height, whether it raises, whether it is small) of each window's effect.
        zero: Height of no effect.
        ticks: (x, second) below it.
        low: Lowest value of the line.
        high: Highest value of the line.
        passages: That raise and lower most.
    """

    line: str
    bars: list[tuple[float, float, float, float, bool, bool]]
    zero: float
    ticks: list[tuple[float, int]]
    low: float
    high: float
    passages: list[Passage]
    width: float = CHART_WIDTH
    height: float = CHART_HEIGHT


@dataclass(frozen=True, eq=False)
class Drawing:
    """What ``explained.html`` needs of an explanation.

    Attributes:
        why: The explanation.
        plane: The cut-out of the plane on which all sides lie.
        discs: The sides on it.
        original: data: address of the picture; None for a track.
        maps: Likewise of the maps, one for each number; none for a track.
        charts: Of a track, one for each number.
        largest: Largest effect of a change on each number.
    """

    why: Explanation
    plane: Plane
    discs: list[Disc]
    original: str | None
    maps: list[str]
    charts: list[Chart]
    largest: list[float]

    @staticmethod
    def told(effect: float, doubt: float, small: str = SMALL) -> str:
        """An effect in words, as :func:`va_space.explanation.doubts.with_doubt`."""
        return with_doubt(effect, doubt, small)


def drawing_of(explanation: Explanation) -> Drawing:
    """An explanation, drawn; its media are within."""
    picture, changes = explanation.picture, explanation.changes
    plane = Plane([side.place for side in _sides(explanation)] + [(0.0, 1.0)] * explanation.is_relative)
    return Drawing(
        explanation,
        plane,
        _discs(plane, explanation),
        None if picture is None else jpeg_address(picture, SHOWN_SIDE),
        [
            jpeg_address(overlay(picture, each.where), SHOWN_SIDE)
            for each in explanation.explained
            if picture is not None and each.where is not None
        ],
        [chart_of(explanation, each) for each in explanation.explained if each.when is not None],
        [
            max(abs(change.effects[number]) for change in changes) or 1.0
            for number in range(len(explanation.explained) if changes else 0)
        ],
    )


def chart_of(explanation: Explanation, each: Explained) -> Chart:
    """The curve of one number of a track as it is drawn."""
    curve, duration = each.when, explanation.duration
    assert curve is not None
    assert duration is not None
    across = CHART_WIDTH / max(duration, float(curve.starts[-1]) + curve.length)
    middles = (curve.starts + curve.length / 2) * across
    low, high = float(curve.scores.min()), float(curve.scores.max())
    heights = CHART_HEIGHT * (1 - (curve.scores - low) / max(high - low, 1e-9))
    effects = np.nan_to_num(curve.effects)
    up = CHART_HEIGHT / 2 / max(float(np.abs(effects).max()), 1e-9)
    zero, half = CHART_HEIGHT / 2, 0.22 * curve.length * across
    step = max(1, round(duration / _TICKS))
    return Chart(
        " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(middles, heights, strict=True)),
        [
            (
                round(float(x) - half, 1),
                round(min(zero, zero - up * float(effect)), 1),
                round(2 * half, 1),
                round(abs(up * float(effect)), 1),
                bool(effect > 0),
                is_small(float(effect), curve.doubt),
            )
            for x, effect in zip(middles, effects, strict=True)
        ],
        zero,
        [(round(second * across, 1), second) for second in range(0, int(duration) + 1, step)],
        low,
        high,
        _passages(explanation, curve),
    )


def _passages(explanation: Explanation, curve: Curve) -> list[Passage]:
    found = []
    for words, window in (("raises it most", curve.raises), ("lowers it most", curve.lowers)):
        if window is None:
            continue
        start, source = float(curve.starts[window]), explanation.source
        sound = passage_address(source, start, curve.length) if isinstance(source, str | Path) else None
        effect = float(curve.effects[window])
        end = min(start + curve.length, explanation.duration or start + curve.length)
        found.append(Passage(words, start, end, effect, curve.doubt, sound))
    return found


def _sides(explanation: Explanation) -> Sequence[Side]:
    return [explanation.subject, *(each.side for each in explanation.explained if each.side is not None)]


def _discs(plane: Plane, explanation: Explanation) -> list[Disc]:
    homes = [plane.xy(side.place) for side in _sides(explanation)]
    places = spread(homes, _DISC).round(1).tolist()
    labels = ["?", *(str(number) for number in range(1, len(homes)))]
    return [Disc(label, (x, y), home) for label, (x, y), home in zip(labels, places, homes, strict=True)]
