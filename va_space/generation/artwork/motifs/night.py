"""A sky full of stars over dark land."""

import numpy as np

from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_curve, fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("night")
class Night:
    """The land's edge is the course of the music; the stars turn the faster, the more excited it is."""

    shows = "a starry sky over dark hills"

    def suits(self, direction: Direction) -> float:
        """Music that is not very pleasant, quiet or spacious; electronic music and keys."""
        families = direction.families
        heard = max(families["electronic"], families["keys"], families["voice"])
        return 0.1 + 1.1 * near(direction, 0.3, 0.3, 0.45) + 0.45 * heard * (1 - direction.valence)

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """Sky, the band of the galaxy, land, stars, windows."""
        a, palette = direction.arousal, direction.palette
        top = 0.84 - 0.15 * (direction.course_at(grid.x[0]) - 0.4)
        top = top + 0.035 * fractal_curve(rng, grid.shape[1], 3, 6, 0.5)
        angle, turning = _currents(direction, grid, rng)
        band, glow = _band(grid, rng, turning)
        tone = 0.08 + 0.12 * grid.y + 0.34 * glow * band + 0.06 * turning
        colour = palette.tone(tone)
        low = smoothstep(0.45, 0.95, grid.y)
        colour = over(colour, palette.air(0.35 + 0.6 * low), 0.75 * low**1.6)
        heart = smoothstep(0.6, 1.35, band * glow)
        warm = palette.sky[-1] * 0.6 + palette.accent * 0.4
        colour = over(colour, np.broadcast_to(warm, colour.shape), 0.5 * heart)
        below = smoothstep(-0.004, 0.004, grid.y - top[None])
        ground = palette.tone(0.03 + 0.05 * np.exp(-(grid.y - top[None]).clip(0) / 0.03))
        colour = over(colour, ground, below)
        slope = np.arctan(np.gradient(top) * grid.shape[1])[None]
        angle = np.where(below > 0.5, slope, angle)
        rim = np.exp(-(((grid.y - top[None]) / 0.014) ** 2))
        detail = np.maximum(0.2 + 0.3 * heart + 0.25 * a * np.abs(turning).clip(0, 1), 0.9 * rim)
        return Sketch(
            colour,
            angle.astype(np.float32),
            np.where(below > 0.6, 0.25, detail).astype(np.float32),
            Handling(("block", "flat", "flat", "round"), **handling_sizes(direction)),
            np.concatenate(
                [_stars(direction, grid, rng, top, band * glow), _windows(direction, grid, rng, top)]
            ),
        )


def _currents(direction: Direction, grid: Grid, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Directions of a sky that turns around some places, and how strongly, about -1 to 1."""
    a = direction.arousal
    count = 1 + round(3 * a)
    level = 0.25 * fractal_noise(rng, grid.shape, (2, 2), 2) + float(rng.normal(-0.25, 0.2))
    x, y, strength = np.cos(2 * level), np.sin(2 * level), np.zeros(grid.shape, np.float32)
    for _ in range(count):
        cx, cy = float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.08, 0.6))
        away = grid.distance(cx, cy)
        around = np.arctan2((grid.y - cy) * grid.height, (grid.x - cx) * grid.width) + np.pi / 2
        pull = np.exp(-((away / (0.1 + 0.14 * a)) ** 2)) * (0.6 + 1.6 * a)
        x, y = x + pull * np.cos(2 * around), y + pull * np.sin(2 * around)
        strength += np.sin(away * 60) * np.exp(-((away / (0.08 + 0.12 * a)) ** 2)) * a
    return (np.arctan2(y, x) / 2).astype(np.float32), strength


def _band(grid: Grid, rng: np.random.Generator, turning: Floats) -> tuple[Floats, Floats]:
    """The band of the galaxy, and its clouds."""
    tilt = float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.0))
    bow = 0.1 * fractal_noise(rng, grid.shape, (2, 2), 2)
    across = (grid.y - 0.42) - tilt * (grid.x - 0.5) + bow
    band = np.exp(-((across / 0.17) ** 2))
    clouds = fractal_noise(rng, grid.shape, (6, 6), 5, 0.6)
    return band.astype(np.float32), (0.85 + 0.3 * clouds + 0.15 * turning).clip(0, 1.5)


def _stars(direction: Direction, grid: Grid, rng: np.random.Generator, top: Floats, band: Floats) -> Marks:
    """Small ones, more of them in the band, and a few large ones with a halo."""
    count = 900
    x, y = rng.uniform(0, 1, count), rng.uniform(0, 0.95, count)
    rows, columns = (y * grid.shape[0]).astype(int), (x * grid.shape[1]).astype(int)
    kept = (y < top[columns] - 0.03) & (rng.uniform(0, 1, count) < 0.25 + 0.6 * band[rows, columns])
    x, y = x[kept], y[kept]
    count = len(x)
    magnitude = rng.pareto(3.0, count).clip(0, 3.2)
    size = 0.0026 + 0.0026 * magnitude
    light = direction.palette.tone(0.97)
    hue = np.where(rng.uniform(0, 1, (count, 1)) < 0.25, direction.palette.accent, light)
    colour = light * 0.65 + hue * 0.35
    colour[:, 0] = (0.75 + 0.1 * magnitude).clip(0.6, 0.97)
    stars = _dabs(rng, x * grid.width, y * grid.height, size, colour, 0.95)
    large = magnitude > 1.4
    halo = _dabs(
        rng,
        x[large] * grid.width,
        y[large] * grid.height,
        size[large] * 5.5,
        colour[large] * (0.8, 1, 1),
        0.3,
        "wash",
    )
    return np.concatenate([halo, stars])


def _dabs(
    rng: np.random.Generator,
    x: Floats,
    y: Floats,
    size: Floats,
    colour: Floats,
    opacity: float,
    brush: str = "round",
) -> Marks:
    count = len(x)
    return marks(
        count,
        NUMBERS[brush] * VARIANTS,
        x=x,
        y=y,
        length=size * 1.25,
        width=size,
        angle=rng.uniform(0, np.pi, count),
        colour=colour,
        opacity=opacity,
    )


def _windows(direction: Direction, grid: Grid, rng: np.random.Generator, top: Floats) -> Marks:
    """A few lights in the land; more where drums or voices are heard."""
    families = direction.families
    count = 3 + round(12 * max(families["drums"], families["voice"]))
    x = (float(rng.choice([0.3, 0.7])) + rng.normal(0, 0.08, count)).clip(0.02, 0.98)
    y = top[(x * grid.shape[1]).astype(int)] + rng.uniform(0.02, 0.07, count)
    warm = direction.palette.accent * (1, 0.8, 0.8) + np.array([0.1, 0, 0.03])
    return _dabs(
        rng,
        x * grid.width,
        y * grid.height,
        rng.uniform(0.004, 0.008, count),
        np.tile(warm, (count, 1)),
        0.95,
    )
