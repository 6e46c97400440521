"""What heads of texts learn from, computed once: features of texts, vectors of pictures and music."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from va_space.datasets.records import Record
from va_space.encoders.text.sentences import SentenceEncoder
from va_space.errors import MediaError
from va_space.space import VASpace
from va_space.training.engine.cache import Cached, Progress, cached, read_windows

_AT_ONCE = 8


def text_features(
    encoder: SentenceEncoder, records: Sequence[Record], cache: Path, progress: Progress | None = None
) -> Cached:
    """Features of texts, float16 (n, features); of a long text the mean of its parts.

    Raises:
        MediaError: A text is empty, or nothing of it is known.
    """
    texts = "\0".join(record.text for record in records)
    config = encoder.config
    settings: dict[str, object] = {
        "encoder": config.encoder,
        "layers": config.layers,
        "max_tokens": config.max_tokens,
        "texts": hashlib.sha256(texts.encode("utf-8", "replace")).hexdigest(),  # many of one file
    }

    def convert(same_file: Sequence[Record]) -> np.ndarray:
        rows = []
        for first in range(0, len(same_file), 64):
            for record, read in zip(
                same_file[first : first + 64],
                encoder.read([record.text for record in same_file[first : first + 64]], 64),
                strict=True,
            ):
                if isinstance(read, str):
                    raise MediaError(record.id, read)
                rows.append(np.average(read.parts, axis=0, weights=read.tokens))
            if progress:
                progress("texts", len(rows), len(same_file))
        return np.stack(rows)

    return cached("text-features", records, settings, (encoder.features,), np.float16, convert, cache)


def space_vectors(
    space: VASpace, records: Sequence[Record], cache: Path, progress: Progress | None = None
) -> Cached:
    """Vectors, float32 (n, dimension), of pictures, or of windows of music."""
    settings: dict[str, object] = {"fingerprint": space.fingerprint, "precision": space.precision}
    convert = partial(_vectors, space)
    shape = (space.config.dimension,)
    return cached("space-vectors", records, settings, shape, np.float32, convert, cache, progress)


def _vectors(space: VASpace, same_file: Sequence[Record]) -> np.ndarray:
    if same_file[0].modality == "picture":
        return np.stack([space.encode(same_file[0].path)] * len(same_file))
    windows = torch.from_numpy(read_windows(same_file, space.config.audio))
    with torch.inference_mode():
        return torch.cat([space.embed_music(part) for part in windows.split(_AT_ONCE)]).cpu().numpy()


def rows_of(stored: Cached) -> Tensor:
    """All of it as a float32 tensor."""
    return torch.from_numpy(np.array(stored.values, np.float32))
