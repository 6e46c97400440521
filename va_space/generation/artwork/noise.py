"""Smooth random fields and curves."""

import numpy as np
from PIL import Image

from va_space.generation.artwork.colour import Floats


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[float, float]) -> Floats:
    """One octave of noise, about standard normal.

    Args:
        rng: Source of randomness.
        shape: Rows and columns of the field.
        cells: How many hills and valleys lie along the rows' and the columns' direction.
    """
    rows, columns = (max(2, round(count)) + 3 for count in cells)
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    # The outermost cells are cut off: there resampling has nothing beyond to go by.
    box = (1.0, 1.0, columns - 1.0, rows - 1.0)
    image = Image.fromarray(coarse).resize(shape[::-1], Image.Resampling.BICUBIC, box=box)
    return np.asarray(image, np.float32) * 1.4


def fractal_noise(
    rng: np.random.Generator,
    shape: tuple[int, int],
    cells: tuple[float, float],
    octaves: int = 4,
    roughness: float = 0.5,
) -> Floats:
    """Octaves of noise, each of twice the frequency and `roughness` times the height of the one before."""
    field, total = np.zeros(shape, np.float32), 0.0
    for octave in range(octaves):
        height = roughness**octave
        field += height * smooth_noise(rng, shape, (cells[0] * 2**octave, cells[1] * 2**octave))
        total += height**2
    return field / np.float32(total**0.5)


def fractal_curve(
    rng: np.random.Generator, count: int, cells: float, octaves: int = 5, roughness: float = 0.5
) -> Floats:
    """The same along one axis: (count,)."""
    return fractal_noise(rng, (4, count), (1, cells), octaves, roughness)[1]


def smoothstep(low: float, high: float, x: Floats | float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the larger one."""
    t = ((np.asarray(x) - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)


def blurred(field: Floats, radius: float) -> Floats:
    """(rows, columns) or (rows, columns, channels) averaged over about `radius` pixels."""
    if radius < 0.5:
        return field
    rows, columns = field.shape[:2]
    size = max(2, round(columns / radius)), max(2, round(rows / radius))
    channels = [field] if field.ndim == 2 else list(np.moveaxis(field, -1, 0))
    smooth = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(channel))
            .resize(size, Image.Resampling.BOX)
            .resize((columns, rows), Image.Resampling.BICUBIC)
        )
        for channel in channels
    ]
    return smooth[0] if field.ndim == 2 else np.stack(smooth, -1)
