"""Any number of vectors with the structure of real ones, for perf/search.py.

Real are the vectors of the windows of recordings (Emotify below VA_SPACE_DATA if it is set, and the clips
that va-space brings). A made one lies at a random place between a real one and one of its ten nearest
neighbours in another recording, and is moved by normal noise with the covariance of the differences between
such neighbours, at half its size, where made ones are as far from each other as real ones. Queries are
windows of recordings that nothing was made from, and pictures (paintings below VA_SPACE_DATA, else
photographs).
"""

import os
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space import VASpace
from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.media.kinds import find_media
from va_space.space import Encoded

Array = NDArray[np.float32]
_NEIGHBOURS, _NOISE, _BLOCK = 10, 0.5, 20_000


def real_vectors(files: int | None) -> tuple[Array, Array, Array]:
    """Vectors of windows to make others from, and of windows and pictures to ask for.

    Args:
        files: Read at most so many recordings, and as many pictures; default: all.
    """
    data = os.environ.get("VA_SPACE_DATA")
    music = [clip.path for clip in clips()]
    pictures = [photo.path for photo in PHOTOGRAPHS]
    if data:
        music += find_media([Path(data) / "emotify"])
        pictures = list(find_media([Path(data) / "paintings"]))
    space = VASpace.from_pretrained(device="cpu")
    music, pictures = list(islice(music, files)), list(islice(pictures, files))
    tracks = [item.windows for item in space.encode_iter(music) if isinstance(item, Encoded)]
    shown = [item.vector for item in space.encode_iter(pictures) if isinstance(item, Encoded)]
    order = np.random.default_rng(0).permutation(len(tracks))
    asked = max(1, len(tracks) // 10)
    number = np.concatenate([np.full(len(tracks[i]), i) for i in order[asked:]])
    real = np.concatenate([tracks[i] for i in order[asked:]])
    cosine = real @ real.T
    cosine[number[:, None] == number] = -1
    neighbours = np.argsort(-cosine, axis=1)[:, :_NEIGHBOURS]
    return (
        np.concatenate([real[None], real[neighbours].transpose(1, 0, 2)]),
        np.concatenate([tracks[i] for i in order[:asked]]),
        np.stack(shown),
    )


def make_vectors(real: Array, count: int, path: Path) -> None:
    """Write (count, dimension) unit vectors to an .npy file.

    Args:
        real: (1 + neighbours, n, dimension): real vectors, and the neighbours of each.
        count: How many.
        path: The file.
    """
    generator = np.random.default_rng(1)
    dimension = real.shape[2]
    differences = (real[0] - real[1:]).reshape(-1, dimension)
    values, axes = np.linalg.eigh(differences.T @ differences / len(differences))
    root = (axes * np.sqrt(np.maximum(values, 0) / 2 * _NOISE)).astype(
        np.float32
    )  # two ends differ: half each
    file = np.lib.format.open_memmap(path, "w+", np.float32, (count, dimension))
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        one = generator.integers(real.shape[1], size=size)
        other = real[1 + generator.integers(_NEIGHBOURS, size=size), one]
        between = generator.random((size, 1), np.float32)
        made = real[0, one] + between * (other - real[0, one])
        made += generator.standard_normal((size, dimension), np.float32) @ root.T
        file[start : start + size] = made / np.linalg.norm(made, axis=1, keepdims=True)
    file.flush()


def structure(vectors: Array) -> str:
    """What approximate search depends on, in words."""
    values = np.linalg.eigvalsh(np.cov(vectors.T))[::-1]
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -1)
    nearest = np.percentile(cosine.max(axis=1), [10, 50, 90])
    shares = values.cumsum()[[0, 9, 49]] / values.sum()
    return (
        f"{shares[0]:.0%} / {shares[1]:.0%} / {shares[2]:.0%} of the variance in 1 / 10 / 50 directions, "
        f"cosine of the nearest neighbour {nearest[0]:.4f} / {nearest[1]:.4f} / {nearest[2]:.4f} "
        f"(10th, 50th, 90th percentile)"
    )
