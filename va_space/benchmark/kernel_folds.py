"""How far features reach: kernel ridge regression on the folds of the recipe "open"; prints markdown.

    python -m va_space.benchmark.kernel_folds [key=value ...]

A regression for each task by itself, of one strength for all. The folds are those that calibrate the model
that ships, so that its ``cross-validation.json`` can be read beside them. Tracks whose quadrant is known are
learnt from it alone, and from the mean of it and noisy points, which the model that ships does without.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import typer
from torch import Tensor

from va_space.benchmark import metrics
from va_space.datasets.records import Record
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import load_recipe
from va_space.training.sources import cache_of, resolve_initial_weights, root_of, space_data
from va_space.training.space.cross_validation import folds
from va_space.training.space.examples import Examples
from va_space.training.space.held_out import agreement
from va_space.training.space.inputs import Inputs
from va_space.training.space.kernel_teacher import KernelTeacher, quadrant_points
from va_space.training.space.labels import points, quadrants
from va_space.training.space.noisy_points import NoisyPoints, noisy_points
from va_space.training.space.task import SpaceTask

WIDTH, RIDGE = 0.5, 0.3
ALONE = "by itself"
NOISY: tuple[NoisyPoints, ...] = ("none", "mood-words", "arousal-head")
Found = tuple[Tensor, list[Record]]


def main() -> None:
    """Measure every fold, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("overrides", nargs="*", help="of the recipe, such as data.root=/data")
    recipe = load_recipe("open", parser.parse_args().overrides)
    recipe = replace(recipe, initial=resolve_initial_weights(recipe))
    root = root_of(recipe.data)
    found: dict[str, list[Found]] = {name: [] for name in ("pictures", "windows", *NOISY, ALONE)}
    for part in folds(space_data(recipe), recipe.seed, recipe.schedule.folds):
        with TrainingProgress(None) as progress:
            inputs = SpaceTask(recipe, part, cache_of(recipe.data), progress.reading).inputs
        found["pictures"].append(_points(inputs.pictures, inputs.held_pictures))
        found["windows"].append(_points(inputs.music, inputs.held_music))
        for kind in NOISY:
            found[kind].append(_tracks(inputs, kind, root))
        found[ALONE].append(_tracks_alone(inputs))
    typer.echo("| data | n | figures |\n|---|--:|:--|")
    for name, title in (
        ("pictures", "OASIS, r of valence, arousal"),
        ("windows", "VGMIDI windows, likewise"),
    ):
        predicted, records = _joined(found[name])
        labels = points(records).numpy()
        r = [metrics.pearson(predicted[:, side], labels[:, side]) for side in (0, 1)]
        typer.echo(f"| {title} | {len(records)} | {r[0]:.3f}, {r[1]:.3f} |")
    for way in (*NOISY, ALONE):
        predicted, records = _joined(found[way])
        for source in sorted({record.source for record in records}):
            rows = [row for row, record in enumerate(records) if record.source == source]
            figures = agreement(predicted[rows], quadrants([records[row] for row in rows]).numpy())
            told = ", ".join(f"{name} {figures[name]:.3f}" for name in figures if name != "clips")
            title = source if way == "none" else f"{source}, {way}"
            typer.echo(f"| {title} | {figures['clips']} | {told} |")


def _points(known: Examples, held: Examples) -> Found:
    """Predictions for held-out items that are labelled with points."""
    labels = points(known.records)
    return _teacher(_features(known), labels)(_features(held)), held.records


def _tracks(inputs: Inputs, kind: NoisyPoints, root: Path) -> Found:
    """Predictions for held-out tracks of which the quadrant is known, by the mean of their windows."""
    assert inputs.quadrant_music is not None
    assert inputs.held_quadrant_music is not None
    (known, records), (held, answered) = (
        _means(music) for music in (inputs.quadrant_music, inputs.held_quadrant_music)
    )
    labels = quadrant_points(quadrants(records))
    if kind != "none":
        noisy = noisy_points(kind, records, known, root)
        labels = torch.where(noisy.isnan(), labels, (labels + noisy) / 2)
    return _teacher(known, labels)(held), answered


def _tracks_alone(inputs: Inputs) -> Found:
    """The same, where each data set is learnt from by itself: one head a domain."""
    assert inputs.quadrant_music is not None
    assert inputs.held_quadrant_music is not None
    (known, records), (held, answered) = (
        _means(music) for music in (inputs.quadrant_music, inputs.held_quadrant_music)
    )
    predicted = torch.empty(len(held), 2)
    for source in {record.source for record in answered}:
        learnt, asked = (torch.tensor([r.source == source for r in part]) for part in (records, answered))
        teacher = _teacher(known[learnt], quadrant_points(quadrants(records)[learnt]))
        predicted[asked] = teacher(held[asked])
    return predicted, answered


def _teacher(features: Tensor, labels: Tensor) -> KernelTeacher:
    return KernelTeacher(features, labels, width=WIDTH, ridge=RIDGE)


def _means(music: Examples) -> Found:
    rows: dict[Path, list[int]] = {}
    for row, record in enumerate(music.records):
        rows.setdefault(record.path, []).append(row)
    features = _features(music)
    means = torch.stack([features[found].mean(dim=0) for found in rows.values()])
    return means, [music.records[found[0]] for found in rows.values()]


def _features(examples: Examples) -> Tensor:
    return examples.clean(0, len(examples.records))


def _joined(parts: Sequence[Found]) -> tuple[np.ndarray, list[Record]]:
    return torch.cat([values for values, _ in parts]).numpy(), [r for _, records in parts for r in records]


if __name__ == "__main__":
    main()
