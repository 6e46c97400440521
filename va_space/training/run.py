"""A recipe's task in the training loop."""

from pathlib import Path

from lightning.fabric import Fabric

from va_space.training.engine.loop import fit
from va_space.training.engine.progress import TrainingProgress
from va_space.training.engine.supervised import SupervisedTrainer, Task
from va_space.training.recipe import Recipe


def fit_task(task: Task, recipe: Recipe, fabric: Fabric, progress: TrainingProgress) -> Path:
    """Train a task as its recipe says, continuing where an earlier run stopped; the result's folder."""
    trainer = SupervisedTrainer(task, recipe.schedule, recipe.identity(), recipe.data.workers)
    return fit(trainer, Path(recipe.output), fabric, progress)
