"""Models as files: ``model.safetensors``, ``config.json`` and a card; nothing in them can run code."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from va_space.atomic import replacing
from va_space.emotion.reference import Reference
from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.errors import CheckpointError, ConfigError

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
REFERENCE = "reference.safetensors"
# The heads for texts lie in a folder of their own: see va_space.encoders.text.files.
_FILES = [WEIGHTS, CONFIG, CARD, REFERENCE, "text/*.safetensors", "text/*.md"]
_HUB = "hf-hub:"
# Of the folder. 1, which 0.1 does not write down, is its words and parts; 2 has today's.
_VERSION = 2


def save_model(
    model: SpaceModel, folder: str | Path, *, card: str | None = None, dtype: torch.dtype = torch.float32
) -> None:
    """Write weights, configuration and model card; each file is complete or not there.

    Args:
        model: What to save.
        folder: Made if it is missing.
        card: Text of the model card; None writes one from the configuration.
        dtype: Of the stored weights, float32 or float16.
    """
    from safetensors.torch import save

    folder = Path(folder)
    state = {
        name: value.to(device="cpu", dtype=dtype if value.is_floating_point() else value.dtype).contiguous()
        for name, value in model.state_dict().items()
    }
    config = {"format": "va-space", "version": _VERSION, "space": model.config.to_dict()}
    contents = {
        WEIGHTS: save(state, metadata={"format": "pt"}),
        CONFIG: json.dumps(config, indent=2).encode(),
        CARD: (card or _card(model.config)).encode(),
    }
    for name, content in contents.items():
        with replacing(folder / name) as beside:
            beside.write_bytes(content)
    if model.reference is None:
        (folder / REFERENCE).unlink(missing_ok=True)  # it would be another model's
    else:
        save_reference(model.reference, folder)


def save_reference(reference: Reference, folder: str | Path) -> None:
    """Write what a model's predictions are compared with beside its weights, for these weights alone."""
    from safetensors.numpy import save

    folder = Path(folder)
    with replacing(folder / REFERENCE) as beside:
        beside.write_bytes(save(reference.to_arrays(), {"weights": weights_fingerprint(folder)}))


def load_model(name: str | Path | None) -> tuple[SpaceModel, str]:
    """Read a model.

    Args:
        name: A folder, "hf-hub:organisation/name", or None for the model that ships.

    Returns:
        The model in evaluation mode with float32 weights, and its fingerprint: the SHA-256 of the weights.

    Raises:
        CheckpointError: The model is not there, damaged, or not of this library.
    """
    folder = model_folder(name)
    for file in (CONFIG, WEIGHTS):
        if not (folder / file).is_file():
            raise CheckpointError(f"{folder} is not a saved model: it has no {file}")
    content: dict[str, Any] = {}
    try:
        content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        config = SpaceConfig.from_dict(content["space"])
    except (ValueError, KeyError, TypeError, ConfigError) as error:
        reason = f"not a configuration of va-space ({error}). {_readable(content)}"
        raise CheckpointError(f"{folder / CONFIG}: {reason}") from error
    state = _weights(folder / WEIGHTS)
    model = SpaceModel(config)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = f"does not fit {CONFIG} beside it: {error}. {_readable(content)}"
        raise CheckpointError(f"{folder / WEIGHTS} {reason}") from error
    fingerprint = weights_fingerprint(folder)
    model.reference = _reference(folder / REFERENCE, fingerprint)
    return model.eval(), fingerprint


def _readable(content: object) -> str:
    """Which releases saved what this one reads, for a model that it does not."""
    version = content.get("version", 1) if isinstance(content, dict) else 1
    if isinstance(version, int) and version > _VERSION:
        return f"It was saved by a later release (format {version}; this one reads up to {_VERSION}): update"
    return "This release reads what va-space saved since 0.1; others load in the release that saved them"


def weights_fingerprint(folder: str | Path) -> str:
    """The SHA-256 of a saved model's weights."""
    with (Path(folder) / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reference(path: Path, fingerprint: str) -> Reference | None:
    """The reference beside weights; None if there is none, or one of other weights."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as file:
            if (file.metadata() or {}).get("weights") != fingerprint:
                return None
            return Reference.from_arrays({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path}: damaged, or no reference distributions ({error})") from error


def _weights(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: damaged, or not safetensors ({error})") from error
    return {name: value.float() if value.is_floating_point() else value for name, value in state.items()}


def model_folder(name: str | Path | None) -> Path:
    """The folder of a model, named as for :func:`load_model`; what is on the hub is downloaded.

    Raises:
        CheckpointError: It could not be had from the hub.
    """
    if name is None:
        return Path(str(files("va_space.weights")))
    if not str(name).startswith(_HUB):
        return Path(name)
    from huggingface_hub import snapshot_download

    repository = str(name).removeprefix(_HUB)
    try:
        return Path(snapshot_download(repository, allow_patterns=_FILES))
    except Exception as error:  # the hub's client raises a wide family, from validation to HTTP
        raise CheckpointError(
            f"{name} could not be had from the hub ({error}). Without a network, download its folder "
            "elsewhere and give the folder's path"
        ) from error


def _card(config: SpaceConfig) -> str:
    rows: dict[str, Any] = {
        "picture backbone": config.picture_backbone,
        "picture size": f"{config.picture.size} x {config.picture.size}",
        "music backbone": config.music_backbone,
        "sound": f"{config.audio.sample_rate} Hz, {config.audio.n_mels} mels",
        "window": f"{config.audio.window_seconds:g} s",
        "dimension": config.dimension,
        "sigma": round(config.sigma, 4),
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"""---
library_name: va-space
tags: [valence-arousal, cross-modal-retrieval, music, pictures]
---
# A valence-arousal space of pictures and music

```python
from va_space import VASpace
space = VASpace.from_pretrained("path of this folder")
vectors = space.encode(["picture.jpg", "recording.ogg"])  # (2, {config.dimension}), unit rows
```

| | |
|---|---|
{table}

This card was made from the configuration alone: it says nothing about the data the model was trained on, its
quality or its limits. Whoever shares the model should add them.
"""
