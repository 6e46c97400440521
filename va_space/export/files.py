"""Finished parts as one file."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from va_space.export.parts import TEXTS, Part, merge, read_rows
from va_space.export.places import Place

_ROW_GROUP = 8192
Writer = Callable[[Sequence[Part], Place, pa.Schema, Path], None]


def _write_parquet(parts: Sequence[Part], folder: Place, columns: pa.Schema, target: Path) -> None:
    merge(parts, folder, columns, target, _ROW_GROUP)


def _write_npz(parts: Sequence[Part], folder: Place, columns: pa.Schema, target: Path) -> None:
    arrays = {name: np.asarray(column) for name, column in _columns(parts, folder, columns).items()}
    with target.open("wb") as file:
        np.savez(file, allow_pickle=False, metadata=np.array(json.dumps(_metadata(columns))), **arrays)


def _write_safetensors(parts: Sequence[Part], folder: Place, columns: pa.Schema, target: Path) -> None:
    from safetensors.numpy import save_file

    table = _columns(parts, folder, columns)
    texts = {name: json.dumps(table.pop(name)) for name in TEXTS}
    save_file(table, target, metadata={**_metadata(columns), **texts})


def _columns(parts: Sequence[Part], folder: Place, columns: pa.Schema) -> dict[str, Any]:
    table = pa.Table.from_batches(read_rows(parts, folder, _ROW_GROUP), columns)
    vectors = table["vector"].combine_chunks().flatten().to_numpy()
    return {
        "vector": vectors.reshape(len(table), -1),
        **{name: table[name].to_pylist() for name in TEXTS},
        **{
            name: table[name].to_numpy().astype(np.float32)
            for name in table.column_names
            if name not in ("vector", *TEXTS)
        },
    }


def _metadata(columns: pa.Schema) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in columns.metadata.items()}


WRITERS: dict[str, Writer] = {
    ".parquet": _write_parquet,
    ".npz": _write_npz,
    ".safetensors": _write_safetensors,
}
