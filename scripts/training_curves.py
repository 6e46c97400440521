"""Curves of trainings as one image, from the logs that `va-space train` writes beside its checkpoints.

python scripts/training_curves.py runs/distil-music runs/open -o curves.svg

A row for each training: losses of the training steps, averaged over stretches of steps, and what validation
found. The colours are those of the terms' names in the legend.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

STRETCHES = 80
PARTS = {"train": "loss", "validation": "validation"}

Curves = dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]


def main() -> None:
    """Read the arguments, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=Path, help="output folders of trainings")
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write: .svg, .png, ...")
    options = parser.parse_args()
    draw({run.name: read(run) for run in options.runs}, options.output)


def read(run: Path) -> Curves:
    """Tag -> steps and values of every scalar of a training; a step that was run twice has its last value."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    if not (run / "tensorboard").is_dir():
        raise SystemExit(f"{run}: no logs; give the output folder of a training")
    # The default keeps 10,000 scalars of a tag; 0 keeps all.
    log = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    log.Reload()
    curves = {}
    for tag in log.Tags()["scalars"]:
        values = {event.step: event.value for event in log.Scalars(tag)}
        steps = sorted(values)
        curves[tag] = np.array(steps), np.array([values[step] for step in steps])
    return curves


def smooth(steps: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Means over at most STRETCHES stretches of steps: (k,) mean steps and (k,) mean values."""
    parts = min(STRETCHES, len(steps))
    means = [[part.mean() for part in np.array_split(row, parts)] for row in (steps, values)]
    return np.array(means[0]), np.array(means[1])


def draw(runs: Mapping[str, Curves], output: Path) -> None:
    """Write the image: a row a training, losses on the left and validation on the right."""
    figure = Figure(figsize=(11, 3.2 * len(runs)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(runs), len(PARTS), squeeze=False)
    for row, (name, curves) in zip(axes, runs.items(), strict=True):
        for place, (prefix, title) in zip(row, PARTS.items(), strict=True):
            _panel(place, {tag: curve for tag, curve in curves.items() if tag.startswith(f"{prefix}/")})
            place.set_title(f"{name}: {title}", fontsize=10)
            place.set_xlabel("step")
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=90)


def _panel(place: Axes, curves: Curves) -> None:
    # A span of a few decades is only seen on a logarithmic axis, which has no place for what is not positive.
    values = np.concatenate([values for _, values in curves.values()]) if curves else np.ones(1)
    if values.min() > 0 and values.max() > 30 * values.min():
        place.set_yscale("log")
    for tag, (steps, numbers) in curves.items():
        name = tag.partition("/")[2]
        width = 2.0 if name in ("total", "score") else 1.0
        place.plot(*smooth(steps, numbers), label=name, linewidth=width)
    place.grid(color="0.9")
    if curves:
        place.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


if __name__ == "__main__":
    main()
