"""A soundtrack on one sheet: a frame of each scene, and what shots and cues feel like over time."""

import math
from pathlib import Path

from va_space.atomic import replacing
from va_space.production.soundtrack.cue_sheet import CueSheet
from va_space.production.soundtrack.shots import frames_at
from va_space.transfer.video.contact_sheet import check_sheet

__all__ = ["check_sheet", "write_sheet"]

_COLUMNS, _MOST = 6, 24
_WIDTH, _CURVES = 15.0, 2.4  # inches, at 100 pixels each
_COLOURS = {"valence": "tab:orange", "arousal": "tab:blue"}
_TITLE = 26


def write_sheet(path: str | Path, made: CueSheet) -> None:
    """Draw the sheet of a soundtrack.

    Above, the frame in the middle of each scene with its cue, of 24 scenes at most. Below, for valence and
    for arousal, thin lines are the percentiles of shots among pictures, thick ones those of the cues' tracks
    among music.

    Args:
        path: The picture to write: .png, .jpg, .webp, .pdf or .svg.
        made: What :func:`va_space.production.soundtrack.make.make_soundtrack` returns.

    Raises:
        MediaError: The name has another ending, or the video cannot be read any more.
        MissingExtraError: matplotlib is not installed.
        OSError: The picture cannot be written.
    """
    check_sheet(path)
    from matplotlib.figure import Figure

    shown = made.cues[:: math.ceil(len(made.cues) / _MOST)]
    middles = [(cue.scene.start + cue.scene.end) / 2 for cue in shown]
    frames = list(frames_at(made.video, middles))
    down = math.ceil(len(shown) / _COLUMNS)
    tile = _WIDTH / _COLUMNS * frames[0].height / frames[0].width + 0.45
    figure = Figure(figsize=(_WIDTH, down * tile + 2 * _CURVES), dpi=100, layout="constrained")
    grid = figure.add_gridspec(down + 2, _COLUMNS, height_ratios=[tile] * down + [_CURVES] * 2)
    for number, (cue, frame) in enumerate(zip(shown, frames, strict=True)):
        axes = figure.add_subplot(grid[divmod(number, _COLUMNS)])
        axes.imshow(frame)
        title = cue.title if len(cue.title) <= _TITLE else cue.title[: _TITLE - 1] + "…"
        # A dollar sign in a name is no formula.
        axes.set_title(f"{cue.scene.start:.0f} s  {title}".replace("$", r"\$"), fontsize=8)
        axes.axis("off")
    for column, (name, colour) in enumerate(_COLOURS.items()):
        axes = figure.add_subplot(grid[down + column, :])
        for cue in made.cues:
            for part in cue.scene.parts:
                axes.hlines(part.place[column], part.start, part.end, color=colour, linewidth=1)
            axes.hlines(
                cue.place[column], cue.scene.start, cue.scene.end, color=colour, linewidth=4, alpha=0.5
            )
            if cue.scene.start:
                axes.axvline(cue.scene.start, color="grey", linestyle=":", linewidth=1)
        axes.set(xlim=(0, made.seconds), ylim=(0, 1), ylabel=f"{name}, percentile")
        axes.grid(alpha=0.3)
    axes.set_xlabel("seconds; thin: shots among pictures; thick: cues among music")
    with replacing(path) as beside:
        figure.savefig(beside)
