"""Fields of colour, one above another: an abstract picture of stillness."""

import numpy as np

from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.motifs import MOTIFS, handling_sizes, near
from va_space.generation.artwork.noise import fractal_curve, fractal_noise, smoothstep
from va_space.generation.artwork.sketch import Grid, Handling, Sketch, over


@MOTIFS.register("fields")
class Fields:
    """Each field is a section, as high as it is long and as bright as it is loud."""

    shows = "abstract fields of colour"

    def suits(self, direction: Direction) -> float:
        """Quiet music, of machines, keys and strings."""
        families = direction.families
        heard = max(families["electronic"], families["strings"], families["keys"])
        return 0.1 + 0.9 * near(direction, 0.4, 0.12, 0.35) + 0.4 * heard * (1 - direction.arousal)

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """A ground that shows at the edges, and two to four fields with soft borders on it."""
        palette, v = direction.palette, direction.valence
        field = fractal_noise(rng, grid.shape, (5, 4), 5, 0.6)
        glow = np.exp(-grid.distance(0.5, 0.45) / 0.7)
        base = 0.22 + 0.45 * v
        colour = palette.tone(base + 0.05 * field + 0.08 * glow)
        detail = np.full(grid.shape, 0.1, np.float32)
        tones = _tones(direction, rng)
        edges = _edges(direction, rng, len(tones))
        for i, tone in enumerate(tones):
            body, border = _body(grid, rng, edges[i], edges[i + 1])
            paint = palette.tone(tone + 0.045 * field + 0.06 * (glow - 0.5))
            if i == int(np.argmax(np.abs(np.array(tones) - base))):
                own = palette.accent + (palette.tone(tone) - palette.accent) * (
                    0.75 - 0.5 * direction.arousal
                )
                paint = over(paint, np.broadcast_to(own, paint.shape), np.full(grid.shape, 0.8, np.float32))
            colour = over(colour, paint, body * (0.9 + 0.06 * field).clip(0.7, 1))
            detail = np.maximum(detail, 0.55 * border + 0.12 * body)
        angle = (0.1 + 0.15 * direction.arousal) * field
        sizes = handling_sizes(direction) | {"length": 1.5, "relief": 0.4 + 0.3 * direction.arousal}
        return Sketch(
            colour,
            angle.astype(np.float32),
            detail.astype(np.float32),
            Handling(("block", "flat", "dry", "flat"), **sizes),
        )


def _tones(direction: Direction, rng: np.random.Generator) -> list[float]:
    """Brightness of two to four fields by the energy of as many parts of the music, well apart."""
    count = int(np.clip(len(direction.sections), 2, 4))
    parts = [float(part.mean()) for part in np.array_split(direction.course, count)]
    ranks = np.argsort(np.argsort(parts)) / max(count - 1, 1)
    low, high = 0.06 + 0.35 * direction.valence, 0.55 + 0.4 * direction.valence
    return [float(low + (high - low) * rank + rng.normal(0, 0.03)) for rank in ranks]


def _edges(direction: Direction, rng: np.random.Generator, count: int) -> Floats:
    """Borders of the fields from top to bottom."""
    lengths = np.array([end - begin for begin, end, _ in direction.sections][:count] or [1.0])
    lengths = np.resize(lengths, count) + 0.2
    lengths = lengths * rng.uniform(0.8, 1.2, count)
    return 0.07 + 0.86 * np.append(0, np.cumsum(lengths) / lengths.sum()).astype(np.float32)


def _body(grid: Grid, rng: np.random.Generator, top: float, bottom: float) -> tuple[Floats, Floats]:
    """A field with a soft, uneven border, and where that border is."""
    gap = 0.012
    wobble = [0.006 * fractal_curve(rng, side, 3, 4)[shape] for side, shape in
              ((grid.shape[1], (None, slice(None))), (grid.shape[1], (None, slice(None))),
               (grid.shape[0], (slice(None), None)), (grid.shape[0], (slice(None), None)))]  # fmt: skip
    inside = np.minimum.reduce(
        np.broadcast_arrays(
            (grid.y - top - gap + wobble[0]) * grid.height,
            (bottom - gap - grid.y + wobble[1]) * grid.height,
            (grid.x - 0.075 + wobble[2]) * grid.width,
            (0.925 - grid.x + wobble[3]) * grid.width,
        )
    )
    body = smoothstep(-0.012, 0.018, inside)
    return body, np.exp(-((inside / 0.02) ** 2)).astype(np.float32)
