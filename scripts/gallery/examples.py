"""What the gallery shows, chosen by rule: photographs and clips of the demo that stand far apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from va_space import VASpace
from va_space.benchmark.matches import far_apart
from va_space.demo.music import Clip, clips
from va_space.demo.photographs import PHOTOGRAPHS, Photograph
from va_space.errors import MediaError
from va_space.targets import Target, read_targets

Thing = TypeVar("Thing", Photograph, Clip)
Read = tuple[Thing, Target]
"""What it is, and what the model makes of it."""


@dataclass(frozen=True)
class Examples:
    """What all parts of the gallery draw from.

    Attributes:
        space: The model.
        seed: Of all that is made.
        each: How many photographs and how many clips are chosen.
        photographs: Those that were chosen: the one nearest to the middle of all, then each time the one
            farthest from all before.
        tracks: All the clips.
    """

    space: VASpace
    seed: int
    each: int
    photographs: Sequence[Read[Photograph]]
    tracks: Sequence[Read[Clip]]

    @property
    def tracks_apart(self) -> list[Read[Clip]]:
        """Clips, chosen as the photographs are."""
        return _apart(self.space, self.tracks, self.each)

    @property
    def clips(self) -> dict[Path, Clip]:
        """All the clips by their files."""
        return {clip.path: clip for clip, _ in self.tracks}


def read_examples(space: VASpace, seed: int, each: int, count: int | None = None) -> Examples:
    """Read photographs and clips.

    Args:
        space: The model.
        seed: See :class:`Examples`.
        each: Likewise.
        count: Use so many of the clips; by default all.

    Raises:
        MediaError: One of them cannot be read.
        MissingExtraError: The packages with the photographs are not installed.
    """
    photographs = _read(space, PHOTOGRAPHS)
    return Examples(space, seed, each, _apart(space, photographs, each), _read(space, clips()[:count]))


def _read(space: VASpace, things: Sequence[Thing]) -> list[Read[Thing]]:
    read = []
    for thing, target in zip(things, read_targets(space, [each.path for each in things]), strict=True):
        if not isinstance(target, Target):
            raise MediaError(thing.path, target.reason)
        read.append((thing, target))
    return read


def _apart(space: VASpace, read: Sequence[Read[Thing]], count: int) -> list[Read[Thing]]:
    standing = np.stack([target.standing(space) for _, target in read])
    return [read[number] for number in far_apart(standing, count)]
