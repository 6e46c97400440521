"""What lies in a model's folder: which kind it is, whether it is whole, how much memory it wants.

Only JSON and the heads of safetensors files are read. Nothing is unpickled, and no code in a folder is run.
"""

import json
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from va_space.errors import CheckpointError
from va_space.generation.neural.table import Kind

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
_FLOATS = ("F64", "F32", "F16", "BF16")
_LARGEST_HEAD = 100 << 20  # of a safetensors file, as the format has it
_STEMS = ("model", "diffusion_pytorch_model")

PIPELINES: tuple[Kind, ...] = ("diffusion music", "painting")
"""Kinds of models that are pipelines of diffusers; the others are networks of transformers."""

_CLASSES: dict[Kind, str] = {
    "music": "MusicgenForConditionalGeneration",
    "diffusion music": "StableAudioPipeline",
    "caption": "BlipForConditionalGeneration",
    "clap": "ClapModel",
}
_WHAT: dict[Kind, str] = {
    "music": "a MusicGen that transformers saved",
    "diffusion music": "a Stable Audio that diffusers saved",
    "caption": "a BLIP for captions that transformers saved",
    "language": "a causal language model that transformers saved",
    "painting": "a text-to-picture pipeline that diffusers saved",
    "clap": "a CLAP that transformers saved",
}


@dataclass(frozen=True)
class Weights:
    """The weights of a folder that are read.

    Attributes:
        files: Safetensors files.
        floats: Number of floating-point values.
        other_bytes: Bytes of everything else.
    """

    files: tuple[Path, ...]
    floats: int
    other_bytes: int

    def bytes_in(self, bytes_per_float: int) -> int:
        """How much memory they take with so many bytes for a floating-point value."""
        return self.floats * bytes_per_float + self.other_bytes


def inspect_folder(folder: Path, kind: Kind) -> Weights:
    """Check that a folder holds a whole model of a kind.

    Raises:
        CheckpointError: It is no model, one of another kind, half a download, or has pickled weights alone.
    """
    diffusion = kind in PIPELINES
    described = folder / ("model_index.json" if diffusion else "config.json")
    config = _read_json(described, folder, kind)
    _check_kind(config, folder, kind)
    parts = [folder]
    if diffusion:
        parts = [folder / name for name, value in config.items() if _has_weights(folder / name, value)]
    files = tuple(file for part in parts for file in _weight_files(part))
    floats = other = 0
    for file in files:
        more_floats, more_other = _measure(file)
        floats, other = floats + more_floats, other + more_other
    return Weights(files, floats, other)


def _read_json(path: Path, folder: Path, kind: Kind) -> dict[str, Any]:
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: no such folder")
    if not path.is_file():
        raise CheckpointError(f"{folder} is not {_WHAT[kind]}: it has no {path.name}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: not JSON, or half a download ({error})") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path}: not the description of a model")
    return content


def _check_kind(config: dict[str, Any], folder: Path, kind: Kind) -> None:
    found = config.get("_class_name") or next(iter(config.get("architectures") or []), None)
    found = found or config.get("model_type") or "nothing that is known"
    if kind == "language":
        from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

        known = str(found).endswith(("ForCausalLM", "LMHeadModel"))
        right = known and config.get("model_type") in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    elif kind == "painting":
        right = _is_painting(found)
    else:
        right = found == _CLASSES[kind]
    if not right:
        raise CheckpointError(f"{folder} is not {_WHAT[kind]}: it holds {found}")


def _is_painting(name: object) -> bool:
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING

    return name in {pipeline.__name__ for pipeline in AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values()}


def _has_weights(part: Path, value: object) -> bool:
    """Whether a part of a pipeline is a network: (library, class) with a configuration of one."""
    if not isinstance(value, list) or len(value) != 2 or value[0] is None:
        return False
    if not part.is_dir():
        raise CheckpointError(f"{part.parent}: half a download: the part {part.name} is missing")
    return (part / "config.json").is_file()


def _weight_files(folder: Path) -> list[Path]:
    for stem in _STEMS:
        index, whole = folder / f"{stem}.safetensors.index.json", folder / f"{stem}.safetensors"
        if index.is_file():
            return _shards(index)
        if whole.is_file():
            return [whole]
    if pickles := sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern)):
        raise CheckpointError(
            f"{folder}: its weights are pickled ({pickles[0]}). Such a file can run code when it is read: "
            "it is not opened. Convert it to safetensors where it can be trusted, by save_pretrained"
        )
    raise CheckpointError(f"{folder}: half a download: it has no weights (model.safetensors)")


def _shards(index: Path) -> list[Path]:
    try:
        names = sorted(
            {str(name) for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()}
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise CheckpointError(f"{index}: not a list of weights, or half a download ({error})") from error
    if any(Path(name).name != name for name in names):
        raise CheckpointError(f"{index}: names files of other folders")
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise CheckpointError(
            f"{index.parent}: half a download: {len(missing)} of {len(names)} files of weights are missing, "
            f"such as {missing[0]}"
        )
    return [index.parent / name for name in names]


def _measure(file: Path) -> tuple[int, int]:
    """(floating-point values, other bytes) of a safetensors file, whose length has to be as its head says."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            if length > min(size, _LARGEST_HEAD):
                raise ValueError("its head is cut off")
            head = json.loads(opened.read(length))
        head.pop("__metadata__", None)
        end = 8 + length + max((tensor["data_offsets"][1] for tensor in head.values()), default=0)
        floats = sum(prod(t["shape"]) for t in head.values() if t["dtype"] in _FLOATS)
        other = sum(
            prod(t["shape"]) * _BYTES.get(t["dtype"], 1) for t in head.values() if t["dtype"] not in _FLOATS
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise CheckpointError(f"{file}: half a download, or not safetensors ({error})") from error
    if size < end:
        raise CheckpointError(f"{file}: half a download: {size:,} of {end:,} bytes are there; get it again")
    return floats, other
