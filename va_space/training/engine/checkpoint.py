"""Training checkpoints: written atomically, read without running anything in them."""

import pickle
from pathlib import Path
from typing import Any

import torch

from va_space.atomic import replacing
from va_space.errors import CheckpointError


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Write tensors and plain values; a kill at any moment leaves the old file or the new one."""
    with replacing(path) as beside:
        torch.save(state, beside)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what :func:`save_checkpoint` wrote.

    Raises:
        CheckpointError: The file is damaged or holds more than tensors and plain values.
    """
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path}: not a training checkpoint ({error})") from error
