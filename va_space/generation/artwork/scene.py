"""A picture as data: a ground and the marks that are laid on it, one after another, the same at any size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from va_space.generation.artwork.colour import Floats

MARK = np.dtype(
    [
        ("x", np.float32),
        ("y", np.float32),
        ("length", np.float32),
        ("width", np.float32),
        ("angle", np.float32),
        ("bend", np.float32),
        ("colour", np.float32, 3),
        ("streak", np.float32, 3),
        ("opacity", np.float32),
        ("brush", np.int16),
    ]
)
"""One mark of a brush.

Fields: centre ``x``, ``y``, ``length`` and ``width`` in units of the short side; ``angle`` in radians,
clockwise from the right; ``bend``, how far its middle lies beside its chord, as a share of the length;
``colour`` and ``streak`` (of single bristles) in OKLab; ``opacity`` in [0, 1]; ``brush``, the number of a
texture.
"""

Marks = NDArray[np.void]


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture.

    Attributes:
        width: In units of the short side; 1 or more.
        height: Likewise.
        ground: (3,) OKLab of what the marks are laid on.
        marks: (n,) of :data:`MARK`, first to last.
        relief: How much the paint stands out, from 0, flat, to 1, thick.
        grain: Of the canvas or paper, from 0 to 1.
        seed: Of the grain.
    """

    width: float
    height: float
    ground: Floats
    marks: Marks
    relief: float
    grain: float
    seed: int
