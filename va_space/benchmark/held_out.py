"""Tracks as the model takes them; where there are folds, each by the one that has not seen its artist."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.metrics import Floats
from va_space.datasets.records import Record
from va_space.errors import DatasetError
from va_space.space import Encoded, VASpace


@dataclass(frozen=True)
class HeldOut:
    """Tracks that could be read.

    Attributes:
        records: One for each.
        vectors: (n, dimension) unit vectors.
        va: (n, 2) predicted valence and arousal.
        same_space: Whether all vectors are of the model that is measured, so that they can be compared with
            its pictures.
        note: Where they come from, for the table.
        failures: What was left out, and why.
    """

    records: list[Record]
    vectors: NDArray[np.float32]
    va: Floats
    same_space: bool
    note: str
    failures: list[str]


def read_held_out(space: VASpace, records: Sequence[Record], folds: Path | None, source: str) -> HeldOut:
    """Vectors and predictions of tracks.

    Args:
        space: The model that is measured.
        records: Of the tracks.
        folds: What a training with folds has written: vectors and points of tracks, each from the fold that
            has not seen its group. None encodes the files with the model.
        source: Name of the data set in that file.

    Raises:
        DatasetError: The file is none of those, or lacks all of the tracks.
    """
    if folds is not None:
        return _of_folds(records, folds, source)
    found, items, failures = [], [], []
    for record, item in zip(records, space.encode_iter(record.path for record in records), strict=True):
        if isinstance(item, Encoded):
            found.append(record)
            items.append(item)
        else:
            failures.append(f"{item.source}: {item.reason}")
    if not items:
        raise DatasetError(f"{source}: no recording could be read")
    vectors = np.stack([item.vector for item in items])
    va = space.predict_va_from_vectors(vectors, "music").astype(np.float64)
    note = "votes are compared with the model that ships, not out of fold: see --held-out"
    return HeldOut(found, vectors, va, True, note, failures)


def _of_folds(records: Sequence[Record], path: Path, source: str) -> HeldOut:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            names = (file.metadata() or {})["tracks"].split("\n")
            vectors, points = file.get_tensor("vectors"), file.get_tensor("points")
    except (OSError, KeyError, SafetensorError) as error:
        raise DatasetError(f"{path}: not the held-out tracks of a training ({error})") from error
    rows = {name: row for row, name in enumerate(names)}
    found = [record for record in records if f"{source}/{record.id}" in rows]
    if not found:
        raise DatasetError(f"{path}: holds no track of {source}")
    some = [rows[f"{source}/{record.id}"] for record in found]
    missing = [f"{record.path}: not among the held-out tracks" for record in records if record not in found]
    return HeldOut(
        found,
        vectors[some].astype(np.float32),
        points[some].astype(np.float64).clip(0, 1),
        False,
        "votes out of fold: each track as the fold takes it that has not seen its artist",
        missing,
    )
