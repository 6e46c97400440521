"""EMOTIC: people in pictures, each with valence and arousal on 1-10 (Kosti et al. 2017).

Layout: `Annotations/Annotations.mat` with the structs `train`, `val` and `test`, and the pictures in
`emotic/{mscoco,framesdb,ade20k,emodb_small}/images`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from va_space.datasets.annotations import find_file, require, to_point
from va_space.datasets.records import Record, keep_existing
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError, MissingExtraError

SCALE = Scale(1, 10)
# A picture that is in two lists belongs to the held-out one.
_SPLITS = ("test", "val", "train")


def _structs(path: Path) -> dict[str, Any]:
    try:
        from scipy.io import loadmat
    except ImportError as error:
        raise MissingExtraError("Reading EMOTIC's Annotations.mat", "train") from error
    try:
        published = loadmat(str(path), variable_names=_SPLITS, squeeze_me=True, struct_as_record=False)
    except (ValueError, TypeError, NotImplementedError, OSError) as error:
        raise DatasetError(f"EMOTIC: {path} is not a readable .mat file ({error})") from error
    if missing := [split for split in _SPLITS if split not in published]:
        raise DatasetError(f"EMOTIC: {path} has no struct {', '.join(missing)}")
    return published


def _ratings(picture: Any) -> list[tuple[float, float]]:
    """One (valence, arousal) on 1-10 a person who has been rated: mean over the annotators."""
    ratings = []
    for person in np.atleast_1d(picture.person):
        # Validation and test have several annotators a person and hold their mean as well.
        name = "combined_continuous" if hasattr(person, "combined_continuous") else "annotations_continuous"
        values = [(float(one.valence), float(one.arousal)) for one in np.atleast_1d(getattr(person, name))]
        rated = [pair for pair in values if not np.isnan(pair).any()]
        if rated:
            ratings.append(tuple(np.mean(rated, axis=0).tolist()))
    return ratings


def load(root: Path, *, annotations: Path | None = None) -> list[Record]:
    """Pictures with the mean over their people; the group is the picture, the split is the official one.

    Args:
        root: Folder that holds `emotic` and `Annotations`.
        annotations: The .mat file, if it is not under `root`.

    Raises:
        DatasetError: The layout is not as published, or no picture is there.
        MissingExtraError: scipy is not installed.
    """
    table = Path(annotations) if annotations else find_file(root, "Annotations.mat", "EMOTIC")
    pictures = require(Path(root) / "emotic", "EMOTIC")
    people: dict[str, list[tuple[float, float]]] = {}
    split_of: dict[str, str] = {}
    published = _structs(table)
    for split in _SPLITS:
        for picture in np.atleast_1d(published[split]):
            name = f"{picture.folder}/{picture.filename}"
            split_of.setdefault(name, split)
            people.setdefault(name, []).extend(_ratings(picture))
    records = []
    for name, ratings in people.items():
        if ratings:
            valence, arousal = np.mean(ratings, axis=0).tolist()
            label = to_point(valence, arousal, SCALE, f"EMOTIC, {name}")
            records.append(Record(pictures / name, "picture", label, name, name, split_of[name]))
    return keep_existing(records, "EMOTIC")
