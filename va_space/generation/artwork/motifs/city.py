"""A city at its water or on a wet street."""

import numpy as np

from va_space.generation.artwork.air import Sky, paint_sky
from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("city")
class City:
    """The skyline is the course of the music, a house to a beat or so; the lights are its drums."""

    shows = "a city skyline reflected in water"

    def suits(self, direction: Direction) -> float:
        """Machines, drums, winds, and what is more excited than calm."""
        families = direction.families
        heard = max(families["electronic"], families["drums"], families["wind"])
        return 0.1 + 0.9 * heard + 0.5 * near(direction, 0.5, 0.7, 0.35)

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """Sky, two rows of houses, and both once more in the water."""
        shore = float(rng.uniform(0.62, 0.72))
        sky = paint_sky(direction, grid, rng, shore)
        colour, angle, detail = sky.colour, sky.angle, sky.detail
        tops = []
        for near_ in (0.0, 1.0):
            top, corner = _skyline(direction, grid, rng, near_, shore)
            tops.append(top)
            below = smoothstep(-0.002, 0.002, grid.y - top[None]) * (grid.y < shore)
            colour = over(colour, _walls(direction, grid, rng, sky, top, shore, near_), below)
            angle = np.where(below > 0.5, np.pi / 2, angle)
            rim = np.exp(-(((grid.y - top[None]) / 0.012) ** 2)) * (grid.y < shore)
            detail = np.maximum(np.where(below > 0.5, 0.35 + 0.15 * near_, detail), 0.95 * rim)
            detail = np.maximum(detail, 0.8 * below * corner[None])
        colour, angle, detail = _reflected(direction, grid, rng, shore, colour, angle, detail)
        sizes = handling_sizes(direction) | {"jitter": 0.04 + 0.1 * direction.arousal}
        lights = _lights(direction, grid, rng, tops[1], shore)
        return Sketch(
            colour,
            angle.astype(np.float32),
            detail.clip(0, 1).astype(np.float32),
            Handling(("block", "knife", "knife", "flat"), **sizes),
            np.concatenate([lights, _mirrored(grid, rng, lights, shore)]),
        )


def _skyline(
    direction: Direction, grid: Grid, rng: np.random.Generator, near_: float, shore: float
) -> tuple[Floats, Floats]:
    """(columns,) tops of the houses, and where one house ends."""
    columns = grid.shape[1]
    count = round(grid.width * (9 + 9 * direction.tempo / 120) * (1 - 0.35 * near_))
    edges = np.sort(rng.uniform(0, 1, count - 1))
    house = np.searchsorted(edges, (np.arange(columns) + 0.5) / columns)
    middle = np.append(edges, 1) - np.diff(np.append(0, np.append(edges, 1))) / 2
    height = 0.08 + 0.46 * direction.course_at(middle.astype(np.float32)) * (0.8 - 0.1 * near_)
    height = height * rng.uniform(0.4, 1.25, count)
    # Towers gather off the middle, and the rest stays low.
    centre = float(rng.choice([0.32, 0.68]))
    height *= 0.4 + 0.75 * np.exp(-(((middle - centre) / 0.26) ** 2))
    top = (shore - height)[house].astype(np.float32)
    corner = np.abs(np.diff(house, prepend=0)).astype(np.float32)
    return top, np.maximum(corner, np.roll(corner, -1))


def _walls(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    sky: Sky,
    top: Floats,
    shore: float,
    near_: float,
) -> Floats:
    palette = direction.palette
    face = np.sin(top * 977)[None] * 0.05
    tone = 0.42 - 0.32 * near_ + 0.12 * direction.valence + face
    tone = tone + 0.04 * fractal_noise(rng, grid.shape, (18, 18), 3, 0.7)
    walls = palette.tone(tone + 0.12 * sky.light)
    mist = smoothstep(0.0, 0.25, grid.y - top[None]) * (0.5 - 0.3 * near_) + 0.12 * (1 - near_)
    return over(walls, np.broadcast_to(palette.sky[-1], walls.shape), mist.clip(0, 0.8))


def _reflected(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    shore: float,
    colour: Floats,
    angle: Floats,
    detail: Floats,
) -> tuple[Floats, Floats, Floats]:
    """The lower part as water: darker, upside down, and torn by ripples."""
    rows = grid.shape[0]
    ripple = fractal_noise(rng, grid.shape, (26, 4), 3, 0.6)
    down = (grid.y - shore).clip(0)
    source = (shore - down * 1.35 + 0.02 * ripple * (1 + 6 * down)).clip(0, shore - 0.01)
    row = (source * rows).astype(np.int32).clip(0, rows - 1)
    column = (np.arange(grid.shape[1])[None] + 5 * ripple).astype(np.int32).clip(0, grid.shape[1] - 1)
    mirrored = colour[row, column] * (0.82, 0.9, 0.9)
    mirrored = over(mirrored, direction.palette.tone(0.2 + 0.05 * ripple), 0.25 + 0.5 * down)
    below = smoothstep(-0.002, 0.002, grid.y - shore)
    line = np.exp(-(((grid.y - shore) / 0.01) ** 2))
    dark = np.broadcast_to(direction.palette.tone(0.04), colour.shape)
    return (
        over(over(colour, mirrored.astype(np.float32), below), dark, 0.6 * line),
        np.where(below > 0.5, 0.12 * ripple, angle),
        np.maximum(np.where(below > 0.5, 0.3 + 0.2 * np.abs(ripple).clip(0, 1), detail), 0.8 * line),
    )


def _lights(direction: Direction, grid: Grid, rng: np.random.Generator, top: Floats, shore: float) -> Marks:
    """Windows in rows; more where the music is excited."""
    share = 0.25 + 0.3 * direction.arousal + 0.15 * direction.families["drums"]
    pitch_x, pitch_y = 0.019, 0.024
    columns, rows = int(grid.width / pitch_x), int(shore * grid.height / pitch_y)
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(columns), np.arange(rows)))
    x, y = (column + 0.5) * pitch_x, (row + 0.5) * pitch_y
    roof = top[(x / grid.width * grid.shape[1]).astype(int).clip(0, grid.shape[1] - 1)] * grid.height
    # Whole floors and whole houses are awake or asleep.
    awake = fractal_noise(rng, (rows, columns), (rows / 5, columns / 2), 2, 0.8).ravel()
    inside = (y > roof + 0.02) & (y < shore * grid.height - 0.015)
    lit = inside & (awake > 0.9) & (rng.uniform(0, 1, len(x)) < share + 0.2)
    x, y = x[lit], y[lit]
    count = len(x)
    warm = direction.palette.accent * (1, 0.85, 0.85) + (0.06, 0, 0.02)
    light = direction.palette.tone(0.95)
    mix = rng.uniform(0, 1, (count, 1))
    return marks(
        count,
        NUMBERS["flat"] * VARIANTS,
        x=x + rng.normal(0, 0.0015, count),
        y=y,
        length=rng.uniform(0.006, 0.014, count),
        width=rng.uniform(0.005, 0.008, count),
        angle=np.pi / 2 + rng.normal(0, 0.06, count),
        colour=warm * mix + light * (1 - mix),
        opacity=rng.uniform(0.5, 0.95, count),
    )


def _mirrored(grid: Grid, rng: np.random.Generator, lights: Marks, shore: float) -> Marks:
    """Long trembling marks below each light."""
    made = np.repeat(lights, 2)
    count = len(made)
    down = (shore * grid.height - made["y"]) * rng.uniform(0.5, 0.95, count)
    made["y"] = shore * grid.height + down
    made["x"] += rng.normal(0, 0.005, count)
    made["length"], made["width"] = rng.uniform(0.01, 0.03, count), rng.uniform(0.0025, 0.005, count)
    made["angle"] = rng.normal(0, 0.12, count)
    made["opacity"] *= 0.7
    return made[made["y"] < grid.height]
