"""Ridges one behind another under a sun or moon."""

import numpy as np

from va_space.generation.artwork.air import Sky, paint_sky
from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_curve, fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("hills")
class Hills:
    """The ridges follow the course of the music's energy; the more sections, the more ridges."""

    shows = "mountain ridges fading into haze under a low sun"

    def suits(self, direction: Direction) -> float:
        """Calm to moderate music, and that of strings and guitars."""
        families = direction.families
        return 0.3 + near(direction, 0.55, 0.3) + 0.5 * max(families["strings"], families["guitar"])

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """From the farthest ridge to the ground in front."""
        a = direction.arousal
        horizon = float(rng.uniform(0.46, 0.62))
        sky = paint_sky(direction, grid, rng, horizon)
        colour, angle, detail = sky.colour.copy(), sky.angle.copy(), sky.detail.copy()
        count = int(np.clip(len(direction.sections), 3, 6))
        for depth in range(count):
            near_ = depth / (count - 1)
            top = _ridge(direction, grid, rng, near_, horizon)
            below = smoothstep(-0.004, 0.004, grid.y - top[None])
            ground, lean = _slope(direction, grid, rng, sky, top, near_)
            colour = over(colour, ground, below)
            angle = np.where(below > 0.5, lean, angle)
            rim = np.exp(-(((grid.y - top[None]) / (0.016 + 0.012 * near_)) ** 2))
            detail = np.where(below > 0.5, 0.22 + 0.4 * near_, detail)
            detail = np.maximum(detail, (0.75 + 0.2 * near_) * rim)
        knife = a > 0.6 or direction.families["heavy"] > 0.3
        brushes = ("block", "knife", "knife", "flat") if knife else ("block", "flat", "flat", "round")
        return Sketch(
            colour,
            angle.astype(np.float32),
            detail.astype(np.float32),
            Handling(brushes, **handling_sizes(direction)),
            _flowers(direction, grid, rng),
        )


def _ridge(
    direction: Direction, grid: Grid, rng: np.random.Generator, near_: float, horizon: float
) -> Floats:
    """(columns,) y of a ridge's top; the farthest is the course of the music."""
    columns = grid.shape[1]
    x = np.linspace(0, 1, columns, dtype=np.float32)
    course = direction.course_at((x + float(rng.uniform(-0.12, 0.12)) * near_).clip(0, 1))
    roughness = 0.32 + 0.24 * direction.arousal
    rough = fractal_curve(rng, columns, 2.2 + 1.6 * (1 - near_), 6, roughness)
    base = horizon + (0.97 - horizon) * near_**1.25 * 0.86
    height = (0.1 + 0.16 * direction.arousal) * (1 - 0.55 * near_)
    return base - height * ((1 - near_) * 1.3 * (course - 0.35) + 0.55 * rough)


def _slope(
    direction: Direction, grid: Grid, rng: np.random.Generator, sky: Sky, top: Floats, near_: float
) -> tuple[Floats, Floats]:
    """Colours and directions below a ridge's top."""
    palette = direction.palette
    down = (grid.y - top[None]).clip(0, 1)
    field = fractal_noise(rng, grid.shape, (7, 5), 5, 0.6)
    facing = np.gradient(top) * grid.shape[1] / 3 * np.sign(sky.sun[0] - grid.x[0])
    lit = np.exp(-down / 0.1) * (0.5 + 0.5 * np.tanh(2 * facing))[None] + 0.35 * np.tanh(field)
    tone = 0.6 - 0.52 * near_ + (0.1 + 0.08 * direction.valence) * lit
    tone = tone + 0.1 * sky.light * (1 - near_) + 0.16 * direction.valence * (near_ - 0.3)
    colour = palette.tone(tone)
    haze = palette.air(0.94)
    veil = (1 - near_) ** 1.3 * (0.3 + 0.55 * smoothstep(0.0, 0.17, down))
    colour = over(colour, np.broadcast_to(haze, colour.shape), veil.clip(0, 0.9))
    warm = (sky.light * np.exp(-down / 0.05) * (0.5 - 0.3 * near_)).clip(0, 1)
    colour = over(colour, np.broadcast_to(sky.lamp, colour.shape), warm)
    along = np.arctan(np.gradient(top) * grid.shape[1] * grid.height / grid.width)
    fall = along[None] + 0.5 * np.tanh(field) + 0.35 * np.sign(along)[None] * smoothstep(0.0, 0.15, down)
    return colour, fall


def _flowers(direction: Direction, grid: Grid, rng: np.random.Generator) -> Marks:
    """Blades and dabs in the foreground, in drifts: the more pleasant, the more in flower."""
    count = int(240 + 420 * direction.valence)
    drifts = rng.uniform(-0.1, 1.1, 5) * grid.width
    x = rng.choice(drifts, count) + rng.normal(0, 0.16, count)
    depth = rng.beta(1.6, 1.3, count)
    y = grid.height * (0.88 + 0.15 * depth)
    size = 0.004 + 0.011 * depth**1.5
    tone = direction.palette.tone(
        rng.beta(1.3, 3.2, count).astype(np.float32) * (0.35 + 0.6 * direction.valence)
    )
    flower = rng.uniform(0, 1, count) < 0.5 * (direction.valence - 0.25)
    light = rng.normal(0, 0.05, (count, 1)) * (1, 0, 0)
    colour = np.where(flower[:, None], direction.palette.accent + light, tone)
    order = np.argsort(y, kind="stable")
    made = marks(
        count,
        NUMBERS["round"] * VARIANTS,
        x=x,
        y=np.where(flower, y - 0.6 * size - 0.012, y),
        length=np.where(flower, rng.uniform(1.1, 1.9, count), rng.uniform(3, 7, count)) * size,
        width=np.where(flower, 1.1, 0.4) * size,
        angle=np.where(flower, 0.0, -np.pi / 2) + rng.normal(0, 0.3, count),
        bend=rng.uniform(-1.4, 1.4, count),
        colour=colour,
    )
    made["brush"] += rng.integers(0, VARIANTS, count)
    return made[order]
