"""Folds of OASIS by theme for the task ``emotions``: what is trained on four fifths and says of the fifth."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from lightning.fabric import Fabric
from numpy.typing import NDArray

from va_space.benchmark import baselines
from va_space.benchmark.context import Context, groups
from va_space.datasets.records import Record
from va_space.encoders.emotion_classifier import load_emotion_model
from va_space.training.emotions.task import EmotionModule, EmotionTask
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import Recipe, load_recipe
from va_space.training.run import fit_task

LEARNT = (
    "emotions.backbone=resnet50",
    "emotions.stages=1",
    "model.picture.size=64",
    "schedule.backbone_learning_rate=1e-3",
    "schedule.epochs=3",
)
"""The paper's network without its first weights, which have to be downloaded: small, and for three epochs."""

MAJORITY, PROBE = "most frequent word of the training part", "linear probe of the frozen backbone"
OURS = "rows, GRU and attention on the frozen backbone"
LEARNING = "rows, GRU and attention on ResNet50 from random weights, 64 px"

Labels = NDArray[np.int64]


class Fold:
    """One fold: what is learnt from and what is classified."""

    def __init__(self, context: Context, number: int, learnt_from: list[Record], held: list[Record]) -> None:
        self.context, self.number, self.learnt_from, self.held = context, number, learnt_from, held
        self.folder = (context.output or context.cache) / "emotions" / f"{context.seed}-{number}"

    def predictions(self) -> dict[str, Any]:
        """Classes of the held-out pictures by each way, with what they are and their themes."""
        task, ours = self._train("frozen", [])
        rows = task.inputs.values[:, 0].astype(np.float32).mean(axis=1)  # (n, features)
        learnt, held = task.examples, task.held_out
        themes = groups(task.inputs.records)
        probe = baselines.fit_logistic(rows[learnt], task.targets[learnt], themes[learnt])
        most = np.bincount(task.targets[learnt]).argmax()
        return {
            MAJORITY: np.full(len(held), most),
            PROBE: probe.predict(rows[held]),
            OURS: ours,
            "actual": task.targets[held],
            "themes": themes[held],
            "paths": [task.inputs.records[row].path for row in held],
        }

    def learnt(self) -> Labels:
        """Classes by a backbone that learns."""
        return self._train("learnt", LEARNT)[1]

    def _train(self, name: str, overrides: Sequence[str]) -> tuple[EmotionTask, Labels]:
        recipe = _recipe(self.folder / name, overrides, self.context.seed)
        task = EmotionTask(recipe, self.learnt_from, self.context.cache, held_out=self.held)
        precision: Any = recipe.precision
        fabric = Fabric(accelerator="cpu", devices=1, precision=precision)
        with TrainingProgress(None) as progress:
            folder = fit_task(task, recipe, fabric, progress)
        module = EmotionModule(load_emotion_model(folder), task.module.weights).eval()
        return task, task.predict(module)


def _recipe(output: Path, overrides: Sequence[str], seed: int) -> Recipe:
    recipe = load_recipe(
        "emotion-classifier", ["precision=32-true", "augmentation.picture_views=1", *overrides]
    )
    return replace(recipe, output=str(output), seed=seed)
