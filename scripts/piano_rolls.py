"""Nine composed takes over the plane of feeling, as piano rolls in one image.

python scripts/piano_rolls.py -o docs/compose.png

Each roll is a take of `va-space compose VALENCE,AROUSAL --seconds 20`; its title says what was chosen.
"""

import argparse
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from va_space import VASpace
from va_space.generation.music import Take, compose

PLACES = (0.1, 0.5, 0.9)
SECONDS = 20.0
COLOURS = ("#a83f28", "#4a6fb3", "#4f9c74", "#8a8377")


def main() -> None:
    """Read the arguments, compose, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write: .png, .svg, ...")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    space = VASpace.from_pretrained()
    figure = Figure(figsize=(13, 9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(3, 3, sharex=True, sharey=True)
    for row, arousal in enumerate(reversed(PLACES)):
        for column, valence in enumerate(PLACES):
            take = compose(space, (valence, arousal), seconds=SECONDS, seed=options.seed)
            draw(axes[row][column], take)
            axes[row][column].set_title(title_of(take), fontsize=9)
    figure.supxlabel("unpleasant  ←  valence  →  pleasant")
    figure.supylabel("calm  ←  arousal  →  excited")
    figure.savefig(options.output, dpi=100)


def draw(axes: Axes, take: Take) -> None:
    """One roll: pitch over seconds, a colour for each instrument, stronger where it is louder."""
    for part, colour in zip(take.score.parts, COLOURS, strict=False):
        if part.instrument == "percussion":
            colour = COLOURS[-1]
        for note in part.notes:
            start, end = (take.score.seconds(tick) for tick in (note.start, note.start + note.length))
            alpha = 0.25 + 0.75 * note.velocity / 127
            axes.barh(
                note.pitch,
                end - start,
                left=start,
                height=0.9,
                color=colour,
                alpha=min(1, alpha),
                linewidth=0,
            )
    for section in take.score.sections:
        axes.axvline(take.score.seconds(section.start), color="#ccc", linewidth=0.8, zorder=0)
    axes.set_xlim(0, take.request.seconds)
    axes.set_ylim(28, 100)


def title_of(take: Take) -> str:
    """Where a take is on the plane, and what was chosen."""
    controls = take.chosen.composition.controls[0]
    point = take.request.course.places[0]
    played = ", ".join(controls.instruments)
    return f"{point[0]:g}, {point[1]:g}: {controls.key.name}, {controls.tempo}, {controls.texture}\n{played}"


if __name__ == "__main__":
    main()
