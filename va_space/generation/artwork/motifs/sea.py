"""Open water under a sky: a mirror, a swell or a storm."""

import numpy as np

from va_space.generation.artwork.air import Sky, paint_sky
from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes
from va_space.generation.artwork.noise import fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("sea")
class Sea:
    """The waves come as often as the beats, and as high as the music is excited."""

    shows = "the open sea with light on the waves"

    def suits(self, direction: Direction) -> float:
        """Music at either end of arousal, strings and voices."""
        a, families = direction.arousal, direction.families
        return 0.3 + 0.6 * abs(2 * a - 1) + 0.4 * max(families["strings"], families["voice"])

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """Sky, water, and the light's path on it."""
        a = direction.arousal
        horizon = float(rng.uniform(0.34, 0.48) + 0.1 * (1 - a))
        sky = paint_sky(direction, grid, rng, horizon)
        down = ((grid.y - horizon) / (1 - horizon)).clip(0, 1)
        crest, slope = _waves(direction, grid, rng, down)
        water = _water(direction, grid, rng, sky, down, crest, slope)
        below = smoothstep(-0.003, 0.003, grid.y - horizon)
        colour = over(sky.colour, water, below)
        lean = np.clip((0.25 + 1.1 * a) * slope, -0.9, 0.9) * down**0.6
        angle = np.where(below > 0.5, lean, sky.angle)
        path = np.exp(-(((grid.x - sky.sun[0]) * grid.width / (0.05 + 0.16 * down)) ** 2))
        busy = 0.25 + 0.35 * down + 0.5 * smoothstep(0.5, 1.1, crest) + 0.3 * path
        detail = np.where(below > 0.5, busy + 0.35 * (1 - down) ** 6, sky.detail)
        line = np.exp(-(((grid.y - horizon) / 0.012) ** 2))
        brushes = ("block", "flat", "flat", "round") if a < 0.7 else ("block", "flat", "dry", "flat")
        return Sketch(
            colour,
            angle.astype(np.float32),
            np.maximum(detail, 0.85 * line).astype(np.float32),
            Handling(brushes, **handling_sizes(direction)),
            np.concatenate(
                [_glitter(direction, grid, rng, sky, horizon), _sail(direction, grid, rng, horizon)]
            ),
        )


def _waves(direction: Direction, grid: Grid, rng: np.random.Generator, down: Floats) -> tuple[Floats, Floats]:
    """Heights of the water, about -1 to 1, and its slope across the picture."""
    a = direction.arousal
    # Perspective: rows of waves lie the closer, the farther they are.
    far = 1.0 / (0.09 + down)
    count = (9 - 5.5 * a) * (0.7 + direction.tempo / 300)
    field = fractal_noise(rng, grid.shape, (5, 3), 3, 0.5)
    phase = count * np.log(far) * 2.6 + (0.7 + 1.5 * a) * field
    tilt = float(rng.normal(0, 0.5)) * a
    phase = phase + tilt * (grid.x - 0.5) * 6
    # Crests narrower than troughs, as trochoids are.
    crest = np.sin(phase) + 0.25 * a * np.sin(2 * phase + 0.6) + 0.4 * field * a
    crest = crest * (0.55 + 0.6 * direction.course_at(grid.x))
    slope = np.gradient(crest, axis=1) * grid.shape[1] / 9
    return crest.astype(np.float32), slope.astype(np.float32)


def _water(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    sky: Sky,
    down: Floats,
    crest: Floats,
    slope: Floats,
) -> Floats:
    v, a, palette = direction.valence, direction.arousal, direction.palette
    deep = palette.tone(0.34 - 0.24 * down + 0.16 * v + (0.07 + 0.15 * a) * crest)
    # Flat water mirrors the sky above it, most of all far away.
    mirrored = palette.air(1 - 0.85 * down)
    still = (0.75 - 0.5 * a) * (1 - 0.55 * down) * (0.75 + 0.25 * crest)
    colour = over(deep, mirrored, still.clip(0, 0.9))
    foam = smoothstep(
        1.25 - 0.45 * a, 1.7 - 0.4 * a, crest + 0.25 * fractal_noise(rng, grid.shape, (30, 20), 3, 0.7)
    )
    white = palette.tone(0.97)
    colour = over(colour, np.broadcast_to(white, colour.shape), foam * down**0.5 * smoothstep(0.25, 0.7, a))
    width = 0.045 + (0.1 + 0.1 * a) * down
    path = np.exp(-(((grid.x - sky.sun[0]) * grid.width / width) ** 2))
    glow = path * (0.35 + 0.3 * np.tanh(2 * crest + 1.2 * slope)) * (0.5 + 0.4 * v)
    return over(colour, np.broadcast_to(sky.lamp, colour.shape), glow.clip(0, 0.85))


def _glitter(direction: Direction, grid: Grid, rng: np.random.Generator, sky: Sky, horizon: float) -> Marks:
    """The light's path: level dabs, wider and fewer the nearer they are."""
    count = int(90 + 120 * direction.valence)
    down = rng.beta(0.9, 1.6, count)
    spread = (0.025 + 0.11 * down) * rng.normal(0, 1, count)
    y = (horizon + (1 - horizon) * (0.01 + down)) * grid.height
    size = 0.003 + 0.009 * down
    made = marks(
        count,
        NUMBERS["round"] * VARIANTS,
        x=sky.sun[0] * grid.width + spread,
        y=y,
        length=size * rng.uniform(3, 8, count),
        width=size,
        angle=rng.normal(0, 0.04 + 0.25 * direction.arousal * down, count),
        bend=rng.uniform(-0.7, 0.7, count),
        colour=sky.lamp + rng.normal(0, 0.02, (count, 1)) * (1, 0, 0),
        opacity=rng.uniform(0.55, 0.95, count),
    )
    made["brush"] += rng.integers(0, VARIANTS, count)
    return made[np.argsort(y)]


def _sail(direction: Direction, grid: Grid, rng: np.random.Generator, horizon: float) -> Marks:
    """One small sail, where somebody sings."""
    if direction.families["voice"] < 0.3 or direction.arousal > 0.75:
        return marks(0, 0)
    x = grid.width * float(rng.choice([0.24, 0.76])) + float(rng.normal(0, 0.03))
    y, size = grid.height * (horizon + 0.012), 0.028
    dark, light = direction.palette.tone(0.08), direction.palette.accent
    return marks(
        3,
        NUMBERS["liner"] * VARIANTS,
        x=[x, x + 0.25 * size, x - 0.22 * size],
        y=[y, y - 0.75 * size, y - 0.6 * size],
        length=[1.5 * size, 1.7 * size, 1.2 * size],
        width=[0.32 * size, 0.62 * size, 0.4 * size],
        angle=[0.0, -np.pi / 2 + 0.12, -np.pi / 2 - 0.15],
        bend=[0.5, -0.4, 0.3],
        colour=[dark, light, direction.palette.tone(0.92)],
    )
