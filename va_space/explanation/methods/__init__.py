"""Ways to say where in a picture a number comes from, one file each."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from va_space.registry import Registry

Score = Callable[[Tensor], Tensor]
"""From pictures (n, 3, h, w) in [0, 1] to (n, k): k numbers of each."""


@dataclass(frozen=True)
class MapOptions:
    """How fine and how long a method looks.

    Attributes:
        grid: Occlusion: so many windows stand along each side, each overlapping its neighbours by half.
        steps: Integrated gradients: so many pictures between the covered and the whole one.
        progress: Called with (pictures computed, pictures in all).
    """

    grid: int = 9
    steps: int = 24
    progress: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        if self.grid < 2 or self.steps < 2:
            raise ValueError(f"grid and steps must be at least 2, not {self.grid} and {self.steps}")


Method = Callable[[Score, Tensor, Tensor, MapOptions], Tensor]
"""(score, picture, cover, options) to (k, h, w): positive where the picture raises each of k numbers.

``picture`` and ``cover`` are (1, 3, h, w): what is there, and what stands for nothing being there.
"""

METHODS: Registry[Method] = Registry("attribution method", "va_space.explanation.methods")
"""The files of ``va_space/explanation/methods``, and the entry point group
``va_space.attribution_methods``."""
