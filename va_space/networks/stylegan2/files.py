"""StyleGAN2 networks on disk: public pickles, and safetensors with construction arguments in the header."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from va_space.atomic import replacing
from va_space.errors import CheckpointError
from va_space.networks.stylegan2.checkpoint_pickle import MAX_BYTES, read_checkpoint_pickle
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.networks.stylegan2.operations import resample_filter
from va_space.networks.stylegan2.pickled_values import Budget, PickledModule, PickledTensor, RefusedError

_KEY = "stylegan2"  # in the header of a safetensors file
_ARGUMENTS = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")  # in the order of the constructor
_MAX_MODULES = 2000

State = dict[str, Tensor]


def load_stylegan2(path: str | Path) -> StyleGAN2:
    """Read a generator; nothing in the file is run.

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
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    content = None if path.suffix == ".safetensors" else read_checkpoint_pickle(path)
    try:
        arguments, state = _open_safetensors(path) if content is None else _from_pickle(content)
        return _build(StyleGAN2Config.from_kwargs(arguments), state)
    except (CheckpointError, RefusedError, ValueError) as error:
        raise CheckpointError(f"{path}: {error}") from error


def save_stylegan2(network: StyleGAN2, path: str | Path) -> None:
    """Write a generator as safetensors, with the tensor names of public checkpoints.

    Args:
        network: The generator.
        path: The file to write or replace.
    """
    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    header = {"format": "pt", _KEY: json.dumps(network.config.to_kwargs())}
    with replacing(path) as beside:
        save_file(state, beside, metadata=header)


def _open_safetensors(path: Path) -> tuple[Mapping[str, Any], State]:
    try:
        with safe_open(path, "pt") as file:
            header = (file.metadata() or {}).get(_KEY)
            if header is None:
                raise CheckpointError(
                    "has no construction arguments of a StyleGAN2 generator in its header: "
                    "make it from the original .pkl with va-space convert"
                )
            arguments = json.loads(header)
            if not isinstance(arguments, dict):
                raise CheckpointError("the construction arguments in its header are not named")
            return arguments, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise CheckpointError(f"cannot be read as safetensors ({error})") from error


def _from_pickle(content: Any) -> tuple[Mapping[str, Any], State]:
    if not isinstance(content, dict):
        raise CheckpointError(f"holds a {type(content).__name__}, not networks by name (G, D, G_ema)")
    network = content.get("G_ema", content.get("G"))
    if not isinstance(network, PickledModule):
        raise CheckpointError(
            f"holds no network G_ema or G, but {', '.join(map(str, content)) or 'nothing'}"[:300]
        )
    positional, named = network.state.get("_init_args", ()), network.state.get("_init_kwargs", {})
    if not isinstance(positional, tuple | list) or not isinstance(named, dict):
        raise CheckpointError("the network's construction arguments are damaged")
    budget = Budget(_MAX_MODULES, MAX_BYTES)
    state = {name: tensor.tensor(budget) for name, tensor in _tensors(network, "", budget)}
    if "synthesis.b4.const" not in state:
        raise CheckpointError(f"its {network.class_name} is not a StyleGAN2 generator")
    return {**dict(zip(_ARGUMENTS, positional, strict=False)), **named}, state


def _tensors(module: Any, prefix: str, budget: Budget) -> Iterator[tuple[str, PickledTensor]]:
    """Parameters and buffers of a module and its parts, by the names of a state dict."""
    budget.operation()
    if not isinstance(module, PickledModule) or prefix.count(".") > 16:
        raise ValueError(f"{prefix.rstrip('.') or 'the network'} is not a network module")
    for section in ("_parameters", "_buffers", "_modules"):
        entries = module.state.get(section, {})
        if not isinstance(entries, dict):
            raise ValueError(f"{section} of {module.class_name} are damaged")
        for name, value in entries.items():
            if section == "_modules":
                yield from _tensors(value, f"{prefix}{name}.", budget)
            elif isinstance(value, PickledTensor):
                yield f"{prefix}{name}", value
            elif value is not None:
                raise ValueError(f"{prefix}{name} is not a tensor")


def _build(config: StyleGAN2Config, state: State) -> StyleGAN2:
    # On the meta device nothing is allocated: the file's own tensors become the network's.
    with torch.device("meta"):
        network = StyleGAN2(config)
    wanted = network.state_dict()
    missing, unknown = wanted.keys() - state.keys(), state.keys() - wanted.keys()
    if missing or unknown:
        raise CheckpointError(
            f"its tensors are not those of its construction arguments: {len(missing)} are missing "
            f"({_some(missing)}), {len(unknown)} are unknown ({_some(unknown)})"
        )
    for name, tensor in state.items():
        if tensor.shape != wanted[name].shape:
            raise CheckpointError(
                f"{name} has the shape {tuple(tensor.shape)}, by the construction arguments it should have "
                f"{tuple(wanted[name].shape)}"
            )
        if not tensor.is_floating_point() or not tensor.isfinite().all():
            raise CheckpointError(f"{name} holds other things than finite numbers")
        if name.endswith("resample_filter") and not torch.allclose(
            tensor.float(), resample_filter(), atol=1e-4
        ):
            raise CheckpointError(
                f"{name} is another filter than [1, 3, 3, 1], which is the only one supported"
            )
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()}, assign=True)
    return network.for_inference()


def _some(names: Any) -> str:
    names = sorted(names)
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "") if names else "none"
