"""How well it can be told from what a model makes of music whether it was recorded or rendered from notes.

A model that learns some labels from recordings and others from renderings may mistake the domain for
feeling.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import metrics
from va_space.benchmark.context import Context, Embedded, embed, groups
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import RESAMPLES, TableRow
from va_space.datasets.records import Record
from va_space.datasets.splits import k_folds_by_group
from va_space.training.space.reference import fit_detector, open_kinds

TRACKS = 100  # of each data set
_FOLDS = 5
_STRENGTH = 0.1

METRICS = {
    "balanced accuracy": "mean share of recordings and of renderings that ridge regression tells right whose "
    "artist, series or song it has not seen; 0.5 by chance, and the lower the less the domain shows",
    "balanced accuracy interval": "95% bootstrap interval, drawing whole groups",
}


def domain_rows(context: Context) -> tuple[list[TableRow], str]:
    """A row for each thing that the domain may be told from, and what was read."""
    kinds = open_kinds(context.data_root, context.cache, min(TRACKS, context.limit or TRACKS))
    both = {kind: kinds[kind] for kind in ("recording", "rendering") if kind in kinds}
    if len(both) < 2:
        return [], "recordings and renderings are not both there: no rows of the domain"
    found = {kind: embed(context.space, records) for kind, records in both.items()}
    records = [record for each in found.values() for record in each.records]
    rendered = np.repeat([False, True], [len(each.records) for each in found.values()])
    decided = {
        name: held_out_decisions(values, records, rendered)
        for name, values in _read_off(context, list(found.values()), records).items()
    }
    decided = {"constant": np.zeros(len(rendered), bool), **decided}
    counts = ", ".join(f"{len(each.records)} {kind}s" for kind, each in found.items())
    note = f"domain: {counts}, at most {TRACKS} of each data set, drawn; renderings are by one SoundFont"
    return [_row(name, each, rendered, groups(records), context.seed) for name, each in decided.items()], note


def held_out_decisions(
    values: Floats, records: list[Record], rendered: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(n,) whether each is taken for a rendering by a regression that has not seen its group.

    Args:
        values: (n, features) what the domain may be told from.
        records: (n) with their groups.
        rendered: (n,) whether each is one.
    """
    decided = np.zeros(len(rendered), bool)
    for _, held in k_folds_by_group(records, _FOLDS, 0):
        groups_here = {record.group for record in held}
        here = np.array([record.group in groups_here for record in records])
        detector = fit_detector(values[~here], rendered[~here], _STRENGTH)
        decided[here] = detector.logits(values[here]) > 0
    return decided


def balanced_accuracy(decided: NDArray[np.bool_], actual: NDArray[np.bool_]) -> float:
    """The mean of the shares that are right among the true and among the false; NaN without one of them.

    >>> balanced_accuracy(np.array([True, True, False]), np.array([True, False, False]))
    0.75
    """
    if actual.all() or not actual.any():
        return float("nan")
    return float((decided[actual].mean() + (~decided[~actual]).mean()) / 2)


def _read_off(context: Context, found: Sequence[Embedded], records: list[Record]) -> dict[str, Floats]:
    vectors = np.concatenate([each.vectors for each in found])
    va = context.space.predict_va_from_vectors(vectors, "music").astype(np.float64)
    mel = np.stack([context.mel_features([record]).mean(axis=0) for record in records])
    return {
        "mel statistics of the first window": mel.astype(np.float64),
        "ours: vectors": vectors.astype(np.float64),
        "ours: valence and arousal": va,
    }


def _row(
    name: str, decided: NDArray[np.bool_], rendered: NDArray[np.bool_], units: NDArray[np.str_], seed: int
) -> TableRow:
    interval = metrics.bootstrap_interval(
        balanced_accuracy, [decided, rendered], units, resamples=RESAMPLES, seed=seed
    )
    return {
        "recording or rendering, told from": name,
        "n": len(rendered),
        "balanced accuracy": balanced_accuracy(decided, rendered),
        "balanced accuracy interval": interval,
    }
