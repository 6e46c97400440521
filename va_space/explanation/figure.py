"""An explanation as one picture, drawn by matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from va_space.atomic import replacing
from va_space.errors import MissingExtraError
from va_space.explanation.doubts import SMALL, is_small
from va_space.explanation.explanation import Explained, Explanation
from va_space.explanation.overlay import LOWERS, RAISES, overlay
from va_space.text import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL import Image

_CHANGES = 8
_DOTS, _PALE = 110, 0.35
_ORANGE, _BLUE = (tuple(value / 255 for value in colour) for colour in (RAISES, LOWERS))


def write_figure(path: str | Path, explanation: Explanation) -> None:
    """Draw an explanation.

    Args:
        path: The picture, .png; it is complete or not there.
        explanation: Of a picture or a track.

    Raises:
        MissingExtraError: The extra ``explain`` is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("An explanation as a picture", "explain") from error
    drawn = Figure(layout="constrained", facecolor="white")
    FigureCanvasAgg(drawn)
    if explanation.picture is not None:
        _draw_picture(drawn, explanation, explanation.picture)
    else:
        _draw_track(drawn, explanation)
    drawn.supxlabel(f"pale bars: {SMALL}", fontsize=7, color="gray")
    with replacing(path) as beside:
        drawn.savefig(beside, format="png", dpi=_DOTS)


def _draw_picture(figure: "Figure", explanation: Explanation, picture: "Image.Image") -> None:
    parts = explanation.explained
    width, height = picture.size
    columns, tall = len(parts) + 1, 3.4 * height / width
    figure.set_size_inches(3.4 * columns, tall + 3.1)
    rows = figure.add_gridspec(2, 1, height_ratios=[tall + 0.7, 2.1])
    above, below = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    axes = above.subplots(1, columns)
    _show(axes[0], picture, f"{_short(explanation.subject.name)}\n{', '.join(explanation.subject.words)}")
    for place, each in zip(axes[1:], parts, strict=True):
        assert each.where is not None
        _show(place, overlay(picture, each.where), f"{_short(each.aim.what)}: {each.score:.2f}")
    for place, number in zip(np.atleast_1d(below.subplots(1, len(parts))), range(len(parts)), strict=True):
        _bars(place, explanation, number)


def _show(axes: "Axes", picture: "Image.Image", title: str) -> None:
    axes.imshow(picture)
    axes.set_title(title, fontsize=9)
    axes.axis("off")


def _bars(axes: "Axes", explanation: Explanation, number: int) -> None:
    changes = sorted(explanation.changes, key=lambda change: -abs(change.effects[number]))[:_CHANGES]
    effects = [change.effects[number] for change in changes]
    doubts = [change.doubts[number] for change in changes]
    axes.barh(range(len(changes)), effects, color=_colours(effects, doubts))
    axes.set_yticks(range(len(changes)), [change.words for change in changes], fontsize=7)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.6)
    axes.tick_params(axis="x", labelsize=7)
    axes.set_title(f"what would change {_short(explanation.explained[number].aim.name)}", fontsize=9)


def _draw_track(figure: "Figure", explanation: Explanation) -> None:
    parts = explanation.explained
    figure.set_size_inches(9, 0.6 + 2.2 * len(parts))
    figure.suptitle(
        f"{_short(explanation.subject.name)}: {', '.join(explanation.subject.words)}", fontsize=10
    )
    axes = np.atleast_1d(figure.subplots(len(parts), 1, sharex=True))
    for place, each in zip(axes, parts, strict=True):
        _curve(place, each)
    axes[-1].set_xlabel("second", fontsize=8)


def _curve(axes: "Axes", each: Explained) -> None:
    curve = each.when
    assert curve is not None
    middles = curve.starts + curve.length / 2
    effects = np.nan_to_num(curve.effects).tolist()
    colours = _colours(effects, [curve.doubt] * len(effects))
    axes.bar(middles, effects, width=0.45 * curve.length, color=colours)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_ylabel("effect", fontsize=8)
    axes.tick_params(labelsize=7)
    by_itself = axes.twinx()
    by_itself.plot(middles, curve.scores, color="black", linewidth=1.2)
    by_itself.set_ylabel("by itself", fontsize=8)
    by_itself.tick_params(labelsize=7)
    axes.set_title(f"{_short(each.aim.what)}: {each.score:.2f}", fontsize=9)


def _colours(effects: Sequence[float], doubts: Sequence[float]) -> list[tuple[float, ...]]:
    """Of bars; those that are small beside what they can be wrong by are pale."""
    return [
        (*(_ORANGE if effect > 0 else _BLUE), _PALE if is_small(effect, doubt) else 1.0)
        for effect, doubt in zip(effects, doubts, strict=True)
    ]


def _short(text: str) -> str:
    return shown(text, 44).replace("$", r"\$")  # or matplotlib takes it for mathematics
