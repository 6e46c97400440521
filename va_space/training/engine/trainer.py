"""What the training loop asks of whatever it trains."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning.fabric import Fabric
from torch import Tensor

from va_space.errors import ConfigError

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Period:
    """A stretch of steps (an epoch, say) that has just ended.

    Attributes:
        done: Steps done in all.
        seconds: Seconds of training in all, over all runs.
        terms: What the last step reported.
        means: Means of what the period's steps reported.
    """

    done: int
    seconds: float
    terms: Mapping[str, float]
    means: Mapping[str, float]


class Trainer(ABC):
    """Networks, optimisers and data of one training.

    Attributes:
        steps: Steps in all.
        checkpoint_every: Steps between checkpoints, besides those at the end of each period.
        workers: Processes that prepare batches; 0 prepares them in the training process.
        unit: What a period is called.
        result: Name of the result in the output folder.
        batch: From a step, this process's rank and the number of processes to this process's share of the
            step's batch; depends on nothing else, so that a continued training gets the same batches.
    """

    steps: int
    checkpoint_every: int
    workers: int = 0
    unit: str = "epoch"
    result: str = "model"
    batch: Callable[[int, int, int], Batch]

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """JSON-able values that must agree between a run and its continuation."""

    @abstractmethod
    def setup(self, fabric: Fabric) -> None:
        """Place networks and optimisers; called once, before anything else."""

    @abstractmethod
    def step(self, step: int, batch: Batch) -> dict[str, float]:
        """Update the networks by one batch, and the terms of the loss by name."""

    @abstractmethod
    def ends_period(self, done: int) -> bool:
        """Whether a period ends after so many steps."""

    @abstractmethod
    def evaluate(self, period: Period) -> dict[str, float]:
        """Metrics for the history; in every process."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values: everything that a continuation needs besides the step."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state_dict` gave."""

    def begin(self, output: Path) -> None:  # noqa: B027
        """Write what belongs to the start of a training; in the first process."""

    def is_best(self, metrics: Mapping[str, float]) -> bool:
        """Whether these metrics are the best so far, so that the state is kept as ``best.pt``."""
        return False

    def write(self, output: Path, done: int) -> None:  # noqa: B027
        """Write what belongs to the end of a period; in the first process."""

    def finish(self, output: Path) -> None:  # noqa: B027
        """Write the result; in the first process."""


def check_shares(fabric: Fabric, *batch_sizes: int) -> None:
    """Make sure that every process gets as much of a batch as the others.

    Raises:
        ConfigError: A batch size is no multiple of the number of processes.
    """
    if any(size % fabric.world_size for size in batch_sizes):
        raise ConfigError(f"batch sizes must be multiples of the number of processes, {fabric.world_size}")
