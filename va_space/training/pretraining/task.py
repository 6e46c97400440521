"""What trainings of a backbone before the space have in common: examples seen once an epoch, and a file."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Generator, nn

from va_space.atomic import replacing
from va_space.training.engine.augment import step_rng
from va_space.training.engine.trainer import Batch
from va_space.training.recipe import Recipe

WEIGHTS = "backbone.safetensors"


class PretrainingTask(ABC):
    """Training of a backbone on single examples; see :class:`va_space.training.engine.supervised.Task`.

    Args:
        recipe: What to train and how.
        module: What is trained; its ``backbone`` is the result.
        examples: Rows that are learnt from.
        held_out: Rows that validate.
    """

    def __init__(self, recipe: Recipe, module: nn.Module, examples: np.ndarray, held_out: np.ndarray) -> None:
        self.recipe, self.examples, self.held_out = recipe, examples, held_out
        self.module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.steps_per_epoch = max(1, len(examples) // recipe.schedule.batch_size)

    @abstractmethod
    def assemble(self, rows: np.ndarray, rng: Generator | None) -> Batch:
        """The examples of some rows, augmented; as inference has them without an rng."""

    @abstractmethod
    def validate(self, module: nn.Module) -> dict[str, float]:
        """Metrics on held-out examples, "score" among them."""

    def batch(self, step: int, rank: int, processes: int) -> Batch:
        """This process's share of a step's augmented examples; each is seen once an epoch."""
        epoch, position = divmod(step, self.steps_per_epoch)
        size = self.recipe.schedule.batch_size
        order = np.random.default_rng([self.recipe.seed, epoch]).permutation(self.examples)
        mine = order[position * size : (position + 1) * size][rank::processes]
        return self.assemble(mine, step_rng(self.recipe.seed, step, rank))

    def held_out_batches(self, device: torch.device) -> Iterator[Batch]:
        """Held-out examples on a device, computed with as in training."""
        size = self.recipe.schedule.batch_size
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, self.recipe.precision != "32-true"):
            for first in range(0, len(self.held_out), size):
                batch = self.assemble(self.held_out[first : first + size], None)
                yield {name: value.to(device) for name, value in batch.items()}

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the backbone as first weights for another recipe, in the names of its library."""
        from safetensors.torch import save

        backbone = module.backbone
        assert isinstance(backbone, nn.Module)
        state = {
            key.removeprefix("network."): value.cpu().contiguous()
            for key, value in backbone.state_dict().items()
        }
        with replacing(folder / WEIGHTS) as beside:
            beside.write_bytes(save(state))
