"""The training loop: one for all trainings, resumable at any checkpoint."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lightning.fabric import Fabric
from lightning.fabric.loggers import TensorBoardLogger
from torch import Generator
from torch.utils.data import DataLoader, Dataset

from va_space.atomic import replacing
from va_space.errors import CheckpointError
from va_space.training.engine.checkpoint import load_checkpoint, save_checkpoint
from va_space.training.engine.progress import TrainingProgress
from va_space.training.engine.trainer import Batch, Period, Trainer

log = logging.getLogger(__name__)

LAST, BEST = "last.pt", "best.pt"


def fit(trainer: Trainer, output: Path, fabric: Fabric, progress: TrainingProgress) -> Path:
    """Train, continuing where an earlier run with the same options stopped.

    The output folder gets ``last.pt`` (to continue), ``best.pt`` where the trainer chooses a best, a line a
    period in ``history.json``, TensorBoard logs, and what the trainer writes.

    Args:
        trainer: What is trained, and how.
        output: The folder.
        fabric: Where to train.
        progress: Told about steps and periods.

    Returns:
        The result of the trainer.

    Raises:
        CheckpointError: The folder holds a training with other options.
        ConfigError: A batch cannot be shared evenly among the processes, or the training has diverged.
    """
    trainer.setup(fabric)
    state: dict[str, Any] = {"step": 0, "seconds": 0.0, "history": []}
    if (output / LAST).exists():
        state = _restore(output / LAST, trainer)
        log.info("continuing %s at step %d of %d", output, state["step"], trainer.steps)
    elif fabric.is_global_zero:
        trainer.begin(output)
    logger = TensorBoardLogger(root_dir=output, name="tensorboard", version="")

    def checkpoint(name: str) -> None:
        if fabric.is_global_zero:
            identity = json.dumps(trainer.identity(), sort_keys=True)
            save_checkpoint({**state, "identity": identity, "trainer": trainer.state_dict()}, output / name)

    waited, started, before = 0.0, time.perf_counter(), state["seconds"]
    means, batches = _Means(), _batches(trainer, state["step"], fabric)
    for step in range(state["step"], trainer.steps):
        asked = time.perf_counter()
        batch = fabric.to_device(next(batches))
        waited += time.perf_counter() - asked

        terms = trainer.step(step, batch)

        state["step"] = done = step + 1
        state["seconds"] = before + time.perf_counter() - started
        means.add(terms)
        share = waited / (time.perf_counter() - started)
        progress.step(done, trainer.steps, terms, share)
        if fabric.is_global_zero:
            logger.log_metrics({**{f"train/{k}": v for k, v in terms.items()}, "waited": share}, step)

        if trainer.ends_period(done):
            metrics = trainer.evaluate(Period(done, state["seconds"], terms, means.take()))
            number = len(state["history"]) + 1
            state["history"].append({trainer.unit: number, **metrics})
            progress.epoch(number, metrics, trainer.unit)
            if trainer.is_best(metrics):
                checkpoint(BEST)
            if fabric.is_global_zero:
                logger.log_metrics({f"validation/{k}": v for k, v in metrics.items()}, step)
                trainer.write(output, done)
                with replacing(output / "history.json") as beside:
                    beside.write_text(json.dumps(state["history"], indent=1), encoding="utf-8")
            checkpoint(LAST)
        elif done % trainer.checkpoint_every == 0:
            checkpoint(LAST)

    if fabric.is_global_zero:
        trainer.finish(output)
    fabric.barrier()
    return output / trainer.result


class _Means:
    """Means of what the steps report; some terms come only now and then."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}

    def add(self, terms: Mapping[str, float]) -> None:
        for name, value in terms.items():
            self.values.setdefault(name, []).append(value)

    def take(self) -> dict[str, float]:
        """The means since the last call."""
        means = {name: sum(values) / len(values) for name, values in self.values.items()}
        self.values.clear()
        return means


class _Steps(Dataset):
    """Batches by step number, for any number of workers."""

    def __init__(self, batch: Callable[[int, int, int], Batch], rank: int, processes: int) -> None:
        self.batch, self.rank, self.processes = batch, rank, processes

    def __getitem__(self, step: int) -> Batch:
        return self.batch(step, self.rank, self.processes)


def _batches(trainer: Trainer, first: int, fabric: Fabric) -> Iterator[Batch]:
    steps = _Steps(trainer.batch, fabric.global_rank, fabric.world_size)
    order = range(first, trainer.steps)
    # With a generator of its own the loader leaves the global one alone.
    return iter(
        DataLoader(steps, batch_size=None, sampler=order, num_workers=trainer.workers, generator=Generator())
    )


def _restore(path: Path, trainer: Trainer) -> dict[str, Any]:
    state = load_checkpoint(path)
    if "identity" not in state:
        raise CheckpointError(f"{path} was made by another version: choose another output, or remove it")
    theirs, ours = json.loads(state.pop("identity")), json.loads(json.dumps(trainer.identity()))
    if changed := sorted(_differences(theirs, ours)):
        raise CheckpointError(
            f"{path} was made with another recipe, or other options ({', '.join(changed)}): choose another "
            "output, or remove it"
        )
    trainer.load_state_dict(state.pop("trainer"))
    return state


def _differences(theirs: Any, ours: Any, key: str = "") -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in theirs.keys() | ours.keys():
            yield from _differences(theirs.get(name), ours.get(name), f"{key}.{name}" if key else name)
    elif theirs != ours:
        yield key
