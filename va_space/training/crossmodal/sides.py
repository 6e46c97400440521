"""Pictures and sounds of instruments, as the networks see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from va_space.datasets.instruments import instrument_of
from va_space.datasets.records import Record
from va_space.generation.crossmodal import PICTURE, SOUND, sound_pieces
from va_space.media.patches import PatchSettings, sounds_to_patches
from va_space.training.engine.cache import Cached, Progress, cached
from va_space.training.gan.augment import augment, shift
from va_space.training.gan.data import cached_squares
from va_space.training.gan.quality import to_uint8
from va_space.training.gan.samples import write_sheet

VIEWS = 4
"""Patches of a recording."""


@dataclass(frozen=True, eq=False)
class Side:
    """Files of one side.

    Attributes:
        values: (n, views, channels, size, size); pictures uint8, patches float16 in [-1, 1].
        labels: (n,) numbers of their instruments.
        records: (n,).
    """

    values: NDArray
    labels: NDArray[np.int64]
    records: Sequence[Record]

    def draw(self, rows: NDArray[np.int64], rng: Generator | None = None) -> Tensor:
        """(rows, channels, size, size) in [-1, 1]: a view of each at random, the first without an rng."""
        views = self.values.shape[1]
        chosen = torch.randint(views, (len(rows),), generator=rng).numpy() if rng else 0
        values = torch.from_numpy(self.values[rows, chosen]).float()
        return values / 127.5 - 1 if self.values.dtype == np.uint8 else values


def load_side(
    records: Sequence[Record],
    names: Sequence[str],
    patch: PatchSettings,
    cache: Path,
    progress: Progress | None = None,
) -> Side:
    """Pictures, or sounds, of instruments; files that cannot be read are reported and left out.

    Raises:
        MediaError: None can be read.
    """
    if records[0].modality == "picture":
        stored = cached_squares(records, patch.size, cache, progress)
        values: NDArray = stored.values[:, None]
    else:
        stored = _cached_patches(records, patch, cache, progress)
        values = stored.values
    labels = np.array([names.index(instrument_of(record)) for record in stored.records])
    return Side(values, labels, stored.records)


def changed(inputs: Tensor, p: float, rng: Generator) -> Tensor:
    """Random changes of pictures or of patches (n, channels, size, size), each with probability p."""
    return (augment if inputs.shape[1] == PICTURE else shift)(inputs, p, rng)


def sheet(made: Tensor, path: Path) -> None:
    """Pictures, or patches with the lowest band at the bottom, (n, channels, size, size), in one file."""
    upright = made.flip(2) if made.shape[1] == SOUND else made
    write_sheet(to_uint8(upright.cpu()).expand(-1, 3, -1, -1), path)


def _cached_patches(
    records: Sequence[Record], patch: PatchSettings, cache: Path, progress: Progress | None
) -> Cached:
    def convert(same_file: Sequence[Record]) -> NDArray:
        found = sounds_to_patches(sound_pieces(same_file[0].path, patch, VIEWS), patch)
        views = found[np.arange(VIEWS) % len(found)].half().numpy()  # a short sound has fewer
        return np.stack([views] * len(same_file))

    shape = (VIEWS, 1, patch.size, patch.size)
    return cached("patches", records, {"patch": repr(patch)}, shape, np.float16, convert, cache, progress)
