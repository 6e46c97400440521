"""A network in a file, before any of its numbers is read."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from va_space.errors import CheckpointError
from va_space.networks.stylegan2.checkpoint_pickle import read_checkpoint_pickle
from va_space.networks.stylegan2.pickled_values import PickledModule, PickledTensor
from va_space.text import shown

KEY = "stylegan2"  # of the construction arguments in the header of a safetensors file
_ARGUMENTS = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")  # in the order of the constructor
_MAX_MODULES, _MAX_PARTS, _MAX_NAME = 2000, 500, 200
_MAX_HEADER = 2**20  # bytes; a network of 1024 x 1024 pixels has a header of some 20,000
_DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor that is still in its file.

    Attributes:
        shape: Its shape.
        dtype: Its type; None for one that no network has.
        read: Reads its numbers.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype | None
    read: Callable[[], Tensor]


@dataclass(frozen=True)
class StoredNetwork:
    """A generator that is still in its file.

    Attributes:
        arguments: It was constructed with.
        tensors: By the names of its state dict.
        clamps: The values of conv_clamp that stand in its layers; empty where none do.
    """

    arguments: Mapping[str, Any]
    tensors: Mapping[str, StoredTensor]
    clamps: tuple[Any, ...] = ()


def open_safetensors(path: Path) -> StoredNetwork:
    """What :func:`va_space.networks.stylegan2.files.save_stylegan2` wrote.

    Raises:
        CheckpointError: It is something else. (Damage raises what safetensors and json raise.)
    """
    with path.open("rb") as raw:
        if int.from_bytes(raw.read(8), "little") > _MAX_HEADER:
            raise CheckpointError("cannot be read as safetensors: its header is longer than any network's")
    file = safe_open(path, "pt")
    header = (file.metadata() or {}).get(KEY)
    if header is None:
        raise CheckpointError(
            "has no construction arguments of a StyleGAN2 generator in its header: "
            "make it from the original .pkl with va-space convert"
        )
    arguments = json.loads(header)
    if not isinstance(arguments, dict):
        raise CheckpointError("the construction arguments in its header are not named")

    def stored(name: str) -> StoredTensor:
        part = file.get_slice(name)
        return StoredTensor(
            tuple(part.get_shape()), _DTYPES.get(part.get_dtype()), lambda: file.get_tensor(name)
        )

    return StoredNetwork(arguments, {name: stored(name) for name in file.keys()})  # noqa: SIM118


def open_pickle(path: Path) -> StoredNetwork:
    """The generator of a public pickle: its "G_ema", or else its "G".

    Raises:
        CheckpointError: There is none.
    """
    content = read_checkpoint_pickle(path)
    if not isinstance(content, dict):
        what = "list of things" if isinstance(content, list | tuple) else "single value"
        raise CheckpointError(f"holds a {what}, not networks by name (G, D, G_ema)")
    network = content.get("G_ema", content.get("G"))
    if not isinstance(network, PickledModule):
        if network is not None:
            raise CheckpointError("what it calls G_ema or G is not a network")
        names = shown(", ".join(map(shown, list(content)[:5])) or "nothing")
        raise CheckpointError(f"holds no network G_ema or G, but {names}")
    positional, named = network.state.get("_init_args", ()), network.state.get("_init_kwargs", {})
    if not isinstance(positional, tuple | list) or not isinstance(named, dict):
        raise CheckpointError("the network's construction arguments are damaged")
    modules = list(_modules(network))
    tensors = {name: tensor for prefix, module in modules for name, tensor in _tensors(prefix, module)}
    clamps = tuple(module.state["conv_clamp"] for prefix, module in modules if _clamps(prefix, module))
    _check_kind(network, tensors)
    return StoredNetwork({**dict(zip(_ARGUMENTS, positional, strict=False)), **named}, tensors, clamps)


def _check_kind(network: PickledModule, tensors: Mapping[str, Any]) -> None:
    if "synthesis.b4.const" in tensors:
        return
    if any(name.startswith(("synthesis.input.", "synthesis.L0_")) for name in tensors):
        raise CheckpointError(
            "is a StyleGAN3 network (T or R), which is built otherwise: "
            "take one of StyleGAN2 or StyleGAN2-ADA"
        )
    raise CheckpointError(f"its {shown(network.class_name)} is not a StyleGAN2 generator")


def _modules(root: PickledModule) -> Iterator[tuple[str, PickledModule]]:
    """A module and its parts, with what their tensors' names begin with."""
    waiting, count = [("", root)], 0
    while waiting:
        prefix, module = waiting.pop()
        count += 1
        # The same module may stand in many places, so that a small file holds endless networks.
        if not isinstance(module, PickledModule) or count + len(waiting) > _MAX_MODULES:
            raise CheckpointError(f"{shown(prefix.rstrip('.')) or 'the network'} is not a network module")
        yield prefix, module
        waiting += [(f"{prefix}{name}.", part) for name, part in _section(prefix, module, "_modules")]


def _tensors(prefix: str, module: PickledModule) -> Iterator[tuple[str, StoredTensor]]:
    for section in ("_parameters", "_buffers"):
        for name, value in _section(prefix, module, section):
            full = f"{prefix}{name}"
            if isinstance(value, PickledTensor):
                yield full, StoredTensor(value.size, value.storage.dtype, value.numbers)
            elif value is not None:
                raise CheckpointError(f"{shown(full)} is not a tensor")


def _section(prefix: str, module: PickledModule, section: str) -> list[tuple[str, Any]]:
    entries = module.state.get(section, {})
    if not isinstance(entries, dict) or len(entries) > _MAX_PARTS:
        raise CheckpointError(f"{section} of {shown(module.class_name)} are damaged")
    if any(len(prefix) + len(name) > _MAX_NAME for name in entries):
        raise CheckpointError("the network's parts have longer names than any network's")
    return list(entries.items())


def _clamps(prefix: str, module: PickledModule) -> bool:
    """Whether a module is a layer whose results are clamped, or says that they are not."""
    layer = prefix.rstrip(".").rpartition(".")[2]
    is_layer = prefix.startswith("synthesis.b") and layer in ("conv0", "conv1", "torgb")
    return is_layer and "conv_clamp" in module.state
