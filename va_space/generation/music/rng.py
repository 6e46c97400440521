"""Chance that is the same on every machine: no logarithm, sine or power, whose last bits differ."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """Python's Mersenne twister with a bell curve made of sums alone."""

    def bell(self, spread: float = 1.0) -> float:
        """A number around 0 with this standard deviation, at most about 3.5 of them away."""
        return (self.random() + self.random() + self.random() + self.random() - 2.0) * 1.7320508 * spread

    def happens(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.random() < share

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One item, each with a probability in proportion to its weight; negative weights are 0."""
        left = self.random() * sum(max(0.0, weight) for weight in weights)
        for item, weight in zip(items, weights, strict=True):
            left -= max(0.0, weight)
            if left < 0:
                return item
        return items[-1]


def chance(seed: int, *path: int) -> Chance:
    """A source of its own for each path of numbers."""
    return Chance(":".join(map(str, (seed, *path))))
