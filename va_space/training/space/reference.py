"""The reference of a model: how its predictions are distributed by kind, and what tells the kinds apart."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.datasets import emopia, emotify, oasis, vgmidi
from va_space.datasets.annotations import read_csv
from va_space.datasets.cache import rendered_folder
from va_space.datasets.records import Record, keep_existing
from va_space.datasets.splits import k_folds_by_group
from va_space.emotion.reference import KINDS_OF, Detector, Distribution, Kind, Reference
from va_space.errors import DatasetError
from va_space.space import Encoded, Failure, VASpace

LIMIT = 400
FOLDS = 10
# Of the ridge, for features of deviation 1: chosen for accuracy on held-out groups.
STRENGTHS = 0.01, 0.1, 1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Accuracy:
    """How well a kind is detected in groups that the detector has not seen.

    Attributes:
        kind: The kind.
        items: How many things of it.
        groups: Themes, artists, series, songs that they belong to.
        right: Share that was detected as this kind.
    """

    kind: Kind
    items: int
    groups: int
    right: float


@dataclass(frozen=True)
class MadeReference:
    """A reference, how well its kinds are told apart, and what could not be read."""

    reference: Reference
    accuracies: list[Accuracy]
    failures: list[Failure]


def open_kinds(data_root: Path, cache: Path, limit: int = LIMIT) -> dict[Kind, list[Record]]:
    """Things of each kind from the open data that are there; their groups are themes, artists, series, songs.

    Photographs of OASIS and of instruments, paintings, recordings of Emotify and 4Q, renderings of VGMIDI and
    EMOPIA.

    Args:
        data_root: Folder of data sets, one subfolder for each.
        cache: Root of the cache, for rendered MIDI.
        limit: Of records of one source, which are drawn.
    """
    rendered = rendered_folder(cache)
    sources: list[tuple[Kind, Callable[[], list[Record]]]] = [
        ("photograph", lambda: oasis.load(data_root / "oasis")),
        ("photograph", lambda: _files(data_root / "instruments" / "pictures")),
        ("painting", lambda: _paintings(data_root / "paintings")),
        ("recording", lambda: emotify.load(data_root / "emotify")),
        ("recording", lambda: _songs(data_root / "fourq")),
        ("rendering", partial(vgmidi.load, data_root / "vgmidi", rendered, window_seconds=None)),
        ("rendering", partial(emopia.load, data_root / "emopia", rendered, window_seconds=None)),
    ]
    kinds: dict[Kind, list[Record]] = {}
    for kind, load in sources:
        try:
            records = list({record.path: record for record in load()}.values())
        except DatasetError:
            continue
        drawn = random.Random(0).sample(records, min(limit, len(records)))
        kinds[kind] = kinds.get(kind, []) + drawn
    return kinds


def make_reference(
    space: VASpace,
    kinds: Mapping[Kind, Sequence[Record]],
    progress: Callable[[int, int], None] | None = None,
) -> MadeReference:
    """Predict for things of each kind, and learn to tell the kinds of a modality apart.

    Args:
        space: The model.
        kinds: Records of each kind; what is missing has no reference. Labels do not matter, groups do.
        progress: Called with (things encoded, things).

    Raises:
        DatasetError: Nothing of a kind can be read.
    """
    total = sum(map(len, kinds.values()))
    done, failures = 0, []
    distributions: dict[str, Distribution] = {}
    features: dict[Kind, tuple[Floats, list[Record]]] = {}
    for kind, records in kinds.items():
        items, read = [], []
        encoded = space.encode_iter(record.path for record in records)
        for record, item in zip(records, encoded, strict=True):
            done += 1
            if progress:
                progress(done, total)
            if isinstance(item, Encoded):
                items.append(item)
                read.append(record)
            else:
                failures.append(item)
        if not items:
            raise DatasetError(f"not one {kind} could be read")
        vectors = np.stack([item.vector for item in items])
        distributions[kind] = Distribution.of(space.predict_va_from_vectors(vectors, items[0].modality))
        rows = [item.features for item in items if item.features is not None]
        features[kind] = np.stack(rows).astype(np.float64), read
    detectors, accuracies = {}, []
    for modality, both in KINDS_OF.items():
        if len(both) == 2 and all(kind in features for kind in both):
            detectors[modality], right = _detector(features[both[0]], features[both[1]])
            for kind, share in zip(both, right, strict=True):
                records = features[kind][1]
                groups = len({record.group for record in records})
                accuracies.append(Accuracy(kind, len(records), groups, share))
    return MadeReference(Reference(distributions, detectors), accuracies, failures)


def fit_detector(features: Floats, second: NDArray[np.bool_], strength: float) -> Detector:
    """Ridge regression of -1 and 1 on standardised features, both kinds weighing the same.

    Args:
        features: (n, features).
        second: (n,) whether each is of the second kind.
        strength: Of the ridge, per item and for features of deviation 1.
    """
    weights = np.where(second, 0.5 / max(second.sum(), 1), 0.5 / max((~second).sum(), 1))
    mean = weights @ features
    spread = np.sqrt(weights @ (features - mean) ** 2)
    scale = np.where(spread > 1e-9, spread, np.inf)  # what never changes tells nothing
    root = np.sqrt(weights)[:, None]
    rows, target = root * (features - mean) / scale, root[:, 0] * np.where(second, 1.0, -1.0)
    if len(rows) < rows.shape[1]:  # the same solution by the smaller system
        slope = rows.T @ np.linalg.solve(rows @ rows.T + strength * np.eye(len(rows)), target)
    else:
        slope = np.linalg.solve(rows.T @ rows + strength * np.eye(rows.shape[1]), rows.T @ target)
    weight = slope / scale
    return Detector(weight, float(-mean @ weight))


def _detector(
    first: tuple[Floats, list[Record]], second: tuple[Floats, list[Record]]
) -> tuple[Detector, tuple[float, float]]:
    """What tells two kinds apart, and the share of each that is right while its group is held out."""
    features = np.concatenate([first[0], second[0]])
    is_second = np.arange(len(features)) >= len(first[0])
    fold_of = np.concatenate([_folds(first[1]), _folds(second[1])])
    found = []
    for strength in STRENGTHS:
        decided = np.zeros(len(features), bool)
        for fold in np.unique(fold_of):
            held = fold_of == fold
            detector = fit_detector(features[~held], is_second[~held], strength)
            decided[held] = detector.logits(features[held]) > 0
        right = decided == is_second
        found.append((float(right[~is_second].mean()), float(right[is_second].mean())))
    best = int(np.argmax([min(right) for right in found]))
    return fit_detector(features, is_second, STRENGTHS[best]), found[best]


def _folds(records: Sequence[Record]) -> NDArray[np.int64]:
    """(n,) fold in which each record is held out with its group."""
    folds = min(FOLDS, len({record.group for record in records}))
    held_in = {
        record.path: number
        for number, (_, held) in enumerate(k_folds_by_group(records, folds, 0))
        for record in held
    }
    return np.array([held_in[record.path] for record in records])


def _files(root: Path) -> list[Record]:
    from va_space.media.kinds import find_media

    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder")
    return [Record(path, "picture", None, str(path), str(path)) for path in find_media([root])]


def _paintings(root: Path) -> list[Record]:
    rows = read_csv(root / "paintings.csv", "paintings", ("file", "artist"))
    records = [Record(root / row["file"], "picture", None, row["artist"], row["file"]) for row in rows]
    return keep_existing(records, "paintings")


def _songs(root: Path) -> list[Record]:
    rows = read_csv(root / "fourq.csv", "4Q", ("song", "artist"))
    files = {path.stem: path for path in (root / "audio").glob("*")}
    records = [
        Record(files.get(row["song"], root / row["song"]), "music", None, row["artist"], row["song"])
        for row in rows
    ]
    return keep_existing(records, "4Q")
