"""The training loop: one for every task, resumable at any step."""

import json
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import torch
from lightning.fabric import Fabric
from lightning.fabric.loggers import TensorBoardLogger
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from va_space.atomic import replacing
from va_space.errors import CheckpointError, ConfigError
from va_space.training.engine.checkpoint import load_checkpoint, save_checkpoint
from va_space.training.engine.progress import TrainingProgress
from va_space.training.engine.schedule import parameter_groups, rate
from va_space.training.recipe import Recipe

log = logging.getLogger(__name__)

Batch = dict[str, Tensor]


class Task(Protocol):
    """What the loop trains.

    Attributes:
        module: Maps a batch to the terms of the loss, "total" among them. Its parameters under ``backbone``
            get the backbones' learning rate.
        steps_per_epoch: Steps of one epoch.
    """

    steps_per_epoch: int

    @property
    def module(self) -> nn.Module:
        """See the attributes."""

    def batch(self, step: int, rank: int, processes: int) -> Batch:
        """This process's share of a step's batch; depends on nothing but its arguments and the recipe."""

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Validation metrics; "score" is the one that chooses the best weights, higher is better."""

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the result of the training."""


def fit(task: Task, recipe: Recipe, fabric: Fabric, progress: TrainingProgress) -> Path:
    """Train a task, continuing where an earlier run with the same recipe stopped.

    Returns:
        The folder of the best model.

    Raises:
        CheckpointError: The output folder holds a training with another recipe.
        ConfigError: A batch cannot be shared evenly among the processes.
    """
    output, schedule = Path(recipe.output), recipe.schedule
    if schedule.batch_size % fabric.world_size or schedule.quadrant_batch_size % fabric.world_size:
        raise ConfigError(f"batch sizes must be multiples of the number of processes, {fabric.world_size}")
    total = schedule.epochs * task.steps_per_epoch
    averaged = AveragedModel(
        task.module, multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True
    )
    optimizer = torch.optim.AdamW(parameter_groups(task.module, schedule))
    module, optimizer = fabric.setup(task.module, optimizer)
    averaged.to(fabric.device)
    state: dict[str, Any] = {"step": 0, "best": -math.inf, "history": []}
    if (output / "last.pt").exists():
        state = _restore(output / "last.pt", recipe, task.module, averaged, optimizer)
        log.info("continuing %s at step %d of %d", output, state["step"], total)
    logger = TensorBoardLogger(root_dir=output, name="tensorboard", version="")

    def checkpoint(name: str) -> None:
        if fabric.is_global_zero:
            weights = {"module": task.module.state_dict(), "averaged": averaged.state_dict()}
            rest = {
                "optimizer": optimizer.state_dict(),
                "recipe": json.dumps(recipe.identity(), sort_keys=True),
            }
            save_checkpoint({**state, **weights, **rest}, output / name)

    waited, started = 0.0, time.perf_counter()
    batches = _batches(task, state["step"], total, recipe, fabric)
    while state["step"] < total:
        step = state["step"]
        asked = time.perf_counter()
        batch = fabric.to_device(next(batches))
        waited += time.perf_counter() - asked

        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * rate(step, total, schedule.warmup)
        module.train()
        terms = module(batch)
        fabric.backward(terms["total"])
        fabric.clip_gradients(module, optimizer, max_norm=schedule.clip)
        optimizer.step()
        optimizer.zero_grad()
        averaged.update_parameters(task.module)

        state["step"] = step + 1
        numbers = {name: float(value.detach()) for name, value in terms.items()}
        share = waited / (time.perf_counter() - started)
        progress.step(step + 1, total, numbers, share)
        if fabric.is_global_zero:
            logger.log_metrics({**{f"train/{k}": v for k, v in numbers.items()}, "waited": share}, step)

        if (step + 1) % task.steps_per_epoch == 0:
            metrics = task.validate((averaged.module if schedule.average else task.module).eval())
            epoch = (step + 1) // task.steps_per_epoch
            state["history"].append({"epoch": epoch, "train_total": numbers["total"], **metrics})
            progress.epoch(epoch, metrics)
            if schedule.select == "last" or not metrics["score"] <= state["best"]:  # nor if it is no number
                state["best"] = metrics["score"]
                checkpoint("best.pt")
            if fabric.is_global_zero:
                logger.log_metrics({f"validation/{k}": v for k, v in metrics.items()}, step)
                with replacing(output / "history.json") as beside:
                    beside.write_text(json.dumps(state["history"], indent=1), encoding="utf-8")
            checkpoint("last.pt")
        elif (step + 1) % schedule.checkpoint_every == 0:
            checkpoint("last.pt")

    if fabric.is_global_zero:
        best = load_checkpoint(output / "best.pt")
        averaged.load_state_dict(best["averaged"])
        task.module.load_state_dict(best["module"])
        task.save((averaged.module if schedule.average else task.module).eval(), output / "model")
    fabric.barrier()
    return output / "model"


class _Steps(Dataset):
    """Batches by step number, for any number of workers."""

    def __init__(self, task: Task, rank: int, processes: int) -> None:
        self.task, self.rank, self.processes = task, rank, processes

    def __getitem__(self, step: int) -> Batch:
        return self.task.batch(step, self.rank, self.processes)


def _batches(task: Task, first: int, total: int, recipe: Recipe, fabric: Fabric) -> Iterator[Batch]:
    steps = _Steps(task, fabric.global_rank, fabric.world_size)
    workers = recipe.data.workers
    return iter(DataLoader(steps, batch_size=None, sampler=range(first, total), num_workers=workers))


def _restore(
    path: Path, recipe: Recipe, module: nn.Module, averaged: nn.Module, optimizer: Any
) -> dict[str, Any]:
    state = load_checkpoint(path)
    if state.pop("recipe") != json.dumps(recipe.identity(), sort_keys=True):
        raise CheckpointError(f"{path} was made with another recipe: choose another output, or remove it")
    module.load_state_dict(state.pop("module"))
    averaged.load_state_dict(state.pop("averaged"))
    optimizer.load_state_dict(state.pop("optimizer"))
    return state
