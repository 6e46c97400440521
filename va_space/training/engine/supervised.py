"""Training of one module that maps a batch to a loss: AdamW, a running average, validation by epoch."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from lightning.fabric import Fabric
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from va_space.training.engine.checkpoint import load_checkpoint
from va_space.training.engine.loop import BEST
from va_space.training.engine.schedule import Schedule, parameter_groups, rate
from va_space.training.engine.trainer import Batch, Period, Trainer, check_shares


class Task(Protocol):
    """What is learnt.

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


class SupervisedTrainer(Trainer):
    """Trains the module of a task.

    Args:
        task: What is learnt.
        schedule: How long, how fast.
        identity: Values that must agree between a run and its continuation.
        workers: Processes that prepare batches.
    """

    def __init__(self, task: Task, schedule: Schedule, identity: dict[str, Any], workers: int = 0) -> None:
        self.task, self.schedule, self.workers, self.batch = task, schedule, workers, task.batch
        self.steps = schedule.epochs * task.steps_per_epoch
        self.checkpoint_every = schedule.checkpoint_every
        self._identity, self._best = identity, -math.inf

    def identity(self) -> dict[str, Any]:
        """See :class:`Trainer`."""
        return self._identity

    def setup(self, fabric: Fabric) -> None:
        """See :class:`Trainer`."""
        task, schedule = self.task, self.schedule
        check_shares(fabric, schedule.batch_size, schedule.quadrant_batch_size)
        average = get_ema_multi_avg_fn(schedule.average)
        averaged = AveragedModel(task.module, multi_avg_fn=average, use_buffers=True)
        self.fabric = fabric
        self.module, self.optimizer = fabric.setup(
            task.module, torch.optim.AdamW(parameter_groups(task.module, schedule))
        )
        self.averaged = averaged.to(fabric.device)

    def step(self, step: int, batch: Batch) -> dict[str, float]:
        """See :class:`Trainer`."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * rate(step, self.steps, self.schedule.warmup)
        self.module.train()
        terms = self.module(batch)
        self.fabric.backward(terms["total"])
        self.fabric.clip_gradients(self.module, self.optimizer, max_norm=self.schedule.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.averaged.update_parameters(self.task.module)
        return {name: float(value.detach()) for name, value in terms.items()}

    def ends_period(self, done: int) -> bool:
        """See :class:`Trainer`."""
        return done % self.task.steps_per_epoch == 0

    def evaluate(self, period: Period) -> dict[str, float]:
        """See :class:`Trainer`."""
        return {"train_total": period.terms["total"], **self.task.validate(self._result())}

    def is_best(self, metrics: Mapping[str, float]) -> bool:
        """See :class:`Trainer`."""
        if self.schedule.select == "best" and metrics["score"] <= self._best:  # false if it is no number
            return False
        self._best = metrics["score"]
        return True

    def state_dict(self) -> dict[str, Any]:
        """See :class:`Trainer`."""
        return {
            "module": self.task.module.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "best": self._best,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See :class:`Trainer`."""
        self._load_weights(state)
        self.optimizer.load_state_dict(state["optimizer"])
        self._best = state["best"]

    def finish(self, output: Path) -> None:
        """See :class:`Trainer`."""
        self._load_weights(load_checkpoint(output / BEST)["trainer"])
        self.task.save(self._result(), output / self.result)

    def _load_weights(self, state: dict[str, Any]) -> None:
        self.task.module.load_state_dict(state["module"])
        self.averaged.load_state_dict(state["averaged"])

    def _result(self) -> nn.Module:
        """What is validated and saved."""
        return (self.averaged.module if self.schedule.average else self.task.module).eval()
