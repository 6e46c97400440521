"""Chance that follows from a seed alone, and leaves the program's own as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(device: torch.device, *seeds: int) -> Iterator[None]:
    """Within the block, torch's random numbers follow from the seeds; afterwards they go on as if unused.

    No gradients are kept within it.

    Args:
        device: Where numbers are drawn besides the processor.
        seeds: Any whole numbers from 0 on; each path of them is a source of its own.
    """
    number = seed_of(*seeds)
    accelerator = None if device.type == "cpu" else torch.get_device_module(device)
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.default_generator.manual_seed(number)
        if accelerator is None:
            yield
            return
        state = accelerator.get_rng_state()
        try:
            accelerator.manual_seed(number)
            yield
        finally:
            accelerator.set_rng_state(state)


def seed_of(*seeds: int) -> int:
    """One seed for a path of them."""
    return int(np.random.SeedSequence(seeds).generate_state(1, np.uint64)[0] >> np.uint64(1))
