"""The valence-arousal plane as a drawing: where things are, without one hiding the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIZE = 640.0
MARGIN = 56.0
_SMALLEST_REACH = 0.15


class Plane:
    """A square cut-out of the plane around (0.5, 0.5) that holds all points, in pixels of a SIZE square.

    Args:
        points: (n, 2) valence and arousal in [0, 1].
    """

    def __init__(self, points: ArrayLike) -> None:
        farthest = float(np.abs(np.asarray(points) - 0.5).max(initial=0.0))
        # Predictions keep near the middle; all of [0, 1] would be a heap in an empty square.
        self.reach = min(0.5, max(_SMALLEST_REACH, np.ceil((farthest + 0.02) * 20) / 20))

    def xy(self, point: Sequence[float]) -> tuple[float, float]:
        """Pixels of a (valence, arousal); arousal grows upwards, pixels downwards."""
        inner = SIZE - 2 * MARGIN
        across, up = ((value - 0.5 + self.reach) / (2 * self.reach) for value in point)
        return round(MARGIN + across * inner, 1), round(SIZE - MARGIN - up * inner, 1)

    @property
    def ticks(self) -> list[float]:
        """Values to label on both axes, none in the corner where they meet."""
        step = 0.1 if self.reach > 0.2 else 0.05
        count = int(self.reach / step - 1e-6)
        return [round(0.5 + step * number, 2) for number in range(-count, count + 1)]


def spread(places: ArrayLike, radius: float) -> NDArray[np.float64]:
    """Move discs apart until none covers another, each as little as it can.

    Args:
        places: (n, 2) centres in pixels.
        radius: Of every disc.

    Returns:
        (n, 2) new centres, within the drawing.
    """
    home = np.asarray(places, dtype=np.float64)
    moved = home + 1e-3 * np.arange(len(home))[:, None]  # two on one spot have to know where to go
    for _ in range(400):
        gap = moved[:, None] - moved[None]  # (n, n, 2)
        length = np.linalg.norm(gap, axis=-1) + np.eye(len(home)) * 1e9
        push = np.maximum(2 * radius - length, 0) / length
        moved += 0.5 * (gap * push[..., None]).sum(axis=1) + 0.02 * (home - moved)
        moved = moved.clip(MARGIN + radius, SIZE - MARGIN - radius)
    return moved
