"""A scene as pixels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from va_space.generation.artwork.brushes import BENDS, LENGTHS, Stamp, stamp
from va_space.generation.artwork.colour import Floats, to_bytes
from va_space.generation.artwork.noise import smooth_noise
from va_space.generation.artwork.scene import Marks, Scene

# Marks between two reports of progress, and rows that are lit at once.
_REPORTED, _ROWS = 500, 256
# Heights of the paint, where marks lie and where single bristles stand out.
_BODY, _STREAK = 120, 210
# Widths in pixels: marks are at least so wide, and show bristles from the second on.
_SMALLEST, _BRISTLED = 1.2, 3.0
_OPAQUE = 0.995


def render(
    scene: Scene, size: tuple[int, int], progress: Callable[[int, int], None] | None = None
) -> Image.Image:
    """Paint a scene.

    Args:
        scene: What to paint.
        size: Width and height in pixels; the scene fills it by its shorter side.
        progress: Called with (marks done, marks in all).

    Returns:
        In mode RGB.
    """
    scale = min(size[0] / scene.width, size[1] / scene.height)
    # The fourth band is the height of the paint.
    canvas = Image.new("RGBA", size, (*to_bytes(scene.ground).tolist(), 40))
    _lay(canvas, scene.marks, scale, progress)
    return _lit(canvas, scene)


@dataclass(frozen=True, slots=True)
class _Mark:
    """One mark in pixels."""

    x: float
    y: float
    length: float
    width: float
    cos: float
    sin: float
    stamp: Stamp
    opacity: float
    colour: list[int]
    streak: list[int]


def _lay(
    canvas: Image.Image, marks: Marks, scale: float, progress: Callable[[int, int], None] | None
) -> None:
    for number, mark in enumerate(_in_pixels(marks, scale)):
        _stroke(canvas, mark)
        if progress and number % _REPORTED == 0:
            progress(number, len(marks))


def _in_pixels(marks: Marks, scale: float) -> Iterator[_Mark]:
    length = np.maximum(marks["length"] * scale, _SMALLEST)
    width = np.maximum(marks["width"] * scale, _SMALLEST)
    # Of long thin marks the width counts: shrunk much more across than along, bristles would become dots.
    levels = np.searchsorted(LENGTHS, np.minimum(0.8 * length, 7 * width)).clip(0, len(LENGTHS) - 1)
    bends = np.abs(marks["bend"][:, None] - np.array(BENDS)).argmin(axis=1)
    columns = (
        marks["x"] * scale,
        marks["y"] * scale,
        length,
        width,
        np.cos(marks["angle"]),
        np.sin(marks["angle"]),
    )
    stamps = map(stamp, marks["brush"].tolist(), bends.tolist(), levels.tolist())
    colours = to_bytes(marks["colour"]).tolist(), to_bytes(marks["streak"]).tolist()
    return map(_Mark, *(column.tolist() for column in columns), stamps, marks["opacity"].tolist(), *colours)


def _stroke(canvas: Image.Image, mark: _Mark) -> None:
    drawn, cos, sin = mark.stamp, mark.cos, mark.sin
    along, across = mark.length / 2, mark.width / 2 * drawn.half_height
    reach_x, reach_y = abs(cos) * along + abs(sin) * across, abs(sin) * along + abs(cos) * across
    left, top = max(int(mark.x - reach_x) - 1, 0), max(int(mark.y - reach_y) - 1, 0)
    right = min(int(mark.x + reach_x) + 2, canvas.width)
    bottom = min(int(mark.y + reach_y) + 2, canvas.height)
    if right <= left or bottom <= top:
        return
    x, y = mark.x - left, mark.y - top
    # From pixels of the box to those of the stamp.
    sx, sy = drawn.body.width / 2 / along, drawn.body.height / 2 / across
    affine = (
        cos * sx,
        sin * sx,
        drawn.body.width / 2 - sx * (cos * x + sin * y),
        -sin * sy,
        cos * sy,
        drawn.body.height / 2 - sy * (cos * y - sin * x),
    )
    layers = [(drawn.body, mark.colour, _BODY)]
    if mark.width >= _BRISTLED:
        layers.append((drawn.streak, mark.streak, _STREAK))
    for image, colour, height in layers:
        size = right - left, bottom - top
        mask = image.transform(size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
        if mark.opacity < _OPAQUE:
            mask = mask.point(_faded(round(mark.opacity * 20)))
        canvas.paste((*colour, height), (left, top, right, bottom), mask)


def _faded(twentieths: int) -> list[int]:
    return [value * twentieths // 20 for value in range(256)]


def _lit(canvas: Image.Image, scene: Scene) -> Image.Image:
    """The canvas under a light from the upper left, with its own grain; some rows at a time."""
    width, height = canvas.size
    step = max(1, round(min(canvas.size) / 1100))
    rng = np.random.default_rng([scene.seed, 3])
    weave = _weave(rng, min(canvas.size))
    picture = Image.new("RGB", canvas.size)
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        # Rows above and below for the slope.
        first, last = max(0, top - step), min(height, bottom + step)
        rows = np.asarray(canvas.crop((0, first, width, last)))
        light = _slope(rows[..., 3].astype(np.float32), step)[top - first : bottom - first] * scene.relief
        light += scene.grain * _tiled(weave, top, bottom, width)
        pixels = rows[top - first : bottom - first, :, :3].astype(np.float32)
        # Light changes dark paint less than bright paint, in values of 0 to 255.
        pixels += light[..., None] * (8 + 0.13 * pixels)
        picture.paste(Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8)), (0, top))
    return picture


def _slope(heights: Floats, step: int) -> Floats:
    """How far the paint rises towards the light, about -1 to 1."""
    padded = np.pad(heights, step, mode="edge")
    rise = padded[2 * step :, 2 * step :] - padded[: -2 * step, : -2 * step]
    return (rise / -60).clip(-1.5, 1.5)


def _weave(rng: np.random.Generator, side: int) -> Floats:
    """A square tile of canvas: threads both ways, and fine grain; about standard normal."""
    count = min(512, side)
    pitch = 2 * np.pi / 4
    y, x = np.mgrid[:count, :count].astype(np.float32)
    threads = np.sin(x * pitch + smooth_noise(rng, (count, count), (24, 24))) * np.sin(y * pitch)
    return (0.5 * threads + 0.8 * rng.standard_normal((count, count))).astype(np.float32)


def _tiled(tile: Floats, top: int, bottom: int, width: int) -> Floats:
    side = len(tile)
    return tile[np.arange(top, bottom)[:, None] % side, np.arange(width)[None] % side]
