"""Which line from predictions to labels, fitted on a training's folds, fits the test part; prints markdown.

    python -m va_space.benchmark.calibration_lines runs/open

Slopes of labels on calibrated predictions, and the share of labels within the 90% interval.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

from va_space.datasets.records import Record
from va_space.datasets.sources import SpaceData
from va_space.encoders.predictors import DEVIATIONS_OF_90_PERCENT, VAPredictor
from va_space.encoders.pretrained import load_model
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import Recipe, load_recipe
from va_space.training.sources import cache_of, resolve_initial_weights, space_data
from va_space.training.space.calibration import Calibration, fit_calibration
from va_space.training.space.cross_validation import folds
from va_space.training.space.labels import points
from va_space.training.space.task import SpaceTask

Floats = NDArray[np.float64]
# Predictions, labels (n, 2), and n groups.
Held = tuple[Floats, Floats, list[str]]
SIDES = ("picture", "music")


def main() -> None:
    """Fit every line on the folds, and print what it does on the test part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="output folder of the recipe open, with folds")
    parser.add_argument("overrides", nargs="*", help="of the recipe, such as data.root=/data")
    options = parser.parse_args()
    recipe = load_recipe("open", options.overrides)
    recipe = replace(recipe, initial=resolve_initial_weights(recipe))
    data = space_data(recipe)
    known: dict[str, list[Held]] = {side: [] for side in SIDES}
    for number, part in enumerate(folds(data, recipe.seed, recipe.schedule.folds)):
        for side, found in held_out(recipe, part, options.run / "folds" / str(number) / "model").items():
            known[side].append(found)
    tests = held_out(recipe, _test_part(recipe, data), options.run / "model")
    columns = "slope valence | slope arousal | covered valence | covered arousal"
    typer.echo(f"| | line | {columns} |\n|---|---|--:|--:|--:|--:|")
    for side in SIDES:
        predicted, labels, groups = (np.concatenate([part[i] for part in known[side]]) for i in range(3))
        for name, line in LINES.items():
            calibration = line(predicted, labels, groups)
            typer.echo(f"| {side} | {name} | {' | '.join(_cells(calibration, *tests[side][:2]))} |")


def held_out(recipe: Recipe, data: SpaceData, folder: Path) -> dict[str, Held]:
    """Predictions before calibration, labels and groups of each side's validation part, by a saved model."""
    with TrainingProgress(None) as progress:
        task = SpaceTask(recipe, data, cache_of(recipe.data), progress.reading)
    model = load_model(folder)[0]
    for predictor in (model.picture_va, model.music_va):
        _forget(predictor)
    found = {}
    held = task.inputs.held_pictures, task.inputs.held_music
    for side, (_, predicted), examples in zip(SIDES, task.held_out(model), held, strict=True):
        labels = points(examples.records).double().numpy()
        found[side] = predicted.double().numpy(), labels, [record.group for record in examples.records]
    return found


def _forget(predictor: VAPredictor) -> None:
    predictor.scale.fill_(1)
    predictor.shift.zero_()


def _test_part(recipe: Recipe, data: SpaceData) -> SpaceData:
    """The test part of "open" in the place of the validation part."""
    whole = space_data(replace(recipe, data=replace(recipe.data, source="open-all")))
    known = {record.id for side in (data.pictures, data.music) for part in side.values() for record in part}

    def parted(side: str) -> dict[str, list[Record]]:
        given = getattr(data, side)
        tests = [record for record in getattr(whole, side)["train"] if record.id not in known]
        return {"train": given["train"] + given["validation"], "validation": tests}

    return SpaceData(parted("pictures"), parted("music"))


def _cells(calibration: Calibration, predicted: Floats, labels: Floats) -> list[str]:
    fitted = calibration(predicted)
    slopes = [np.polyfit(fitted[:, i], labels[:, i], 1)[0] for i in (0, 1)]
    within = np.abs(fitted - labels) <= DEVIATIONS_OF_90_PERCENT * calibration.deviation
    return [f"{value:.2f}" for value in (*slopes, *within.mean(axis=0))]


def _through_neutral(predicted: Floats, labels: Floats, groups: NDArray[np.str_]) -> Calibration:
    return fit_calibration(predicted, labels, groups, keep_neutral=True)


def _as_predicted(predicted: Floats, labels: Floats, groups: NDArray[np.str_]) -> Calibration:
    deviation = fit_calibration(predicted, labels, groups).deviation
    return Calibration(np.ones(2), np.zeros(2), deviation)


def _least_squares(predicted: Floats, labels: Floats, groups: NDArray[np.str_]) -> Calibration:
    deviation = fit_calibration(predicted, labels, groups).deviation
    lines = np.array([np.polyfit(predicted[:, i], labels[:, i], 1) for i in (0, 1)])
    return Calibration(lines[:, 0], lines[:, 1], deviation)


LINES: dict[str, Callable[[Floats, Floats, NDArray[np.str_]], Calibration]] = {
    "as predicted": _as_predicted,
    "least squares": _least_squares,
    "shrunk": fit_calibration,
    "shrunk, through neutral": _through_neutral,
}


if __name__ == "__main__":
    main()
