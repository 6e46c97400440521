"""The valence-arousal plane as a drawing: where things are, without one hiding the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIZE = 640.0
MARGIN = 56.0
CLOUD_LEVELS = 4
_CLOUD_CELL = 3.0
_SMALLEST_REACH = 0.15
_ROUNDS = 400


class Plane:
    """A square cut-out of the plane around (0.5, 0.5) that holds all points, in pixels of a SIZE square.

    Args:
        points: (n, 2) valence and arousal in [0, 1].
    """

    def __init__(self, points: ArrayLike) -> None:
        farthest = float(np.abs(np.asarray(points) - 0.5).max(initial=0.0))
        # Predictions keep near the middle; all of [0, 1] would be a heap in an empty square.
        self.reach = min(0.5, max(_SMALLEST_REACH, np.ceil((farthest + 0.02) * 20) / 20))
        self.scale = (SIZE - 2 * MARGIN) / (2 * self.reach)  # pixels for 1 of valence or arousal

    def xy(self, point: Sequence[float]) -> tuple[float, float]:
        """Pixels of a (valence, arousal); arousal grows upwards, pixels downwards."""
        across, up = ((value - 0.5 + self.reach) * self.scale for value in point)
        return round(MARGIN + across, 1), round(SIZE - MARGIN - up, 1)

    @property
    def ticks(self) -> list[float]:
        """Values to label on both axes, none in the corner where they meet."""
        step = 0.1 if self.reach > 0.2 else 0.05
        count = int(self.reach / step - 1e-6)
        return [round(0.5 + step * number, 2) for number in range(-count, count + 1)]

    def cloud(self, points: ArrayLike) -> list[str]:
        """Any number of points as the data of CLOUD_LEVELS SVG paths of dots, the densest part last.

        Points are counted in cells smaller than a dot, so the drawing's size depends on the part of the plane
        that is covered, not on the number of points.

        Args:
            points: (n, 2) valence and arousal in [0, 1].
        """
        values = np.asarray(points, np.float64).reshape(-1, 2)
        if not len(values):
            return [""] * CLOUD_LEVELS
        pixels = (values - 0.5 + self.reach) * self.scale
        cells, counts = np.unique(np.floor(pixels / _CLOUD_CELL), axis=0, return_counts=True)
        levels = np.floor(CLOUD_LEVELS * np.log(counts) / np.log(counts.max() + 1)).astype(int)
        across, up = ((cells + 0.5) * _CLOUD_CELL).T
        places = np.column_stack([MARGIN + across, SIZE - MARGIN - up])
        return [
            "".join(f"M{x:g} {y:g}h0" for x, y in places[levels == level]) for level in range(CLOUD_LEVELS)
        ]


def spread(places: ArrayLike, radii: ArrayLike, fixed: int = 0) -> NDArray[np.float64]:
    """Move discs apart until none covers another, each as little as it can.

    Args:
        places: (n, 2) centres in pixels.
        radii: (n,) of each disc, or one for all.
        fixed: The first so many stay where they are.

    Returns:
        (n, 2) new centres, within the drawing.
    """
    home = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    radius = np.broadcast_to(np.asarray(radii, dtype=np.float64), len(home))
    apart = radius[:, None] + radius[None]
    free = (np.arange(len(home)) >= fixed)[:, None]
    edge = MARGIN + radius[:, None]
    moved = home + 1e-3 * np.arange(len(home))[:, None]  # two on one spot have to know where to go
    for pull in np.linspace(0.04, 0, _ROUNDS):
        gap = moved[:, None] - moved[None]  # (n, n, 2)
        length = np.linalg.norm(gap, axis=-1) + np.eye(len(home)) * 1e9
        push = np.maximum(apart - length, 0) / length
        step = 0.5 * (gap * push[..., None]).sum(axis=1) + pull * (home - moved)
        moved = np.where(free, (moved + step).clip(edge, SIZE - edge), home)
    return moved
