"""Labels of records as tensors, and draws of records that are balanced between data sets."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from va_space.datasets.records import Point, Quadrant, Record, Votes
from va_space.errors import DatasetError


def points(records: Sequence[Record]) -> Tensor:
    """Labels of records as (n, 2) valence and arousal.

    Raises:
        DatasetError: A record has no point.
    """
    for record in records:
        if not isinstance(record.label, Point):
            raise DatasetError(f"{record.path}: has no valence and arousal")
    return torch.tensor([(r.label.valence, r.label.arousal) for r in records])  # type: ignore[union-attr]


def quadrants(records: Sequence[Record]) -> Tensor:
    """Labels of records as (n,) quadrants 1-4."""
    return torch.tensor([r.label.number for r in records if isinstance(r.label, Quadrant)])


def votes(records: Sequence[Record]) -> Tensor:
    """Shares of listeners of records as (n, feelings), feelings by name."""
    shares = [record.label.shares for record in records if isinstance(record.label, Votes)]
    return torch.tensor([[share[feeling] for feeling in sorted(share)] for share in shares])


class BalancedDraw:
    """Draws of examples in which every source has the same share, however many examples it has.

    Args:
        sources: (n,) name of each example's source.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        names = sorted(set(sources))
        self._rows = [[row for row, name in enumerate(sources) if name == wanted] for wanted in names]

    def draw(self, count: int, rng: Generator) -> list[int]:
        """`count` numbers of examples, with replacement."""
        sources = torch.randint(len(self._rows), (count,), generator=rng).tolist()
        return [
            self._rows[source][int(torch.randint(len(self._rows[source]), (), generator=rng))]
            for source in sources
        ]
