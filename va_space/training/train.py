"""From a recipe to a trained model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lightning.fabric import Fabric
from rich.console import Console

from va_space.space import VASpace
from va_space.training.crossmodal.train import train_crossmodal
from va_space.training.emotions.task import EmotionTask
from va_space.training.engine.progress import TrainingProgress
from va_space.training.engine.supervised import Task
from va_space.training.pretraining.distillation import DistillationTask
from va_space.training.pretraining.harmony import HarmonyPretrainer
from va_space.training.recipe import Recipe, load_recipe
from va_space.training.run import fit_task
from va_space.training.sources import (
    cache_of,
    emotion_records,
    load_score_windows,
    resolve_initial_weights,
    root_of,
    space_data,
    unlabelled,
)
from va_space.training.space.cross_validation import calibrate
from va_space.training.space.task import SpaceTask
from va_space.training.text.task import TextTask


def train(
    name: str | Path,
    overrides: Sequence[str] = (),
    *,
    devices: int = 1,
    accelerator: str = "auto",
    console: Console | None = None,
) -> Path:
    """Run a recipe, or continue it where it stopped.

    Args:
        name: A TOML file, or the name of a recipe that ships.
        overrides: "key=value", as in :func:`va_space.training.recipe.load_recipe`.
        devices: Processes, one a device; on CPU they talk over gloo.
        accelerator: "auto", "cpu" or "cuda".
        console: Where progress is shown; None shows nothing.

    Returns:
        The folder of the result: a model that :meth:`va_space.VASpace.from_pretrained` reads; for
        distillation ``backbone.safetensors``; for texts ``heads.safetensors``; for
        emotions ``classifier.safetensors``; for sounds and pictures the file ``crossmodal.safetensors``.

    Raises:
        ConfigError: The recipe is wrong.
        DatasetError: Its data are not there.
        CheckpointError: Its output folder holds another training, or first weights cannot be had.
    """
    loaded = load_recipe(name, overrides)
    strategy = "ddp_find_unused_parameters_true" if devices > 1 else "auto"  # terms may be switched off
    precision: Any = loaded.precision
    fabric = Fabric(accelerator=accelerator, devices=devices, strategy=strategy, precision=precision)
    fabric.launch()
    cache = cache_of(loaded.data)
    # Where the files lie is no part of what is trained: a continuation compares the recipe as it was given.
    recipe = replace(loaded, initial=resolve_initial_weights(loaded))
    with TrainingProgress(console if fabric.is_global_zero else None) as progress:
        if loaded.task in ("distillation", "symbolic"):
            return fit_task(_pretraining(recipe, cache, progress), loaded, fabric, progress)
        if loaded.task == "emotions":
            task = EmotionTask(recipe, emotion_records(recipe), cache, progress.reading)
            return fit_task(task, loaded, fabric, progress)
        if loaded.task == "crossmodal":
            folder = root_of(loaded.data) / loaded.crossmodal.folder
            return train_crossmodal(loaded, folder, cache, fabric, progress)
        if loaded.task == "text":
            return fit_task(_text(recipe, cache, progress), loaded, fabric, progress)
        data = space_data(recipe)
        folder = fit_task(SpaceTask(recipe, data, cache, progress.reading), loaded, fabric, progress)
        if loaded.schedule.folds:
            calibrate(recipe, data, cache, fabric, progress, folder)
        return folder


def _pretraining(recipe: Recipe, cache: Path, progress: TrainingProgress) -> Task:
    if recipe.task == "distillation":
        return DistillationTask(recipe, unlabelled(recipe), root_of(recipe.data), cache, progress.reading)
    records, descriptions = load_score_windows(recipe, progress.reading)
    return HarmonyPretrainer(recipe, records, descriptions, cache, progress.reading)


def _text(recipe: Recipe, cache: Path, progress: TrainingProgress) -> TextTask:
    space = VASpace.from_pretrained(recipe.text.space or None, precision="fp32")
    data = space_data(replace(recipe, model=space.config))  # windows as long as the space has them
    return TextTask(recipe, space, data, cache, progress.reading)
