"""Whether predictions are on the scale of the labels, and whether their stated uncertainty is right."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from va_space.benchmark import metrics
from va_space.benchmark.context import Context, Embedded, groups, points
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import RESAMPLES, TableRow, TaskResult, failure_notes
from va_space.benchmark.tasks import TASKS
from va_space.datasets.records import Record
from va_space.encoders.predictors import DEVIATIONS_OF_90_PERCENT
from va_space.errors import DatasetError, MissingExtraError
from va_space.media.kinds import Modality

METRICS = {
    "slope": "of labels regressed on predictions: 1 is calibrated, less is too bold, more is too timid",
    "slope interval": "95% bootstrap interval, drawing whole groups",
    "intercept": "of the same line; 0 is calibrated",
    "coverage": "share of labels within 1.645 stated standard deviations of the prediction; 0.9 is right",
    "coverage interval": "95% bootstrap interval, drawing whole groups",
    "width": "mean width of that interval, on the scale 0-1; at the same coverage less is better",
}


@TASKS.register("calibration")
def run(context: Context) -> TaskResult:
    """Pictures, windows and pieces of music of the test part, each beside the constant."""
    pictures = context.test_pictures
    rows = _rows(context, "picture", pictures.records, pictures.vectors, context.pictures["train"])
    result = {
        "data": "OASIS pictures",
        "split": "test part of the open split, by theme and by series",
        "n": {"pictures": len(pictures.records)},
        "metrics": METRICS,
        "rows": rows,
        "notes": [
            "constant: the mean of the training labels, with their standard deviation as its uncertainty",
            "no coverage: the model was never calibrated, so it states no uncertainty",
            *failure_notes(pictures.failures),
        ],
    }
    try:
        return _with_music(result, context, context.test_music)
    except (DatasetError, MissingExtraError) as error:
        return {**result, "notes": [*result["notes"], f"VGMIDI is left out: {error}"]}


def _with_music(result: TaskResult, context: Context, music: Embedded) -> TaskResult:
    train = context.music["train"]
    windows = _rows(context, "window", music.windows, music.window_vectors, train)
    pieces = _rows(context, "piece", music.records, music.vectors, train)
    return {
        **result,
        "data": "OASIS pictures; VGMIDI windows and pieces",
        "n": {**result["n"], "windows": len(music.windows), "pieces": len(music.records)},
        "rows": [*result["rows"], *windows, *pieces],
        "notes": [
            *result["notes"],
            f"VGMIDI's test part has only {len(set(groups(music.records)))} series: its intervals are rough",
            *failure_notes(music.failures),
        ],
    }


def _rows(
    context: Context, unit: str, records: Sequence[Record], vectors: ArrayLike, train: Sequence[Record]
) -> list[TableRow]:
    """A row for the constant and for the model, for each of valence and arousal."""
    labels, units, known = points(records), groups(records), points(train)
    modality: Modality = "picture" if unit == "picture" else "music"
    values, deviations = context.space.predict_va_from_vectors(vectors, modality, return_std=True)
    models = {
        "constant": (
            np.tile(known.mean(axis=0), (len(labels), 1)),
            np.tile(known.std(axis=0), (len(labels), 1)),
        ),
        "ours": (np.asarray(values, np.float64), np.asarray(deviations, np.float64)),
    }
    return [
        {
            "unit": unit,
            "target": dimension,
            "model": name,
            "n": len(labels),
            **_scores(predicted[:, side], deviation[:, side], labels[:, side], units, context.seed),
        }
        for side, dimension in enumerate(("valence", "arousal"))
        for name, (predicted, deviation) in models.items()
    ]


def _scores(predicted: Floats, deviation: Floats, labels: Floats, units: ArrayLike, seed: int) -> TableRow:
    half = DEVIATIONS_OF_90_PERCENT * deviation
    covered = np.where(np.isfinite(half), np.abs(labels - predicted) <= half, np.nan)
    slope, intercept = regression(predicted, labels)
    return {
        "slope": slope,
        "slope interval": metrics.bootstrap_interval(
            lambda x, y: regression(x, y)[0], [predicted, labels], units, resamples=RESAMPLES, seed=seed
        ),
        "intercept": intercept,
        "coverage": float(covered.mean()),
        "coverage interval": metrics.bootstrap_interval(
            np.mean, [covered], units, resamples=RESAMPLES, seed=seed
        ),
        "width": float(2 * half.mean()),
    }


def regression(predicted: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """Slope and intercept of the line of (n,) labels on (n,) predictions; NaN for constant predictions."""
    x, y = np.asarray(predicted, np.float64), np.asarray(labels, np.float64)
    if np.isnan(metrics.pearson(x, y)):
        return float("nan"), float("nan")
    slope = float(np.mean((x - x.mean()) * (y - y.mean())) / x.var())
    return slope, float(y.mean() - slope * x.mean())
