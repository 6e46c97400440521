"""What a task hands back, and what its numbers mean."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.benchmark import metrics
from va_space.emotion.plane import NEUTRAL, quadrant_bounds

TaskResult = dict[str, Any]
TableRow = dict[str, Any]

RESAMPLES = 1000

PREDICTION_METRICS = {
    "pearson": "Pearson's linear correlation; higher is better, undefined for a constant",
    "pearson interval": "95% bootstrap interval of pearson, drawing whole groups",
    "spearman": "Spearman's rank correlation",
    "ccc": "Lin's concordance correlation: 1 only for the right values on the right scale",
    "mae": "mean absolute error on the scale 0-1; lower is better",
    "r2": "share of the variance explained; 0 for the mean of the test labels",
}
ACCURACY_METRICS = {
    "quadrant": "accuracy of the quadrant among four",
    "quadrant interval": "95% bootstrap interval of that accuracy, drawing whole groups",
    "valence": "accuracy of valence, low or high",
    "arousal": "accuracy of arousal, low or high",
}


def va_rows(
    predictions: Mapping[str, NDArray[np.floating]],
    labels: NDArray[np.floating],
    groups: ArrayLike,
    *,
    seed: int,
    **same: Any,
) -> list[TableRow]:
    """A row for each of valence and arousal and each model.

    Args:
        predictions: Name of the model -> (n, 2).
        labels: (n, 2).
        groups: (n,) what the bootstrap draws as a whole.
        seed: Of the bootstrap.
        same: Columns that all rows share, put first.
    """
    rows = []
    for column, target in enumerate(("valence", "arousal")):
        actual = labels[:, column]
        for name, predicted in predictions.items():
            values = predicted[:, column]
            interval = metrics.bootstrap_interval(
                metrics.pearson, [values, actual], groups, resamples=RESAMPLES, seed=seed
            )
            scores = {**metrics.agreement(values, actual), "pearson interval": interval}
            rows.append({**same, "target": target, "model": name, "n": len(actual), **scores})
    return rows


def accuracy_rows(
    predictions: Mapping[str, NDArray[np.int64]], labels: NDArray[np.int64], groups: ArrayLike, *, seed: int
) -> list[TableRow]:
    """A row for each model.

    Args:
        predictions: Name of the model -> (n,) quadrants 1-4.
        labels: (n,) quadrants.
        groups: (n,) what the bootstrap draws as a whole.
        seed: Of the bootstrap.
    """
    rows = []
    high = _halves(labels)
    for name, predicted in predictions.items():
        right = predicted == labels
        halves = _halves(predicted) == high
        interval = metrics.bootstrap_interval(np.mean, [right], groups, resamples=RESAMPLES, seed=seed)
        rows.append(
            {
                "model": name,
                "n": len(labels),
                "quadrant": float(right.mean()),
                "quadrant interval": interval,
                "valence": float(halves[:, 0].mean()),
                "arousal": float(halves[:, 1].mean()),
            }
        )
    return rows


def failure_notes(failures: Sequence[str]) -> list[str]:
    """A note about files that were left out, if there are any."""
    return [f"{len(failures)} files could not be read and are left out of all rows"] if failures else []


def _halves(quadrants: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n, 2) whether valence and arousal are high."""
    return np.array([[low >= NEUTRAL for low, _ in quadrant_bounds(int(number))] for number in quadrants])
