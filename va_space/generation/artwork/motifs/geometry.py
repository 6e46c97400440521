"""Discs, bars and arcs: a constructed picture."""

import numpy as np

from va_space.generation.artwork.brushes import NUMBERS, VARIANTS
from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_noise, smoothstep
from va_space.generation.artwork.scene import Marks
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, marks, over


@MOTIFS.register("geometry")
class Geometry:
    """Bars are the sections; a disc is the feeling, high where it is pleasant; arcs come as the beats."""

    shows = "abstract discs, bars and arcs"

    def suits(self, direction: Direction) -> float:
        """Keys, winds and machines, in music that is neither dark nor still."""
        families = direction.families
        heard = max(families["keys"], families["wind"], families["electronic"])
        return 0.1 + 0.7 * heard + 0.6 * near(direction, 0.65, 0.6, 0.35)

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """Paper, bars, a large disc, arcs around it, a line across."""
        palette, v = direction.palette, direction.valence
        field = fractal_noise(rng, grid.shape, (4, 4), 4, 0.6)
        paper = 0.9 if v > 0.35 else 0.12
        colour = palette.tone(paper + 0.03 * field)
        plan = _Plan(colour, np.full(grid.shape, 0.08, np.float32), 0.3 * field)
        tilt = float(rng.normal(0, 0.05 + 0.3 * direction.arousal))
        centre = float(rng.choice([0.38, 0.62])), 0.62 - 0.28 * v
        _bars(direction, grid, rng, plan, tilt)
        radius = float(rng.uniform(0.2, 0.28))
        _disc(direction, grid, rng, plan, centre, radius)
        _arcs(direction, grid, rng, plan, centre, radius)
        sizes = handling_sizes(direction) | {"jitter": 0.04, "size": 0.9, "fineness": 1.0, "broken": 0.8}
        return Sketch(
            plan.colour,
            plan.angle.astype(np.float32),
            plan.detail.clip(0, 1).astype(np.float32),
            Handling(("block", "flat", "flat", "flat"), **sizes),
            _lines(direction, grid, rng, tilt),
        )


class _Plan:
    """Colours, detail and directions that shapes are laid on one after another."""

    def __init__(self, colour: Floats, detail: Floats, angle: Floats) -> None:
        self.colour, self.detail, self.angle = colour, detail, angle

    def lay(self, inside: Floats, paint: Floats, angle: Floats | float, opacity: float = 1.0) -> None:
        """A shape by its signed distance (positive inside), in units of the short side."""
        body = smoothstep(-0.003, 0.003, inside)
        self.colour = over(self.colour, np.broadcast_to(paint, self.colour.shape), body * opacity)
        self.detail = np.maximum(self.detail * (1 - 0.5 * body), 0.95 * np.exp(-((inside / 0.012) ** 2)))
        self.detail = np.maximum(self.detail, 0.2 * body)
        self.angle = np.where(body > 0.5, angle, self.angle)


def _turned(grid: Grid, tilt: float) -> tuple[Floats, Floats]:
    """Places in units of the short side around the middle, turned."""
    x, y = (grid.x - 0.5) * grid.width, (grid.y - 0.5) * grid.height
    return np.cos(tilt) * x + np.sin(tilt) * y, -np.sin(tilt) * x + np.cos(tilt) * y


def _bars(direction: Direction, grid: Grid, rng: np.random.Generator, plan: _Plan, tilt: float) -> None:
    """One bar a section, side by side: as wide as it is long, as high as it is loud."""
    x, y = _turned(grid, tilt)
    sections = direction.sections[:9] or ((0.0, 1.0, 0.5),)
    whole = sections[-1][1] - sections[0][0]
    field = fractal_noise(rng, grid.shape, (6, 6), 3, 0.6)
    for begin, end, energy in sections:
        left, right = (0.92 * ((edge - sections[0][0]) / whole - 0.5) * grid.width for edge in (begin, end))
        middle, half = (left + right) / 2, (right - left) / 2 - 0.006
        height = (0.12 + 0.6 * energy) * grid.height
        inside = np.minimum(
            half - np.abs(x - middle), np.minimum(y - (0.43 * grid.height - height), 0.43 * grid.height - y)
        )
        tone = 0.12 + 0.62 * float(rng.uniform(0, 1)) + 0.04 * field
        plan.lay(inside, direction.palette.tone(tone), np.pi / 2 + tilt, 0.93)


def _disc(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    plan: _Plan,
    centre: tuple[float, float],
    radius: float,
) -> None:
    """A disc that lets what is below shine through on one half."""
    palette = direction.palette
    away = grid.distance(*centre)
    around = np.arctan2(grid.y - centre[1], grid.x - centre[0]) + np.pi / 2
    shade = 0.06 * fractal_noise(rng, grid.shape, (5, 5), 3)
    paint = np.broadcast_to(palette.accent, plan.colour.shape) + shade[..., None] * np.array(
        [1, 0, 0], np.float32
    )
    plan.lay(radius - away, paint, around, 0.94)
    half = np.minimum(radius - away, grid.y - centre[1] - 0.02)
    plan.lay(half, palette.tone(0.16 + shade), around, 0.55)


def _arcs(
    direction: Direction,
    grid: Grid,
    rng: np.random.Generator,
    plan: _Plan,
    centre: tuple[float, float],
    radius: float,
) -> None:
    """Rings around the disc, open on one side: the faster the music, the closer."""
    count = int(np.clip(round(direction.tempo / 45), 2, 4))
    away = grid.distance(*centre)
    turn = np.arctan2(grid.y - centre[1], grid.x - centre[0])
    dark = direction.valence <= 0.35
    for i in range(count):
        ring = radius + (0.05 + 0.055 * i) * (1.3 - direction.tempo / 400)
        width = 0.006 + 0.012 * float(rng.uniform(0, 1))
        start, span = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(1.6, 4.2))
        along = (turn - start) % (2 * np.pi)
        inside = np.minimum(width - np.abs(away - ring), np.minimum(along, span - along) * ring)
        tone = 0.9 - 0.25 * i / count if dark else 0.1 + 0.25 * i / count
        plan.lay(inside, direction.palette.tone(tone), turn + np.pi / 2)


def _lines(direction: Direction, grid: Grid, rng: np.random.Generator, tilt: float) -> Marks:
    """A line that carries the bars, and one that crosses them."""
    tone = direction.palette.tone(0.05 if direction.valence > 0.35 else 0.95)
    slant = tilt + float(rng.choice([-1, 1]) * rng.uniform(0.5, 0.9))
    foot = 0.436 * grid.height
    return marks(
        2,
        NUMBERS["dry"] * VARIANTS,
        x=[grid.width / 2 - np.sin(tilt) * foot, grid.width / 2],
        y=[grid.height / 2 + np.cos(tilt) * foot, grid.height / 2],
        length=[0.96 * grid.width, 1.25 * np.hypot(grid.width, grid.height)],
        width=[0.02, 0.013],
        angle=[tilt, slant],
        colour=tone,
        streak=tone * np.array([0.9, 1, 1]) + np.array([0.05, 0, 0]),
    )
