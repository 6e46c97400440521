"""What a motif plans before a brush is taken up: colours, directions and where detail is worth it."""

from dataclasses import dataclass, field

import numpy as np

from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.scene import MARK, Marks

# Longer side of a plan in cells; and of one that only shows what a picture would be.
CELLS, FEW_CELLS = 420, 200


@dataclass(frozen=True, eq=False)
class Grid:
    """Places of a plan.

    Attributes:
        width: Of the picture, in units of its short side.
        height: Likewise.
        x: (rows, columns) from 0 to 1, left to right.
        y: (rows, columns) from 0 to 1, top to bottom.
    """

    width: float
    height: float
    x: Floats
    y: Floats

    @classmethod
    def of(cls, width: float, height: float, cells: int = CELLS) -> "Grid":
        """A grid for a picture of these sides; chance on it does not depend on the number of cells."""
        longer = max(width, height)
        columns, rows = max(8, round(cells * width / longer)), max(8, round(cells * height / longer))
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        return cls(width, height, (x + 0.5) / columns, (y + 0.5) / rows)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.x.shape[0], self.x.shape[1]

    def distance(self, x: float, y: float) -> Floats:
        """(rows, columns) from a place, in units of the short side."""
        return np.hypot((self.x - x) * self.width, (self.y - y) * self.height)


@dataclass(frozen=True)
class Handling:
    """How paint is put on.

    Attributes:
        brushes: Names of brushes for the ground, the broad, the middle and the fine layers.
        size: Of the marks: 1 is usual.
        length: Of the marks in relation to their width: 1 is usual.
        jitter: Standard deviation of their direction, in radians.
        broken: How far the colours of neighbouring marks differ: 1 is usual.
        relief: How thick the paint is, from 0 to 1.
        fineness: Share of the finest marks that are painted, in [0, 1].
    """

    brushes: tuple[str, str, str, str] = ("block", "flat", "flat", "round")
    size: float = 1.0
    length: float = 1.0
    jitter: float = 0.15
    broken: float = 1.0
    relief: float = 0.7
    fineness: float = 1.0


@dataclass(frozen=True, eq=False)
class Sketch:
    """A plan.

    Attributes:
        colour: (rows, columns, 3) OKLab.
        angle: (rows, columns) direction of the marks in radians, clockwise from the right.
        detail: (rows, columns) from 0, broad marks will do, to 1, all of the finest.
        handling: How paint is put on.
        last: Marks that are laid on top of everything, in order.
    """

    colour: Floats
    angle: Floats
    detail: Floats
    handling: Handling = field(default_factory=Handling)
    last: Marks = field(default_factory=lambda: np.zeros(0, MARK))


def marks(count: int, brush: int, **fields: object) -> Marks:
    """So many marks with some fields set; the streak is the colour unless told."""
    made = np.zeros(count, MARK)
    made["opacity"], made["brush"] = 1.0, brush
    for name, value in fields.items():
        made[name] = value
    if "streak" not in fields:
        made["streak"] = made["colour"]
    return made


def over(below: Floats, above: Floats, share: Floats) -> Floats:
    """Colours (..., 3) laid over others by a share (...) in [0, 1]."""
    return below + (above - below) * share[..., None]
