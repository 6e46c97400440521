"""Edited pictures side by side: what the numbers stand for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from va_space.atomic import replacing
from va_space.text import printable

_LABEL, _HEAD, _GAP = 150, 18, 4
_SIDE = 160


def write_sheet(
    path: Path, pictures: Tensor, edited: Mapping[str, Sequence[Tensor]], names: Sequence[str]
) -> None:
    """Write a contact sheet: a block a picture, a row a way to edit, a column a target.

    Args:
        path: A ``.png``.
        pictures: (p, 3, s, s) originals, in [0, 1].
        edited: Name of a way -> for each picture (t, 3, s, s) in [0, 1].
        names: Of the t targets.
    """
    across, down = _SIDE + _GAP, _SIDE + _GAP
    block = _HEAD + len(edited) * down
    sheet = Image.new("RGB", (_LABEL + (1 + len(names)) * across, len(pictures) * block), "white")
    draw = ImageDraw.Draw(sheet)
    for number, picture in enumerate(pictures):
        top = number * block
        for column, text in enumerate(("original", *names)):
            draw.text((_LABEL + column * across, top + 3), printable(text)[:26], fill="black")
        for row, (name, results) in enumerate(edited.items()):
            height = top + _HEAD + row * down
            draw.text((4, height + _SIDE // 2), name, fill="black")
            for column, shown in enumerate((picture, *results[number])):
                sheet.paste(_image(shown), (_LABEL + column * across, height))
    with replacing(path) as beside:
        sheet.save(beside, format="PNG")


def _image(pixels: Tensor) -> Image.Image:
    levels = (pixels.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return Image.fromarray(levels).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
