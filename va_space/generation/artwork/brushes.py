"""Brushes: the shape and the bristles that one mark leaves, as stamps of several sizes."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.noise import fractal_noise, smooth_noise, smoothstep

# Bends of the stamps in half widths, and their lengths in pixels.
BENDS = (-1.4, -0.7, 0.0, 0.7, 1.4)
LENGTHS = (24, 48, 96, 192, 384, 768)
VARIANTS = 3
_ASPECT = 3.5


@dataclass(frozen=True)
class Brush:
    """A family of textures.

    Attributes:
        name: What painters call it.
        squareness: Exponent of the outline: 2 is an ellipse, more is a bar.
        bristles: How many tell apart across it.
        dryness: Share of the mark, at its end, where the paint runs out.
        raggedness: By how much of its length single bristles start late and end early.
        edge: Softness of its outline, as a share of the half width.
        streaks: How clearly single bristles show in a second colour, from 0 to 1.
    """

    name: str
    squareness: float
    bristles: int
    dryness: float
    raggedness: float
    edge: float
    streaks: float


BRUSHES = (
    Brush("round", 3.0, 14, 0.1, 0.06, 0.2, 0.55),
    Brush("flat", 7.0, 26, 0.3, 0.16, 0.08, 0.9),
    Brush("dry", 6.0, 34, 0.75, 0.3, 0.1, 0.8),
    Brush("knife", 9.0, 6, 0.2, 0.1, 0.04, 0.7),
    Brush("wash", 2.6, 5, 0.0, 0.05, 0.75, 0.2),
    Brush("liner", 2.4, 4, 0.0, 0.02, 0.3, 0.2),
    Brush("block", 8.0, 18, -0.5, 0.04, 0.1, 0.6),
)
NUMBERS = {brush.name: number for number, brush in enumerate(BRUSHES)}
"""The number of each brush; a mark's ``brush`` is that times :data:`VARIANTS`, plus a variant."""


@dataclass(frozen=True, eq=False)
class Stamp:
    """What one mark leaves, lying along the x axis.

    Attributes:
        body: "L", opacity of the paint.
        streak: "L", opacity of the second colour on it.
        half_height: Half of what the stamp shows across the mark, in half widths of the mark.
    """

    body: Image.Image
    streak: Image.Image
    half_height: float


@lru_cache(maxsize=1024)
def stamp(texture: int, bend: int, level: int) -> Stamp:
    """A stamp by the number of its texture, of :data:`BENDS` and of :data:`LENGTHS`."""
    if level + 1 < len(LENGTHS):
        larger = stamp(texture, bend, level + 1)
        half = larger.body.width // 2, max(2, larger.body.height // 2)
        return Stamp(
            larger.body.resize(half, Image.Resampling.BOX),
            larger.streak.resize(half, Image.Resampling.BOX),
            larger.half_height,
        )
    return _drawn(texture, BENDS[bend], LENGTHS[level])


def _drawn(texture: int, bend: float, length: int) -> Stamp:
    brush = BRUSHES[texture // VARIANTS]
    rng = np.random.default_rng([17, texture])
    half_height = 1 + abs(bend) / 2
    rows = round(length / _ASPECT * half_height)
    # A pixel of nothing around, so that resampling ends in nothing.
    u = np.linspace(-1, 1, length, dtype=np.float32)[None] * 1.01
    v = np.linspace(-half_height, half_height, rows, dtype=np.float32)[:, None] * 1.01
    v = v - bend * (0.5 - u * u)
    body, streak = _paint(brush, rng, u, v)
    body[[0, -1]] = body[:, [0, -1]] = 0
    images = [Image.fromarray(np.round(255 * each).astype(np.uint8)) for each in (body, streak * body)]
    return Stamp(images[0], images[1], half_height)


def _paint(brush: Brush, rng: np.random.Generator, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    """Opacities of a mark at u (1, n) along and v (m, n) across it, both from -1 to 1."""
    shape = np.broadcast_shapes(u.shape, v.shape)
    bristles = _across(_profile(rng, brush.bristles), v)
    ends = np.abs(_across(_profile(rng, brush.bristles), v)) * brush.raggedness
    along = np.abs(u) + ends + 0.02 * smooth_noise(rng, shape, (6, 10))
    reach = (along.clip(0, 1.2) ** brush.squareness + np.abs(v) ** (0.6 * brush.squareness + 1)).clip(0, 4)
    outline = smoothstep(1.0 + brush.edge / 2, 1.0 - brush.edge, reach)
    # The paint runs out towards the end, first between the bristles.
    left = 1.6 - 2.2 * brush.dryness * smoothstep(-0.6, 1.0, np.broadcast_to(u, shape).copy())
    broken = 0.45 * bristles + 0.3 * fractal_noise(rng, shape, (brush.bristles, 7), 3, 0.7)
    body = outline * smoothstep(-0.25, 0.35, left - 0.55 + broken)
    lines = bristles + 0.5 * smooth_noise(rng, shape, (brush.bristles * 1.5, 4))
    return body.astype(np.float32), (brush.streaks * smoothstep(0.2, 1.3, lines)).astype(np.float32)


def _profile(rng: np.random.Generator, bristles: int) -> Floats:
    return smooth_noise(rng, (4, 256), (1, bristles * 1.3))[1]


def _across(profile: Floats, v: Floats) -> Floats:
    """Values of a profile at v from -1 to 1."""
    place = ((v + 1) / 2 * (len(profile) - 1)).clip(0, len(profile) - 1)
    return profile[place.astype(np.int32)]
