"""Pictures that a generator learns from."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from va_space.datasets import folder
from va_space.datasets.records import Record
from va_space.errors import DatasetError
from va_space.media.pictures import load_picture, middle_square
from va_space.training.engine.cache import Cached, Progress, cached


def load_pictures(
    folders: Sequence[Path], size: int, cache: Path, progress: Progress | None = None
) -> Cached:
    """The middle square of every picture in folders, uint8 (n, 3, size, size), kept on disk as decoded.

    Raises:
        DatasetError: A folder is not there or holds no picture, or there are too few.
    """
    records = [record for path in folders for record in folder.load(path, modality="picture")]
    pictures = cached_squares(records, size, cache, progress)
    if len(pictures.records) < 2:
        raise DatasetError(f"{folders[0]}: one picture is not enough to train a generator")
    return pictures


def cached_squares(
    records: Sequence[Record], size: int, cache: Path, progress: Progress | None = None
) -> Cached:
    """The middle square of every picture, uint8 (n, 3, size, size)."""

    def convert(same_file: Sequence[Record]) -> NDArray:
        picture = middle_square(load_picture(same_file[0].path, min_side=size), size)
        return np.stack([picture] * len(same_file))

    shape = (3, size, size)
    return cached("squares", records, {"size": size}, shape, np.uint8, convert, cache, progress)


def draw_batch(pictures: Cached, count: int, mirror: bool, rng: Generator) -> Tensor:
    """Pictures drawn at random.

    Args:
        pictures: What to draw from.
        count: How many.
        mirror: Whether half of them are mirrored.
        rng: Source of randomness.

    Returns:
        (count, 3, size, size) float32 in [-1, 1].
    """
    chosen = torch.randint(len(pictures.records), (count,), generator=rng)
    batch = torch.from_numpy(pictures.values[chosen.numpy()]).float() / 127.5 - 1
    if mirror:
        mirrored = torch.rand(count, generator=rng) < 0.5
        batch[mirrored] = batch[mirrored].flip(3)
    return batch
