"""Grades as JSON: the controls in their own units, to be looked at, edited and applied again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from va_space.atomic import replacing
from va_space.errors import MediaError
from va_space.media.files import open_file
from va_space.transfer.grading import CONTROLS, controls

FORMAT = "va-space grade 1"
_LONGEST_FILE = 1 << 20
# tanh reaches a bound only at infinity; this close to it no 8-bit picture shows a difference.
_CLOSEST = 1 - 1e-6


def write_grade(path: str | Path, latent: Tensor) -> None:
    """Write a grade, complete or not at all.

    Args:
        path: The file.
        latent: (LATENT_SIZE,) or (1, LATENT_SIZE).
    """
    values = controls(latent.detach().cpu().reshape(1, -1))
    rounded = {name: np.round(value[0].numpy().astype(float), 7).tolist() for name, value in values.items()}
    content = {"format": FORMAT} | {
        name: numbers[0] if len(numbers) == 1 else numbers for name, numbers in rounded.items()
    }
    with replacing(path) as beside:
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_grade(path: str | Path) -> Tensor:
    """Read what :func:`write_grade` wrote.

    A control that is left out stays at zero, which changes nothing.

    Returns:
        (1, LATENT_SIZE).

    Raises:
        MediaError: The file cannot be read, is no grade, or has values outside their bounds.
    """
    path = Path(path)
    with open_file(path) as file:
        text = file.read(_LONGEST_FILE + 1)
    try:
        content = json.loads(text[:_LONGEST_FILE])
    except (ValueError, RecursionError) as error:
        raise MediaError(path, f"not JSON ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise MediaError(path, f'not a grade: "format" is not "{FORMAT}"')
    if unknown := set(content) - {"format", *(control.name for control in CONTROLS)}:
        raise MediaError(path, f"unknown controls: {', '.join(sorted(unknown))}")
    latents = []
    for control in CONTROLS:
        values = _numbers(content.get(control.name, [0.0] * control.count), control.count)
        if values is None or not np.abs(values).max() <= control.bound:
            raise MediaError(
                path, f"{control.name} needs {control.count} numbers of at most ±{control.bound:g}"
            )
        latents.append(np.arctanh(np.clip(values / control.bound, -_CLOSEST, _CLOSEST)))
    return torch.from_numpy(np.concatenate(latents)).float()[None]


def _numbers(given: Any, count: int) -> np.ndarray | None:
    values = given if isinstance(given, list) else [given]
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return np.array(values, float) if plain and len(values) == count else None
