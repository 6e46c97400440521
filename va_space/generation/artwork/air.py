"""Skies: gradients, clouds, and a sun or moon with its light; several motifs stand under one."""

from dataclasses import dataclass

import numpy as np

from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.noise import fractal_noise, smoothstep
from va_space.generation.artwork.sketch import Grid, over


@dataclass(frozen=True, eq=False)
class Sky:
    """A sky down to a horizon.

    Attributes:
        colour: (rows, columns, 3) OKLab.
        angle: (rows, columns) in radians.
        detail: (rows, columns) in [0, 1].
        light: (rows, columns) how much of the sun's light is there, in [0, 1].
        sun: Where it stands, x and y in [0, 1].
        radius: Of the disc, in units of the short side.
        lamp: (3,) OKLab of its light.
    """

    colour: Floats
    angle: Floats
    detail: Floats
    light: Floats
    sun: tuple[float, float]
    radius: float
    lamp: Floats


def paint_sky(
    direction: Direction, grid: Grid, rng: np.random.Generator, horizon: float, *, disc: bool = True
) -> Sky:
    """A sky for a feeling: cloudier the less pleasant, in more motion the more excited.

    Args:
        direction: What the music asks for.
        grid: Places.
        rng: Source of chance.
        horizon: Its y in [0, 1].
        disc: Whether the sun or moon shows as one.
    """
    v, a, palette = direction.valence, direction.arousal, direction.palette
    sun = _third(rng), horizon * float(rng.uniform(0.3, 0.86))
    radius = float(rng.uniform(0.035, 0.085))
    down = (grid.y / horizon).clip(0, 1.05)
    colour = palette.air(down**1.15)
    lamp = palette.sky[-1] * 0.35 + palette.ramp[-1] * 0.65
    lamp = np.array([max(lamp[0], 0.86 if v > 0.35 else 0.78), *lamp[1:]], np.float32)
    away = grid.distance(*sun)
    light = np.exp(-away / (0.28 + 0.16 * v))
    colour = over(colour, np.broadcast_to(lamp, colour.shape), 0.75 * light)
    colour, motion = _clouds(direction, grid, rng, colour, lamp, light, horizon)
    detail = 0.1 + 0.5 * motion * (0.35 + 0.4 * a)
    angle = np.where(away < radius, 0.6, _drift(direction, grid, rng, sun, away)).astype(np.float32)
    if disc:
        edge = smoothstep(radius + 0.008, radius - 0.008, away)
        colour = over(colour, np.broadcast_to(lamp + np.array([0.06, 0, 0], np.float32), colour.shape), edge)
        rim = np.exp(-(((away - radius) / 0.03) ** 2))
        detail = np.maximum(np.maximum(detail, 0.95 * rim), 0.7 * edge)
    return Sky(colour, angle, detail, light, sun, radius, lamp)


def _third(rng: np.random.Generator) -> float:
    """Near a third of the width, on either side."""
    third = float(rng.choice([1 / 3, 2 / 3], p=[0.5, 0.5]))
    return third + float(rng.normal(0, 0.05))


def _clouds(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    colour: Floats,
    lamp: Floats,
    light: Floats,
    horizon: float,
) -> tuple[Floats, Floats]:
    v, a = direction.valence, direction.arousal
    stretch = 3.2 - 1.6 * a
    field = fractal_noise(rng, grid.shape, (2.2 * stretch + 1, 2.2), 5, 0.55)
    # Flatter towards the horizon.
    field = field * (1.1 - 0.5 * (grid.y / horizon).clip(0, 1))
    cover = 0.45 - 0.75 * (v - 0.5)
    mass = smoothstep(0.55 - cover, 1.6 - cover, field)
    slope = np.gradient(field, axis=0) * grid.shape[0] / 8
    dark = direction.palette.tone(0.22 + 0.5 * v) * 0.55 + colour * 0.45
    lit = over(colour, np.broadcast_to(lamp, colour.shape), 0.35 + 0.5 * light)
    shade = smoothstep(-0.8, 0.8, slope)
    cloud = over(lit, dark, shade)
    return over(colour, cloud, mass * (0.55 + 0.35 * a)), mass


def _drift(
    direction: Direction, grid: Grid, rng: np.random.Generator, sun: tuple[float, float], away: Floats
) -> Floats:
    """Directions of the air: level and calm, or turning around the sun and in gusts."""
    a = direction.arousal
    gust = (0.1 + 0.6 * a**1.5) * fractal_noise(rng, grid.shape, (2.5, 2.0), 2, 0.4)
    tilt = float(rng.normal(0, 0.1 + 0.3 * a))
    around = np.arctan2((grid.y - sun[1]) * grid.height, (grid.x - sun[0]) * grid.width) + np.pi / 2
    pull = np.exp(-away / (0.12 + 0.22 * a))
    level = gust + tilt
    # Directions have no sign: mixed by the doubled angle.
    x = (1 - pull) * np.cos(2 * level) + pull * np.cos(2 * around)
    y = (1 - pull) * np.sin(2 * level) + pull * np.sin(2 * around)
    return (np.arctan2(y, x) / 2).astype(np.float32)
