"""Calibration by cross-validation: what a training like this one predicts for groups it has not seen."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from lightning.fabric import Fabric

from va_space.atomic import replacing
from va_space.datasets.records import Record
from va_space.datasets.splits import k_folds_by_group
from va_space.pretrained import load_model
from va_space.training.calibration import Calibration, calibrate_saved, fit_calibration
from va_space.training.loop import fit
from va_space.training.progress import TrainingProgress
from va_space.training.recipe import Recipe
from va_space.training.sources import SpaceData
from va_space.training.space_task import SpaceTask, points


def calibrate(
    recipe: Recipe, data: SpaceData, cache: Path, fabric: Fabric, progress: TrainingProgress, folder: Path
) -> None:
    """Train once for each fold, and calibrate a saved model by what the folds' models predict.

    Every group of the training and validation parts is held out once. The folds' trainings and
    ``cross-validation.json``, the correlations over all of them, are left in the recipe's output folder.

    Args:
        recipe: Of the training; ``schedule.folds`` says how many.
        data: Of the training.
        cache: Folder for decoded media.
        fabric: Of the training.
        progress: Shows it.
        folder: The saved model.
    """
    output = Path(recipe.output)
    predictions: dict[str, list[np.ndarray]] = {"picture": [], "music": []}
    records: dict[str, list[Record]] = {"picture": [], "music": []}
    for number, fold in enumerate(_folds(data, recipe)):
        task = SpaceTask(recipe, fold, cache, progress.reading)
        result = fit(task, replace(recipe, output=str(output / "folds" / str(number))), fabric, progress)
        sides = task.held_out(load_model(result)[0].to(fabric.device))
        held = task.inputs.held_pictures, task.inputs.held_music
        for modality, (_, va), examples in zip(predictions, sides, held, strict=True):
            predictions[modality].append(va.numpy())
            records[modality] += examples.records
    if fabric.is_global_zero:
        summary: dict[str, dict[str, list[float]]] = {}
        found: dict[str, Calibration] = {}
        for modality, parts in predictions.items():
            predicted, labels = np.concatenate(parts), points(records[modality]).numpy()
            found[modality] = fit_calibration(predicted, labels, [r.group for r in records[modality]])
            summary[modality] = {
                "pearson": [float(np.corrcoef(predicted[:, i], labels[:, i])[0, 1]) for i in (0, 1)],
                **{name: list(map(float, value)) for name, value in vars(found[modality]).items()},
            }
        calibrate_saved(folder, picture=found["picture"], music=found["music"])
        with replacing(output / "cross-validation.json") as beside:
            beside.write_text(json.dumps(summary, indent=1), encoding="utf-8")
    fabric.barrier()


def _folds(data: SpaceData, recipe: Recipe) -> Iterator[SpaceData]:
    count = recipe.schedule.folds
    sides = [
        k_folds_by_group(side["train"] + side["validation"], count, recipe.seed)
        for side in (data.pictures, data.music)
    ]
    for pictures, music in zip(*sides, strict=True):
        names = "train", "validation"
        yield SpaceData(
            dict(zip(names, pictures, strict=True)), dict(zip(names, music, strict=True)), data.quadrants
        )
