"""Trunks one behind another, with light between them."""

import numpy as np

from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_curve, fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over

_DEPTHS = 4


@MOTIFS.register("forest")
class Forest:
    """Trunks stand as the beats follow each other: closer where the music is faster."""

    shows = "a forest of tall trunks with light between them"

    def suits(self, direction: Direction) -> float:
        """Pianos, guitars and winds; music that is neither very excited nor quite still."""
        families = direction.families
        heard = max(families["keys"], families["guitar"], families["wind"])
        return 0.15 + 0.7 * heard + 0.6 * near(direction, 0.45, 0.35)

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """Light, trunks from far to near, the ground, leaves."""
        v, palette = direction.valence, direction.palette
        lamp = float(rng.choice([0.36, 0.64]) + rng.normal(0, 0.04)), float(rng.uniform(0.3, 0.5))
        light = np.exp(-grid.distance(*lamp) / (0.3 + 0.2 * v))
        field = fractal_noise(rng, grid.shape, (6, 6), 5, 0.6)
        floor = 0.72 + 0.05 * fractal_curve(rng, grid.shape[1], 3)[None]
        colour = palette.tone(0.3 + 0.22 * v + 0.42 * light + 0.07 * field)
        colour = over(colour, np.broadcast_to(palette.sky[-1], colour.shape), 0.8 * light**1.5)
        angle: Floats = np.pi / 2 + 0.5 * np.tanh(field)
        detail: Floats = 0.12 + 0.35 * smoothstep(0.2, 1.2, field)
        for depth in range(_DEPTHS):
            near_ = depth / (_DEPTHS - 1)
            if depth == _DEPTHS - 1:
                colour, angle, detail = _ground(direction, grid, rng, floor, light, colour, angle, detail)
            trunks, side, lean = _trunks(direction, grid, rng, near_, floor)
            bark = _bark(direction, grid, rng, near_, side, light)
            colour = over(colour, bark, trunks)
            angle = np.where(trunks > 0.5, np.pi / 2 + lean, angle)
            edge = trunks * (0.45 + 0.3 * near_)
            detail = np.maximum(detail, edge)
        sizes = handling_sizes(direction)
        return Sketch(
            colour,
            angle.astype(np.float32),
            detail.clip(0, 1).astype(np.float32),
            Handling(("block", "flat", "flat", "flat"), **sizes),
            _leaves(direction, grid, rng, lamp),
        )


def _trunks(
    direction: Direction, grid: Grid, rng: np.random.Generator, near_: float, floor: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where trunks of one depth stand, the side across them in [-1, 1], and how they lean."""
    pitch = grid.width / (6 + 7 * direction.tempo / 120)
    width = pitch * (0.14 + 0.42 * near_**1.6)
    count = max(2, round(grid.width / pitch * (1.25 - 0.85 * near_)))
    places = (np.arange(count) + rng.uniform(0.15, 0.85, count)) / count
    if near_ == 1:  # the nearest frame the picture and leave its middle open
        places = np.where(places < 0.5, places * 0.7, 1 - (1 - places) * 0.7)
    shade, side = np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.float32)
    lean_all = np.zeros(grid.shape, np.float32)
    foot = 0.7 + 0.04 * near_ + 0.2 * near_**2
    for place in places:
        lean = float(rng.normal(0, 0.03 + 0.06 * direction.arousal))
        wave = 0.012 * fractal_curve(rng, grid.shape[0], 2.0, 3)[:, None]
        own = width * float(rng.uniform(0.55, 1.25))
        centre = place * grid.width + (grid.y - 0.5) * lean + wave
        flare = 1 + 0.5 * np.exp(-(foot - grid.y).clip(0) / 0.05) - 0.25 * (1 - grid.y)
        across = (grid.x * grid.width - centre) / (own / 2 * flare)
        here = smoothstep(1.08, 0.92, np.abs(across)) * smoothstep(foot + 0.01, foot - 0.01, grid.y)
        side = np.where(here > 0.5, across, side)
        lean_all = np.where(here > 0.5, -lean, lean_all)
        shade = np.maximum(shade, here)
    return shade, side, lean_all


def _bark(
    direction: Direction, grid: Grid, rng: np.random.Generator, near_: float, side: Floats, light: Floats
) -> Floats:
    v, palette = direction.valence, direction.palette
    tone = 0.45 + 0.12 * v - (0.4 + 0.1 * v) * near_
    round_ = np.sqrt((1 - side**2).clip(0, 1)) * 0.1 - 0.12 * side
    marks_ = fractal_noise(rng, grid.shape, (34, 7), 3, 0.7)
    bark = palette.tone(tone + round_ + 0.05 * marks_)
    far = palette.tone(0.5 + 0.2 * v)
    bark = over(
        bark, np.broadcast_to(far, bark.shape), np.full(grid.shape, 0.6 * (1 - near_) ** 1.2, np.float32)
    )
    rim = light * smoothstep(0.2, 0.95, np.abs(side)) * 0.6
    return over(bark, np.broadcast_to(palette.sky[-1], bark.shape), rim * (1 - 0.4 * near_))


def _ground(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    floor: Floats,
    light: Floats,
    colour: Floats,
    angle: Floats,
    detail: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Forest floor with lit patches and shadows that fall towards us."""
    below = smoothstep(-0.02, 0.02, grid.y - floor)
    field = fractal_noise(rng, grid.shape, (16, 4), 4, 0.6)
    tone = 0.3 + 0.16 * direction.valence - 0.35 * (grid.y - floor).clip(0) + 0.1 * field + 0.34 * light
    ground = direction.palette.tone(tone)
    glow = (light * smoothstep(0.0, 1.2, field + 0.6)).clip(0, 0.7)
    ground = over(ground, np.broadcast_to(direction.palette.sky[-1], ground.shape), glow)
    return (
        over(colour, ground, below),
        np.where(below > 0.5, 0.25 * field, angle),
        np.where(below > 0.5, 0.3 + 0.25 * smoothstep(0, 1.2, np.abs(field)), detail),
    )


def _leaves(direction: Direction, grid: Grid, rng: np.random.Generator, lamp: tuple[float, float]) -> Marks:
    """Leaves in clusters above, a few falling and fallen: brighter near the light."""
    count = int(420 + 500 * direction.arousal)
    # Boughs hang from the upper corners and leave the light open.
    side = rng.choice([-1.0, 1.0], 9)
    boughs = np.stack(
        [(0.5 + side * rng.uniform(0.2, 0.52, 9)) * grid.width, rng.beta(1, 3, 9) * 0.5 * grid.height], 1
    )
    place = boughs[rng.integers(0, 9, count)] + rng.normal(0, 1, (count, 2)) * (0.06, 0.035)
    fallen = rng.uniform(0, 1, count) < 0.15
    ground = [
        rng.uniform(0, grid.width, fallen.sum()),
        (0.8 + 0.2 * rng.beta(1.4, 1, fallen.sum())) * grid.height,
    ]
    place[fallen] = np.stack(ground, 1)
    away = np.hypot(*(place - np.array(lamp) * (grid.width, grid.height)).T)
    tone = 0.2 + 0.3 * direction.valence + 0.4 * np.exp(-away / 0.35) + rng.normal(0, 0.1, count)
    colour = direction.palette.tone(tone.astype(np.float32))
    bright = rng.uniform(0, 1, count) < 0.06 + 0.12 * direction.valence
    colour = np.where(
        bright[:, None], direction.palette.accent + rng.normal(0, 0.03, (count, 1)) * (1, 0, 0), colour
    )
    size = rng.uniform(0.006, 0.013, count)
    return marks(
        count,
        NUMBERS["round"] * VARIANTS,
        x=place[:, 0],
        y=place[:, 1],
        length=size * rng.uniform(1.3, 2.2, count),
        width=size,
        angle=rng.uniform(-1.2, 1.2, count),
        bend=rng.uniform(-0.7, 0.7, count),
        colour=colour,
        opacity=0.95,
    )
