"""Vectors to files that other programs read: parquet, npz, safetensors.

All three hold the same columns: ``path``, ``modality`` ("picture" or "music"), ``vector`` (float32, unit
length), ``valence`` and ``arousal`` (float32, 0 to 1); and, as metadata, ``va_space_version`` and ``model``,
the identity of the weights, without which vectors cannot be compared. Parquet keeps the metadata in its
schema, npz as an array ``metadata`` of one JSON string; safetensors, which holds only numbers, has path and
modality as JSON lists in its metadata.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from va_space.errors import ConfigError
from va_space.space import Encoded, VASpace

Group = dict[str, Any]


def export_vectors(
    space: VASpace, items: Iterable[Encoded], output: str | Path, *, group_size: int = 1024
) -> int:
    """Write embedded inputs to a file, with their valence and arousal.

    The file appears under its name when it is complete, and not at all when there is nothing to write or
    the work is interrupted.

    Args:
        space: The model that made the vectors; it predicts valence and arousal.
        items: What :meth:`VASpace.encode_iter` yields, without the failures.
        output: Name ending in .parquet (memory does not grow with the number of items), .npz or
            .safetensors (all vectors are in memory). Missing folders are made.
        group_size: Rows that are written to parquet together.

    Returns:
        Number of rows.

    Raises:
        ConfigError: The name has another ending.
    """
    output = Path(output)
    if output.suffix not in FORMATS:
        raise ConfigError(f"{output}: the name must end in {', '.join(FORMATS)}")
    output.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"va_space_version": version("va-space"), "model": space.identity}
    temporary = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:  # opened first: a place that cannot be written to is told at once
            groups = _groups(space, items, group_size)
            first = next(groups, None)
            if first is None:
                return 0
            written = FORMATS[output.suffix](chain([first], groups), metadata, file)
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)
    return written


def _groups(space: VASpace, items: Iterable[Encoded], size: int) -> Iterator[Group]:
    items = iter(items)
    while group := list(islice(items, size)):
        va = np.array([space.predict_va_from_vectors(item.vector[None], item.modality)[0] for item in group])
        yield {
            # File names need not be valid Unicode; columns of text have to be.
            "path": [str(item.source).encode("utf-8", "backslashreplace").decode() for item in group],
            "modality": [item.modality for item in group],
            "vector": np.stack([item.vector for item in group]).astype(np.float32),
            "valence": va[:, 0].astype(np.float32),
            "arousal": va[:, 1].astype(np.float32),
        }


def _write_parquet(groups: Iterator[Group], metadata: Mapping[str, str], file: IO[bytes]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = next(groups)
    dimension = first["vector"].shape[1]
    columns = {
        "path": pa.string(),
        "modality": pa.string(),
        "vector": pa.list_(pa.float32(), dimension),
        "valence": pa.float32(),
        "arousal": pa.float32(),
    }
    schema = pa.schema(list(columns.items()), metadata=dict(metadata))
    written = 0
    with pq.ParquetWriter(file, schema) as writer:
        for group in chain([first], groups):
            flat = pa.array(group["vector"].ravel())
            group["vector"] = pa.FixedSizeListArray.from_arrays(flat, dimension)
            writer.write_batch(pa.record_batch(list(group.values()), schema=schema))
            written += len(group["path"])
    return written


def _write_npz(groups: Iterator[Group], metadata: Mapping[str, str], file: IO[bytes]) -> int:
    table = _all(groups)
    arrays = {name: np.asarray(column) for name, column in table.items()}
    np.savez(file, allow_pickle=False, metadata=np.array(json.dumps(metadata)), **arrays)
    return len(table["path"])


def _write_safetensors(groups: Iterator[Group], metadata: Mapping[str, str], file: IO[bytes]) -> int:
    from safetensors.numpy import save

    table = _all(groups)
    texts = {name: json.dumps(table.pop(name)) for name in ("path", "modality")}
    file.write(save(table, metadata={**metadata, **texts}))
    return len(table["vector"])


def _all(groups: Iterable[Group]) -> Group:
    everything = list(groups)
    texts = {name: [text for group in everything for text in group[name]] for name in ("path", "modality")}
    names = ("vector", "valence", "arousal")
    numbers = {name: np.concatenate([group[name] for group in everything]) for name in names}
    return {**texts, **numbers}


FORMATS: dict[str, Callable[[Iterator[Group], Mapping[str, str], IO[bytes]], int]] = {
    ".parquet": _write_parquet,
    ".npz": _write_npz,
    ".safetensors": _write_safetensors,
}
