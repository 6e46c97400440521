"""Embedded inputs as rows of a table: the columns and metadata of exported vectors."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import get_args

import numpy as np
import pyarrow as pa

from va_space.media.kinds import Modality
from va_space.space import Encoded, FloatArray, VASpace

# Rows that are predicted and written together.
_GROUP = 1024


def schema(space: VASpace, windows: float | None, texts: bool = False) -> pa.Schema:
    """Columns and metadata of a table of vectors.

    Args:
        space: The model that makes the vectors.
        windows: Seconds of a window of music, each a row with its start; None for one row a track.
        texts: Whether there are texts, which get a column of their own.
    """
    number = pa.float32()
    columns = {
        "path": pa.string(),
        "modality": pa.string(),
        **({"text": pa.string()} if texts else {}),
        **({"start": number} if windows else {}),
        "vector": pa.list_(number, space.config.dimension),
        "valence": number,
        "arousal": number,
    }
    metadata = {"va_space_version": version("va-space"), "model": space.fingerprint}
    if windows:
        metadata["window_seconds"] = f"{windows:g}"
    return pa.schema(list(columns.items()), metadata=metadata)


def row_batches(
    space: VASpace, items: Iterable[tuple[str, Encoded]], windows: float | None, texts: bool = False
) -> Iterator[pa.RecordBatch]:
    """Embedded inputs with their valence and arousal, some thousand rows at a time.

    Args:
        space: The model that made the vectors.
        items: Names and what :meth:`VASpace.encode_iter` yields for them, without the failures.
        windows: As for :func:`schema`. A picture, or a text, is one row then too, whose start is null.
        texts: As for :func:`schema`.
    """
    group: list[tuple[str, Encoded]] = []
    rows = 0
    for name, item in items:
        group.append((name, item))
        rows += len(_vectors(item, windows))
        if rows >= _GROUP:
            yield _batch(space, group, windows, texts)
            group, rows = [], 0
    if group:
        yield _batch(space, group, windows, texts)


def _batch(
    space: VASpace, group: list[tuple[str, Encoded]], windows: float | None, texts: bool
) -> pa.RecordBatch:
    counts = [len(_vectors(item, windows)) for _, item in group]
    vectors = np.concatenate([_vectors(item, windows) for _, item in group]).astype(np.float32, copy=False)
    modalities = np.repeat([item.modality for _, item in group], counts)
    va = np.empty((len(vectors), 2), np.float32)
    for modality in get_args(Modality):
        if (of_it := modalities == modality).any():
            va[of_it] = space.predict_va_from_vectors(vectors[of_it], modality)
    columns = {
        "path": [text(name) for (name, _), count in zip(group, counts, strict=True) for _ in range(count)],
        "modality": modalities,
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1]),
        "valence": va[:, 0],
        "arousal": va[:, 1],
    }
    if windows:
        columns["start"] = [start for _, item in group for start in _starts(item)]
    if texts:
        told = [text(str(item.source)) if item.modality == "text" else "" for _, item in group]
        columns["text"] = np.repeat(np.array(told, object), counts)
    wanted = schema(space, windows, texts)
    return pa.record_batch([pa.array(columns[field.name], field.type) for field in wanted], schema=wanted)


def text(name: str) -> str:
    """A name as valid Unicode: file names need not be, columns of text have to."""
    return name.encode("utf-8", "backslashreplace").decode()


def _vectors(item: Encoded, windows: float | None) -> FloatArray:
    return item.windows if windows and item.windows is not None else item.vector[None]


def _starts(item: Encoded) -> list[float | None]:
    return [None] if item.starts is None else item.starts.tolist()
