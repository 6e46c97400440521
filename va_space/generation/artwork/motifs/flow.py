"""Currents of paint: an abstract picture of motion."""

import numpy as np

from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes
from va_space.generation.artwork.noise import fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("flow")
class Flow:
    """The bands of the current are the sections, as broad as they are long and as bright as they are loud."""

    shows = "abstract currents of paint"

    def suits(self, direction: Direction) -> float:
        """Excited music, of guitars, drums and machines."""
        families = direction.families
        heard = max(families["heavy"], families["drums"], families["electronic"])
        return 0.1 + 0.8 * direction.arousal**1.5 + 0.6 * heard

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """A calm ground, a current across it, and a few gestures on top."""
        a, palette = direction.arousal, direction.palette
        across, angle = _current(direction, grid, rng)
        band, energy = _bands(direction, across)
        field = fractal_noise(rng, grid.shape, (5, 5), 4, 0.5)
        edges = np.sin(band * 2 * np.pi) * 0.5 + 0.5
        tone = 0.12 + 0.75 * energy + 0.22 * (edges - 0.5) + 0.06 * field
        colour = palette.tone(tone)
        inside = np.exp(-((across / (0.2 + 0.15 * a)) ** 4))
        dark = direction.valence < 0.5
        ground = palette.tone((0.06 if dark else 0.93) + 0.05 * field + 0.07 * across * (1 if dark else -1))
        ground = over(ground, palette.air(0.4 + 0.3 * across), np.full(grid.shape, 0.35, np.float32))
        colour = over(ground, colour, inside)
        spot = np.exp(-((across - 0.05) ** 2) / 0.004) * smoothstep(0.5, 1.3, field) * inside
        colour = over(colour, np.broadcast_to(palette.accent, colour.shape), 0.9 * spot)
        detail = 0.06 + inside * (0.3 + 0.4 * np.abs(np.cos(band * 2 * np.pi)))
        sizes = handling_sizes(direction) | {"size": 1.2 + 0.3 * a, "length": 1.4, "jitter": 0.05 + 0.1 * a}
        brushes = ("block", "flat", "dry", "flat") if a > 0.5 else ("block", "flat", "flat", "round")
        return Sketch(
            colour,
            angle,
            detail.astype(np.float32),
            Handling(brushes, **sizes),
            _gestures(direction, grid, rng, across, angle),
        )


def _current(direction: Direction, grid: Grid, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Signed distance across a current that sweeps over the picture, and its direction."""
    a = direction.arousal
    tilt = float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.8))
    bow = float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.6))
    x, y = grid.x - 0.5, grid.y - float(rng.uniform(0.42, 0.6))
    waves = (0.05 + 0.1 * a) * fractal_noise(rng, grid.shape, (1.8, 1.8), 2, 0.35)
    swing = 0.05 * np.sin(2 * np.pi * (direction.tempo / 60) * x + float(rng.uniform(0, 6)))
    across = y - tilt * x - bow * (x * x * 4 - 0.5) * 0.5 + waves + swing * a
    slope_y, slope_x = np.gradient(across, grid.height / grid.shape[0], grid.width / grid.shape[1])
    return across.astype(np.float32), np.arctan2(-slope_x, slope_y).astype(np.float32)


def _bands(direction: Direction, across: Floats) -> tuple[Floats, Floats]:
    """Which section each place belongs to (whole numbers in the middle), and its energy."""
    sections = direction.sections or ((0.0, 1.0, 0.5),)
    place = (across / 0.6 + 0.5).clip(0, 1)
    middles = [(begin + end) / 2 for begin, end, _ in sections]
    number = np.interp(place, middles, range(len(sections))) if len(sections) > 1 else place * 3
    energy = np.interp(place, middles, [energy for _, _, energy in sections])
    return number.astype(np.float32), (0.15 + 0.75 * energy).astype(np.float32)


def _gestures(
    direction: Direction, grid: Grid, rng: np.random.Generator, across: Floats, angle: Floats
) -> Marks:
    """Long marks along the current, and spatters beside it."""
    a, palette = direction.arousal, direction.palette
    count = int(14 + 40 * a)
    x, y = rng.uniform(0.05, 0.95, 40 * count), rng.uniform(0.05, 0.95, 40 * count)
    rows, columns = (y * grid.shape[0]).astype(int), (x * grid.shape[1]).astype(int)
    kept = np.flatnonzero(rng.uniform(0, 1, len(x)) < np.exp(-((across[rows, columns] / 0.2) ** 2)))[:count]
    x, y, rows, columns = x[kept], y[kept], rows[kept], columns[kept]
    count = len(kept)
    tone = palette.tone(rng.choice([0.05, 0.5, 0.95], count, p=[0.35, 0.3, 0.35]).astype(np.float32))
    bright = rng.uniform(0, 1, count) < 0.25
    length = rng.uniform(0.08, 0.3, count) * (0.6 + 0.6 * a)
    bend = _turns(grid, x, y, length, angle) + rng.normal(0, 0.2, count)
    colour = np.where(bright[:, None], palette.accent, tone)
    long = marks(
        count,
        NUMBERS["dry"] * VARIANTS,
        x=x * grid.width,
        y=y * grid.height,
        length=length,
        width=length * rng.uniform(0.08, 0.2, count),
        angle=angle[rows, columns],
        bend=bend.clip(-1.5, 1.5),
        colour=colour,
        streak=colour + rng.normal(0, 0.06, (count, 1)) * (1, 0, 0),
        opacity=0.95,
    )
    spatters = int(160 * a)
    spread = rng.normal(0, 1, (spatters, 2)) * 0.24 + (0.5, 0.5)
    size = 0.002 + 0.004 * rng.pareto(2.5, spatters).clip(0, 3)
    drops = marks(
        spatters,
        NUMBERS["round"] * VARIANTS,
        x=spread[:, 0] * grid.width,
        y=spread[:, 1] * grid.height,
        length=size * 1.5,
        width=size,
        angle=rng.uniform(0, np.pi, spatters),
        colour=palette.tone(rng.choice([0.08, 0.9], spatters).astype(np.float32)),
    )
    return np.concatenate([drops, long])


def _turns(grid: Grid, x: Floats, y: Floats, length: Floats, angle: Floats) -> Floats:
    """Bends of marks that follow a field of directions."""
    rows, columns = grid.shape
    here = angle[(y * rows).astype(int), (x * columns).astype(int)]
    ends = []
    for sign in (-1, 1):
        across = x + sign * 0.4 * length * np.cos(here) / grid.width
        down = y + sign * 0.4 * length * np.sin(here) / grid.height
        ends.append(
            angle[
                (down * rows).astype(int).clip(0, rows - 1),
                (across * columns).astype(int).clip(0, columns - 1),
            ]
        )
    turn = (ends[1] - ends[0] + np.pi / 2) % np.pi - np.pi / 2
    return -2.2 * turn
