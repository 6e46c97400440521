"""First weights of backbones, from files that cannot run code."""

from pathlib import Path

import torch
from torch import Tensor, nn

from va_space.errors import CheckpointError


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors of a ``.safetensors`` or ``.pth`` file.

    Raises:
        CheckpointError: The file is missing, damaged, or holds more than tensors.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read as weights ({error})") from error
    except Exception as error:  # weights_only refuses foreign pickles with pickle.UnpicklingError
        raise CheckpointError(f"{path}: refused, it holds more than tensors ({error})") from error


def load_strictly(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Fill a network; every weight must be there and fit.

    Raises:
        CheckpointError: One is missing, left over, or of another shape.
    """
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        first, _, rest = str(error).partition("\n")
        raise CheckpointError(
            f"the weights are of another network ({rest.strip()[:200] or first})"
        ) from error
