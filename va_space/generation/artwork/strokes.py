"""From a plan to marks: broad ones first, then finer ones where they are worth it.

After Haeberli 1990 ("Paint by numbers") and Litwinowicz 1997 ("Processing images and video for an
impressionist effect"): marks take their colour from where they lie, follow a direction, and end where the
colour below them changes.
"""

from dataclasses import dataclass

import numpy as np

from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.noise import blurred, smooth_noise
from va_space.generation.artwork.scene import MARK, Marks
from va_space.generation.artwork.sketch import Grid, Sketch

# Steps along each half of a mark at which the colour below is compared.
_STEPS = 7


@dataclass(frozen=True)
class Layer:
    """Marks of one size.

    Attributes:
        width: In units of the short side.
        ratio: Length by width.
        overlap: How many marks lie over each place.
        tolerance: How far the colour may change before a mark ends, in OKLab.
        needs: Detail in [0, 1] below which nothing is painted.
        brush: Which of the handling's brushes.
        opacity: Of the paint.
    """

    width: float
    ratio: float
    overlap: float
    tolerance: float
    needs: float
    brush: int
    opacity: float


LAYERS = (
    Layer(0.11, 3.0, 5.5, 0.6, 0.0, 0, 1.0),
    Layer(0.055, 3.6, 2.4, 0.13, 0.0, 1, 0.95),
    Layer(0.028, 3.8, 1.9, 0.07, 0.12, 2, 0.95),
    Layer(0.014, 4.2, 1.6, 0.05, 0.36, 2, 0.95),
    Layer(0.0075, 4.5, 1.3, 0.045, 0.62, 3, 0.95),
)


def paint_layers(sketch: Sketch, grid: Grid, rng: np.random.Generator) -> Marks:
    """All marks of a plan, first to last."""
    # The same neighbourhood of a mark is warmer or brighter than planned: broken colour.
    drift = np.stack([smooth_noise(rng, grid.shape, (5, 5)) for _ in range(3)], -1)
    layers = [_layer(sketch, grid, layer, drift, rng) for layer in LAYERS]
    return np.concatenate([*layers, sketch.last])


def _layer(sketch: Sketch, grid: Grid, layer: Layer, drift: Floats, rng: np.random.Generator) -> Marks:
    handling = sketch.handling
    width = layer.width * handling.size
    length = width * layer.ratio * handling.length
    x, y = _places(grid, width, length, layer.overlap, rng)
    rows, columns = _cells(grid, x, y)
    detail = sketch.detail[rows, columns]
    wanted = detail + rng.uniform(-0.12, 0.12, len(x)) >= layer.needs
    if layer.needs > 0.3:
        wanted &= rng.uniform(0, 1, len(x)) < handling.fineness
    x, y, rows, columns = x[wanted], y[wanted], rows[wanted], columns[wanted]
    count = len(x)
    angle = sketch.angle[rows, columns] + rng.normal(0, handling.jitter, count).astype(np.float32)
    plan = blurred(sketch.colour, 0.35 * width * grid.shape[0] / grid.height)
    before, after = _reach(plan, grid, x, y, angle, length, layer.tolerance)
    bend = _bends(sketch, grid, x, y, angle, length, width)
    shift = (after - before) / 2
    reached = (before + after) * rng.uniform(0.85, 1.15, count)
    made = np.zeros(count, MARK)
    made["x"], made["y"] = x + shift * np.cos(angle), y + shift * np.sin(angle)
    made["length"] = np.maximum(reached, 1.3 * width)
    # Short marks are narrow ones, but for the first layer, which has to cover the ground.
    narrow = np.clip(reached / length * 1.6, 0.55, 1) if layer.needs or layer.brush else 1.0
    made["width"] = width * rng.uniform(0.75, 1.25, count) * narrow
    made["angle"], made["bend"] = angle, bend
    colour = plan[rows, columns] + _broken(drift[rows, columns], rng, count) * handling.broken
    made["colour"] = colour
    made["streak"] = colour + rng.normal(0, 1, (count, 1)) * (0.05, 0, 0) * handling.broken
    made["opacity"] = layer.opacity
    made["brush"] = NUMBERS[handling.brushes[layer.brush]] * VARIANTS + rng.integers(0, VARIANTS, count)
    return made


def _places(
    grid: Grid, width: float, length: float, overlap: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """A jittered lattice in random order, in units of the short side."""
    pitch = (width * length / overlap) ** 0.5
    columns, rows = int(np.ceil(grid.width / pitch)) + 1, int(np.ceil(grid.height / pitch)) + 1
    y, x = (axis.ravel().astype(np.float32) for axis in np.mgrid[:rows, :columns])
    order = rng.permutation(len(x))
    x = (x + rng.uniform(-0.6, 0.6, len(x))) * pitch
    y = (y + rng.uniform(-0.6, 0.6, len(y))) * pitch
    return x[order].astype(np.float32), y[order].astype(np.float32)


def _cells(grid: Grid, x: Floats, y: Floats) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = grid.shape
    row = (y / grid.height * rows).astype(np.int32).clip(0, rows - 1)
    return row, (x / grid.width * columns).astype(np.int32).clip(0, columns - 1)


def _reach(
    plan: Floats, grid: Grid, x: Floats, y: Floats, angle: Floats, length: float, tolerance: float
) -> tuple[Floats, Floats]:
    """How far each mark may go backwards and forwards before the colour changes."""
    here = plan[_cells(grid, x, y)]
    reaches = []
    for sign in (-1, 1):
        reach, open_ = np.zeros(len(x), np.float32), np.ones(len(x), bool)
        for step in range(1, _STEPS + 1):
            far = sign * step / _STEPS * length / 2
            there = plan[_cells(grid, x + far * np.cos(angle), y + far * np.sin(angle))]
            open_ &= np.abs(there - here).sum(axis=-1) < tolerance
            reach[open_] = step / _STEPS * length / 2
        reaches.append(reach)
    return reaches[0], reaches[1]


def _bends(
    sketch: Sketch, grid: Grid, x: Floats, y: Floats, angle: Floats, length: float, width: float
) -> Floats:
    """Bends in half widths of marks along a direction that turns."""
    far = 0.4 * length
    dx, dy = far * np.cos(angle), far * np.sin(angle)
    turn = sketch.angle[_cells(grid, x + dx, y + dy)] - sketch.angle[_cells(grid, x - dx, y - dy)]
    turn = (turn + np.pi / 2) % np.pi - np.pi / 2
    return (-turn / 8 * 2 * length / width).clip(-1.5, 1.5)


def _broken(drift: Floats, rng: np.random.Generator, count: int) -> Floats:
    """(count, 3) differences in OKLab: by neighbourhood, and of each mark."""
    own = rng.normal(0, 1, (count, 3)) * (0.014, 0.006, 0.007)
    return (drift * (0.012, 0.008, 0.008) + own).astype(np.float32)
