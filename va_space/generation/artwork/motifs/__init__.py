"""What a picture may show: each motif plans a picture from what the music asks for. One file each."""

from typing import Protocol

import numpy as np

from va_space.generation.artwork.direction import Direction
from va_space.generation.artwork.sketch import Grid, Sketch
from va_space.registry import Registry


class Motif(Protocol):
    """Something that can be shown.

    Attributes:
        shows: What it is, in words that a prompt can take.
    """

    shows: str

    def suits(self, direction: Direction) -> float:
        """How well it suits the music: a weight of 0 or more, about 1 where it does."""

    def sketch(self, direction: Direction, grid: Grid, rng: np.random.Generator) -> Sketch:
        """A plan of a picture."""


MOTIFS: Registry[type[Motif]] = Registry("motif", __name__)


def near(direction: Direction, valence: float, arousal: float, width: float = 0.4) -> float:
    """1 where the feeling of the music is this one, less the farther it is away."""
    away = np.hypot(direction.valence - valence, direction.arousal - arousal)
    return float(np.exp(-((away / width) ** 2)))


def handling_sizes(direction: Direction) -> dict[str, float]:
    """How paint is put on for a feeling: the more excited, the longer, the wilder and the thicker."""
    a = direction.arousal
    return {
        "size": 0.95 + 0.25 * a,
        "length": 0.9 + 0.5 * a,
        "jitter": 0.06 + 0.24 * a,
        "broken": 0.7 + 0.9 * a,
        "relief": 0.35 + 0.5 * a,
        "fineness": 1.0 - 0.25 * a,
    }
