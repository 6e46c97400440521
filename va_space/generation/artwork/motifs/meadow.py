"""A field in flower under a wide sky."""

import numpy as np

from va_space.generation.artwork.air import paint_sky
from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_curve, fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("meadow")
class Meadow:
    """Each section of the music is a strip of the field, in flower as it is loud."""

    shows = "a meadow in flower under a wide sky"

    def suits(self, direction: Direction) -> float:
        """Pleasant music, most of all with guitars or voices."""
        families = direction.families
        heard = max(families["guitar"], families["voice"])
        return 1.3 * near(direction, 0.88, 0.5, 0.4) + 0.5 * heard * direction.valence

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """Sky, a far wood, the field, flowers from far to near."""
        horizon = float(rng.uniform(0.3, 0.44))
        sky = paint_sky(direction, grid, rng, horizon, disc=bool(rng.uniform() < 0.5))
        palette = direction.palette
        wood = horizon - 0.035 - 0.03 * fractal_curve(rng, grid.shape[1], 5, 5, 0.6).clip(-1, 2)
        trees = smoothstep(-0.004, 0.004, grid.y - wood[None])
        field = fractal_noise(rng, grid.shape, (9, 9), 4, 0.6)
        far = over(
            palette.tone(0.34 + 0.08 * field),
            palette.air(np.full(grid.shape, 0.9, np.float32)),
            np.full(grid.shape, 0.3, np.float32),
        )
        colour = over(sky.colour, far, trees)
        down = ((grid.y - horizon) / (1 - horizon)).clip(0, 1)
        lie = 0.012 * fractal_curve(rng, grid.shape[1], 2.2, 4)[None]
        below = smoothstep(-0.003, 0.003, grid.y - horizon - lie)
        bloom = _strips(direction, grid, rng, down)
        tone = 0.52 - 0.28 * down + 0.12 * direction.valence + 0.09 * field * (0.5 + down)
        ground = palette.tone(tone)
        hue = palette.accent * 0.75 + palette.ramp[-2] * 0.25
        ground = over(ground, np.broadcast_to(hue, ground.shape), 0.5 * bloom)
        ground = over(ground, np.broadcast_to(sky.lamp, ground.shape), 0.22 * sky.light * (1 - down))
        colour = over(colour, ground, below)
        angle = np.where(trees > 0.5, np.pi / 2 + 0.6 * field, sky.angle)
        blades = -np.pi / 2 + 0.35 * np.tanh(field) + 0.5 * (grid.x - 0.5)
        angle = np.where(below > 0.5, np.where(down < 0.12, 0.06 * field, blades), angle)
        rim = np.exp(-(((grid.y - wood[None]) / 0.012) ** 2))
        detail = np.where(below > 0.5, 0.35 + 0.2 * down, np.where(trees > 0.5, 0.5, sky.detail))
        return Sketch(
            colour,
            angle.astype(np.float32),
            np.maximum(detail, 0.9 * rim).astype(np.float32),
            Handling(("block", "flat", "flat", "round"), **handling_sizes(direction)),
            _flowers(direction, grid, rng, horizon, bloom),
        )


def _strips(direction: Direction, grid: Grid, rng: np.random.Generator, down: Floats) -> Floats:
    """How much each place is in flower, in [0, 1]: strips by section, broken into drifts."""
    bend = 0.05 * fractal_noise(rng, grid.shape, (2, 3), 3)
    place = (down**0.55 + bend + 0.15 * (grid.x - 0.5)).clip(0, 1)
    energy = direction.course_at(place)
    drifts = fractal_noise(rng, grid.shape, (14, 5), 3, 0.6)
    return smoothstep(0.1, 1.3, drifts + 1.1 * energy - 0.2) * smoothstep(0.0, 0.06, down)


def _flowers(
    direction: Direction, grid: Grid, rng: np.random.Generator, horizon: float, bloom: Floats
) -> Marks:
    """Dabs that grow towards us, on stems where they are near."""
    count = int(1400 + 900 * direction.valence)
    down = rng.beta(0.9, 1.15, count)
    x, y = rng.uniform(0, 1, count), horizon + (1 - horizon) * (0.03 + 0.97 * down)
    rows = (y * grid.shape[0]).astype(int).clip(0, grid.shape[0] - 1)
    kept = rng.uniform(0, 1, count) < 0.12 + 0.85 * bloom[rows, (x * grid.shape[1]).astype(int)]
    x, y, down = x[kept], y[kept], down[kept]
    order = np.argsort(y)
    x, y, down = x[order], y[order], down[order]
    count = len(x)
    size = 0.0025 + 0.02 * down**1.8
    kinds = np.stack([direction.palette.accent, direction.palette.ramp[-1], direction.palette.ramp[-2]])
    kind = rng.choice(3, count, p=[0.6, 0.25, 0.15])
    colour = kinds[kind] + rng.normal(0, 0.045, (count, 1)) * (1, 0, 0)
    stems = marks(
        count,
        NUMBERS["liner"] * VARIANTS,
        x=x * grid.width,
        y=y * grid.height + 2.2 * size,
        length=5 * size,
        width=0.25 * size,
        angle=-np.pi / 2 + rng.normal(0, 0.2, count),
        bend=rng.uniform(-1, 1, count),
        colour=direction.palette.tone((0.12 + 0.2 * rng.uniform(0, 1, count)).astype(np.float32)),
    )
    petals = marks(
        2 * count,
        NUMBERS["round"] * VARIANTS,
        x=np.repeat(x * grid.width, 2) + rng.normal(0, 0.35, 2 * count) * np.repeat(size, 2),
        y=np.repeat(y * grid.height, 2) + rng.normal(0, 0.25, 2 * count) * np.repeat(size, 2),
        length=np.repeat(size, 2) * rng.uniform(0.9, 1.5, 2 * count),
        width=np.repeat(size, 2) * rng.uniform(0.6, 0.9, 2 * count),
        angle=rng.normal(0, 0.5, 2 * count),
        bend=rng.uniform(-1.4, 1.4, 2 * count),
        colour=np.repeat(colour, 2, 0) + np.tile([[-0.05, 0, 0], [0.03, 0, 0]], (count, 1)),
    )
    petals["brush"] += rng.integers(0, VARIANTS, 2 * count)
    near_ = down > 0.35
    return np.concatenate([stems[near_], petals])
