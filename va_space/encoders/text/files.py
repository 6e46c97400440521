"""The heads of texts as a file of their own: ``heads.safetensors``, which belongs to one model's weights."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from va_space.atomic import replacing
from va_space.emotion.reference import Distribution
from va_space.encoders.tensors import read_tensors
from va_space.encoders.text.model import TextConfig, TextModel
from va_space.errors import CheckpointError, ConfigError

FOLDER, HEADS = "text", "heads.safetensors"
_FORMAT = "va-space-text"
_QUANTILES, _COUNT = "reference.quantiles", "reference.count"


@dataclass(frozen=True)
class TextSide:
    """What makes a text a part of a space.

    Attributes:
        model: From features to vectors, valence and arousal.
        reference: How predictions for texts are distributed.
    """

    model: TextModel
    reference: Distribution


def save_text(
    side: TextSide, folder: str | Path, fingerprint: str, *, dtype: torch.dtype = torch.float32
) -> None:
    """Write heads.

    Args:
        side: What to write.
        folder: Made if it is missing.
        fingerprint: Of the weights of the space that they lead into.
        dtype: Of the stored weights, float32 or float16.
    """
    from safetensors.torch import save

    state = {
        name: value.to(device="cpu", dtype=dtype if value.is_floating_point() else value.dtype).contiguous()
        for name, value in side.model.state_dict().items()
    }
    state[_QUANTILES] = torch.from_numpy(side.reference.quantiles.astype(np.float32))
    state[_COUNT] = torch.tensor([side.reference.count])
    metadata = {"format": _FORMAT, "config": json.dumps(side.model.config.to_dict()), "space": fingerprint}
    with replacing(Path(folder) / HEADS) as beside:
        beside.write_bytes(save(state, metadata))


def owner_of(folder: str | Path) -> str | None:
    """The fingerprint of the model that the heads in a folder belong to; None if there are no heads."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(Path(folder) / HEADS, "pt") as file:
            return (file.metadata() or {}).get("space")
    except (OSError, SafetensorError):
        return None


def load_text(folder: str | Path, fingerprint: str) -> TextSide:
    """Read heads, for the weights that they were trained with.

    Args:
        folder: What :func:`save_text` wrote to.
        fingerprint: Of the weights of the space.

    Raises:
        CheckpointError: They are not there, damaged, or belong to another model.
    """
    path = Path(folder) / HEADS
    if not path.is_file():
        raise CheckpointError(
            f"the model cannot read texts: there is no {path}; make it: va-space train text"
        )
    state, metadata = read_tensors(path, _FORMAT, "these are no heads of texts")
    if (owner := metadata.get("space", "")) != fingerprint:
        raise CheckpointError(
            f"{path}: leads into the space of another model ({owner[:12] or 'unnamed'}, not "
            f"{fingerprint[:12]}); make it again: va-space train text"
        )
    try:
        quantiles, count = state.pop(_QUANTILES), state.pop(_COUNT)
        model = TextModel(
            TextConfig.from_dict(json.loads(metadata["config"])), len(state["head.0.running_mean"])
        )
        model.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
        )
        reference = Distribution(quantiles.numpy().astype(np.float64), int(count[0]))
    except (KeyError, TypeError, ValueError, RuntimeError, ConfigError) as error:
        raise CheckpointError(f"{path}: damaged, or of another version ({error})") from error
    return TextSide(model.eval().requires_grad_(False), reference)
