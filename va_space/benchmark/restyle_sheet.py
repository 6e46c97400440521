"""Edited pictures side by side: what the numbers stand for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from va_space.atomic import replacing
from va_space.emotion.words import describe_quadrant

_LABEL, _HEAD, _GAP = 190, 18, 4
DIRECTIONS = tuple(describe_quadrant(number) for number in (1, 2, 3, 4))


def write_sheet(path: Path, pictures: Tensor, edited: Mapping[str, Sequence[Tensor]]) -> None:
    """Write a contact sheet: a block a picture, a row a way to edit, a column a piece of music.

    Args:
        path: A ``.png``.
        pictures: (p, 3, s, s) originals, in [0, 1].
        edited: Name of a way -> for each picture (m, 3, s, s) in [0, 1]. The first four are shown: they are
            for music in the directions of :data:`DIRECTIONS`.
    """
    size = pictures.shape[-1]
    across, down = size + _GAP, size + _GAP
    block = _HEAD + len(edited) * down
    sheet = Image.new("RGB", (_LABEL + 5 * across, len(pictures) * block), "white")
    draw = ImageDraw.Draw(sheet)
    for number, picture in enumerate(pictures):
        top = number * block
        for column, text in enumerate(("original", *DIRECTIONS)):
            draw.text((_LABEL + column * across, top + 3), text, fill="black")
        for row, (name, results) in enumerate(edited.items()):
            height = top + _HEAD + row * down
            draw.text((4, height + size // 2), name, fill="black")
            for column, shown in enumerate((picture, *results[number][: len(DIRECTIONS)])):
                sheet.paste(_image(shown), (_LABEL + column * across, height))
    with replacing(path) as beside:
        sheet.save(beside, format="PNG")


def _image(pixels: Tensor) -> Image.Image:
    return Image.fromarray((pixels.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy())
