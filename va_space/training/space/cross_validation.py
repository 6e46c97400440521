"""Calibration by cross-validation: what a training like this one predicts for groups it has not seen."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from lightning.fabric import Fabric
from torch import Tensor

from va_space.atomic import replacing
from va_space.datasets.records import Record
from va_space.datasets.sources import SpaceData
from va_space.datasets.splits import k_folds_by_group
from va_space.emotion.plane import similarity
from va_space.encoders.pretrained import load_model
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import Recipe
from va_space.training.run import fit_task
from va_space.training.space.calibration import (
    Calibration,
    calibrate_saved,
    fit_calibration,
    fit_fusion_weights,
)
from va_space.training.space.held_out import HeldOutTracks
from va_space.training.space.labels import points
from va_space.training.space.task import SpaceTask


def calibrate(
    recipe: Recipe, data: SpaceData, cache: Path, fabric: Fabric, progress: TrainingProgress, folder: Path
) -> None:
    """Train once for each fold, and calibrate a saved model by what the folds' models predict.

    Every group of the training and validation parts is held out once. The folds' trainings and
    ``cross-validation.json`` are left in the recipe's output folder: correlations of all held-out
    predictions, the calibration, and what :mod:`va_space.training.space.held_out` says of tracks with
    quadrants
    and votes; and ``held-out.safetensors`` with their vectors.

    Args:
        recipe: Of the training; ``schedule.folds`` says how many.
        data: Of the training.
        cache: Folder for decoded media.
        fabric: Of the training.
        progress: Shows it.
        folder: The saved model.
    """
    output = Path(recipe.output)
    sides: dict[str, list[tuple[Tensor, list[Record]]]] = {"picture": [], "music": []}
    tracks = HeldOutTracks()
    pairs: list[_Pairs] = []
    for number, fold in enumerate(folds(data, recipe.seed, recipe.schedule.folds)):
        task = SpaceTask(recipe, fold, cache, progress.reading)
        result = fit_task(task, replace(recipe, output=str(output / "folds" / str(number))), fabric, progress)
        model = load_model(result)[0].to(fabric.device)
        (seen, of_pictures), (heard, of_music) = task.held_out(model)
        sides["picture"].append((of_pictures, task.inputs.held_pictures.records))
        sides["music"].append((of_music, task.inputs.held_music.records))
        with torch.no_grad():
            network = model.similarity.logits(seen.to(fabric.device), heard.to(fabric.device)).cpu()
        pairs.append(
            _Pairs(of_pictures, of_music, seen @ heard.T, network, task.held_similarity(), task.sigma)
        )
        for examples in (task.inputs.held_quadrant_music, task.inputs.held_votes_music):
            if examples is not None:
                tracks.add(task, model, examples)
    if fabric.is_global_zero:
        summary, calibrations = {}, {}
        for modality, parts in sides.items():
            predicted = torch.cat([values for values, _ in parts]).numpy()
            records = [record for _, part in parts for record in part]
            labels = points(records).numpy()
            groups = [record.group for record in records]
            keep_neutral = modality == "music" and bool(data.quadrants["train"])
            calibration = fit_calibration(predicted, labels, groups, keep_neutral=keep_neutral)
            calibrations[modality] = calibration
            correlations = [float(np.corrcoef(predicted[:, i], labels[:, i])[0, 1]) for i in (0, 1)]
            summary[modality] = {
                "pearson": correlations,
                **{name: value.tolist() for name, value in vars(calibration).items()},
            }
        summary |= tracks.summary(_first_renderings(data))
        fusion_weights = _fusion_weights(pairs, calibrations)
        summary["similarity"] = {"fusion_weights": fusion_weights.tolist()}
        calibrate_saved(folder, **calibrations, fusion_weights=fusion_weights)
        tracks.save(output / "held-out.safetensors")
        with replacing(output / "cross-validation.json") as beside:
            beside.write_text(json.dumps(summary, indent=1), encoding="utf-8")
    fabric.barrier()


@dataclass(frozen=True)
class _Pairs:
    """Held-out pictures with held-out windows of a fold: predictions (n, 2), (m, 2), and (n, m) the rest."""

    va_pictures: Tensor
    va_music: Tensor
    cosine: Tensor
    network: Tensor
    similarity: Tensor
    sigma: float


def _fusion_weights(pairs: Sequence[_Pairs], calibrations: dict[str, Calibration]) -> Tensor:
    """The weight of each evidence for similarity, given predictions that are calibrated already."""
    va_similarity = [
        similarity(
            torch.from_numpy(calibrations["picture"](part.va_pictures)),
            torch.from_numpy(calibrations["music"](part.va_music)),
            part.sigma,
        )
        for part in pairs
    ]
    columns = va_similarity, [part.cosine for part in pairs], [part.network for part in pairs]
    evidence = [torch.cat([values.flatten().float() for values in column]) for column in columns]
    return fit_fusion_weights(evidence, torch.cat([part.similarity.flatten() for part in pairs]))


def folds(data: SpaceData, seed: int, count: int) -> Iterator[SpaceData]:
    """The training and validation parts shared out anew, by group, so that each group is held out once.

    Args:
        data: What is shared out; quadrants only where there are some.
        seed: Same seed, same folds.
        count: Number of folds.
    """
    sides: list[list[tuple[list[Record], list[Record]]]] = [
        k_folds_by_group(side["train"] + side["validation"], count, seed)
        if side["train"]
        else [([], [])] * count
        for side in (data.pictures, data.music, data.quadrants, data.votes)
    ]
    for fold in zip(*sides, strict=True):
        yield SpaceData(*(dict(zip(("train", "validation"), side, strict=True)) for side in fold))


def _first_renderings(data: SpaceData) -> set[Path]:
    """Of each clip the rendering that comes first: as the score asks for."""
    paths: dict[str, Path] = {}
    for record in data.quadrants["train"]:
        paths.setdefault(record.id.rpartition("@")[0] or record.id, record.path)
    return set(paths.values())
