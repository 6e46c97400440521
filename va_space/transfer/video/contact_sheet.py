"""Results on one sheet: a picture for each piece of music, or a video's frames and curves."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from va_space.atomic import replacing, require_ending
from va_space.errors import MissingExtraError
from va_space.transfer.video.results import RestyledVideo

SUFFIXES = (".png", ".jpg", ".webp", ".pdf", ".svg")
_COLUMNS = 6
_WIDTH = 15.0  # inches, at 100 pixels each
_CURVES = 3.2
_COLOURS = {"valence": "tab:orange", "arousal": "tab:blue"}
_ACROSS = 3
_TILE = 480  # pixels of a picture's longer side


@dataclass(frozen=True)
class Tile:
    """A picture on a sheet: keep these instead of pictures of full size.

    Attributes:
        title: Above it.
        image: RGB, of sheet size.
        note: Below the title: what it feels like, say.
    """

    title: str
    image: Image.Image
    note: str = ""


def tile(title: str, image: Image.Image, note: str = "") -> Tile:
    """A tile with a small copy of an RGB picture."""
    small = image.copy() if max(image.size) <= _TILE else ImageOps.contain(image, (_TILE, _TILE))
    return Tile(title, small, note)


def check_sheet(path: str | Path) -> None:
    """Find out, before a long work, whether :func:`write_sheet` will be able to draw.

    Raises:
        ConfigError: The name does not end with one of SUFFIXES.
        MissingExtraError: matplotlib is not installed.
    """
    require_ending(path, "contact sheets", SUFFIXES)
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("a contact sheet", "video") from error


def write_tiles(path: str | Path, tiles: Sequence[Tile]) -> None:
    """Draw pictures side by side, each with its title and its note.

    Args:
        path: The picture to write; see SUFFIXES.
        tiles: At least one, in order; all of one shape.

    Raises:
        ConfigError: As :func:`check_sheet`.
        MissingExtraError: As :func:`check_sheet`.
        OSError: The picture cannot be written.
    """
    check_sheet(path)
    from matplotlib.figure import Figure

    across = min(_ACROSS, len(tiles))
    down = math.ceil(len(tiles) / across)
    width, height = tiles[0].image.size
    side = _WIDTH / _ACROSS
    # A ribbon of a picture gets a tile that it is seen in, and is drawn in its middle.
    tall = side * min(2.0, max(0.25, height / width)) + 0.55
    figure = Figure(figsize=(across * side, down * tall), dpi=100, layout="constrained")
    for number, shown in enumerate(tiles):
        axes = figure.add_subplot(down, across, number + 1)
        axes.imshow(shown.image)
        # A dollar sign in a name is no formula.
        axes.set_title(f"{shown.title[:60]}\n{shown.note}".replace("$", r"\$"), fontsize=9)
        axes.axis("off")
    with replacing(path) as beside, warnings.catch_warnings():
        # Letters that matplotlib's font lacks are drawn as boxes, which the sheet itself shows.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(beside)


def write_sheet(path: str | Path, video: RestyledVideo) -> None:
    """Draw the sheet of a video.

    Lines are the music's valence and arousal, dots those of the frames; dotted lines part the sections of the
    music. All are predictions of the model that the video was made with.

    Args:
        path: The picture to write; see SUFFIXES.
        video: As the functions of :mod:`va_space.transfer.video.restyle` return it.

    Raises:
        ConfigError: As :func:`check_sheet`.
        MissingExtraError: As :func:`check_sheet`.
        OSError: The picture cannot be written.
    """
    check_sheet(path)
    from matplotlib.figure import Figure

    rows = math.ceil(len(video.samples) / _COLUMNS)
    width, height = video.samples[0].image.size
    tile = _WIDTH / _COLUMNS * (height / width) + 0.25
    figure = Figure(figsize=(_WIDTH, rows * tile + _CURVES), dpi=100, layout="constrained")
    grid = figure.add_gridspec(rows + 1, _COLUMNS, height_ratios=[tile] * rows + [_CURVES])
    for number, sample in enumerate(video.samples):
        axes = figure.add_subplot(grid[divmod(number, _COLUMNS)])
        axes.imshow(sample.image)
        axes.set_title(_clock(sample.seconds), fontsize=9)
        axes.axis("off")
    times = [sample.seconds for sample in video.samples]
    felt = np.stack([sample.va for sample in video.samples])
    curve = np.linspace(0, video.seconds, 500)
    heard = video.timeline.va_at(curve)
    axes = figure.add_subplot(grid[rows, :])
    for column, (name, colour) in enumerate(_COLOURS.items()):
        axes.plot(curve, heard[:, column], color=colour, label=f"{name}, music")
        axes.plot(times, felt[:, column], "o", color=colour, label=f"{name}, frame")
    for start in video.timeline.sections[1:]:
        axes.axvline(start, color="grey", linestyle=":")
    axes.set(xlim=(0, video.seconds), ylim=_limits([*heard.ravel(), *felt.ravel()]), xlabel="seconds")
    axes.grid(alpha=0.3)
    axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.18), frameon=False)
    with replacing(path) as beside:
        figure.savefig(beside)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Around the values: predictions keep near the middle of [0, 1]."""
    low, high = np.floor(10 * min(values)) / 10, np.ceil(10 * max(values)) / 10
    return max(0.0, float(low)), min(1.0, float(high))
