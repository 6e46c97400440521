"""StyleGAN2 networks on disk: public pickles, and safetensors with construction arguments in the header."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from va_space.atomic import replacing
from va_space.errors import CheckpointError
from va_space.networks.stylegan2.budget import MAX_MEMORY, Budget, RefusedError
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.networks.stylegan2.kinds import kind_of
from va_space.networks.stylegan2.operations import resample_filter
from va_space.networks.stylegan2.stored import (
    KEY,
    StoredNetwork,
    StoredTensor,
    open_pickle,
    open_safetensors,
)
from va_space.text import shown

_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def load_stylegan2(path: str | Path) -> StyleGAN2:
    """Read a generator; nothing in the file is run.

    A file of N bytes takes at most N bytes and a gigabyte of memory.

    Args:
        path: A public ``.pkl`` (its "G_ema", or else its "G"), or a ``.safetensors`` that
            :func:`save_stylegan2` or ``va-space convert`` wrote.

    Returns:
        The network in float32 on the CPU, in evaluation mode, without gradients for its weights.

    Raises:
        CheckpointError: The file is missing or damaged, holds code or another kind of network, or its
            weights do not fit its construction arguments.
    """
    path = Path(path)
    opened = open_safetensors if kind_of(path) == "safetensors" else open_pickle
    try:
        return _build(opened(path))
    except (CheckpointError, RefusedError) as error:
        # What reads a kind of file may have named the file already.
        named = str(error).startswith(f"{path}: ")
        raise CheckpointError(str(error) if named else f"{path}: {error}") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path}: cannot be read as safetensors: damaged or cut off") from error
    # The file is a stranger's: whatever else goes wrong with it, it cannot be used.
    except Exception as error:
        raise CheckpointError(f"{path}: not a StyleGAN2 network, or damaged") from error


def save_stylegan2(network: StyleGAN2, path: str | Path) -> None:
    """Write a generator as safetensors, with the tensor names of public checkpoints.

    Args:
        network: The generator.
        path: The file to write or replace.
    """
    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    header = {"format": "pt", KEY: json.dumps(network.config.to_kwargs())}
    with replacing(path) as beside:
        save_file(state, beside, metadata=header)


def _build(stored: StoredNetwork) -> StyleGAN2:
    config = StyleGAN2Config.from_kwargs(stored.arguments)
    if stored.clamps:
        # What the layers hold is what they compute with: where it is their class's own value, as in
        # StyleGAN3's code, no construction argument tells of it.
        first = stored.clamps[0]
        if any(not isinstance(clamp, int | float | None) or clamp != first for clamp in stored.clamps):
            raise CheckpointError("its layers have different or odd conv_clamp, which is not supported")
        config = replace(config, conv_clamp=first)
    # On the meta device nothing is allocated: the file's own tensors become the network's.
    with torch.device("meta"):
        network = StyleGAN2(config)
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    _compare(wanted, stored.tensors)
    sizes = [value.numel() for value in network.state_dict().values()]
    # All in float32; one of them, moreover, as it is read, and as it is laid out for speed.
    Budget(MAX_MEMORY).spend(4 * sum(sizes) + 8 * max(sizes))
    state = {name: _numbers(name, tensor) for name, tensor in stored.tensors.items()}
    network.load_state_dict(state, assign=True)
    return network.for_inference()


def _compare(wanted: Mapping[str, tuple[int, ...]], tensors: Mapping[str, StoredTensor]) -> None:
    """Before anything is read."""
    missing, unknown = wanted.keys() - tensors.keys(), tensors.keys() - wanted.keys()
    if missing or unknown:
        raise CheckpointError(
            f"its tensors are not those of its construction arguments: {len(missing)} are missing "
            f"({_some(missing)}), {len(unknown)} are unknown ({_some(unknown)})"
        )
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name]:
            raise CheckpointError(
                f"{name} has the shape {shown(tensor.shape)}, by the construction arguments it should have "
                f"{wanted[name]}"
            )
        if tensor.dtype not in _FLOATS:
            raise CheckpointError(f"{name} holds other things than finite numbers")


def _numbers(name: str, tensor: StoredTensor) -> Tensor:
    values = tensor.read().to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    if not values.isfinite().all():
        raise CheckpointError(f"{name} holds other things than finite numbers")
    if name.endswith("resample_filter") and not torch.allclose(values, resample_filter(), atol=1e-4):
        raise CheckpointError(f"{name} is another filter than [1, 3, 3, 1], which is the only one supported")
    return values


def _some(names: Iterable[str]) -> str:
    names = sorted(names)
    return ", ".join(map(shown, names[:3])) + (", ..." if len(names) > 3 else "") if names else "none"
