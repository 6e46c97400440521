"""Valence and arousal of held-out music: VGMIDI by series, the quadrants of EMOPIA, and the domain."""

from collections import Counter
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import baselines
from va_space.benchmark.context import Context, embed, groups, mean_by_file, points, readable
from va_space.benchmark.domain import METRICS as DOMAIN_METRICS
from va_space.benchmark.domain import domain_rows
from va_space.benchmark.result import (
    ACCURACY_METRICS,
    PREDICTION_METRICS,
    TaskResult,
    accuracy_rows,
    failure_notes,
    va_rows,
)
from va_space.benchmark.tasks import TASKS
from va_space.datasets.records import Quadrant, Record
from va_space.emotion.plane import quadrant
from va_space.errors import DatasetError, MissingExtraError


@TASKS.register("music-va")
def run(context: Context) -> TaskResult:
    """Our predictor against simple ones, by window and piece (VGMIDI) and by clip (EMOPIA)."""
    result = vgmidi(context)
    try:
        quadrants = emopia(context)
        result = {key: _joined(result[key], quadrants[key]) for key in result}
    except (DatasetError, MissingExtraError) as error:
        result["notes"].append(f"EMOPIA is left out: {error}")
    rows, note = domain_rows(context)
    found = {"rows": rows, "notes": [note], "metrics": DOMAIN_METRICS if rows else {}}
    return {key: _joined(value, found[key]) if key in found else value for key, value in result.items()}


def vgmidi(context: Context) -> TaskResult:
    """Correlations and errors of windows and of pieces."""
    test = context.test_music
    short = context.test_short_music
    windows, short_windows, pieces = points(test.windows), points(short.windows), points(test.records)
    mean = points(context.music["train"]).mean(axis=0)
    ours = context.space.predict_va_from_vectors(test.window_vectors, "music")
    by_window = {
        "constant": np.broadcast_to(mean, windows.shape),
        "ridge on mel statistics": context.mel_ridge,
        "ours": ours,
    }
    by_piece = {
        "constant": np.broadcast_to(mean, pieces.shape),
        "ridge on mel statistics": mean_by_file(test.windows, context.mel_ridge),
        "ours": context.space.predict_va_from_vectors(test.vectors, "music"),
        "ours, mean of windows": mean_by_file(test.windows, ours),
    }
    series = groups(test.records)
    name = f"ours, windows of {context.short_seconds:g} s"
    of_short = {name: context.space.predict_va_from_vectors(short.window_vectors, "music")}
    by_piece[name] = context.space.predict_va_from_vectors(short.vectors, "music")
    return {
        "data": "VGMIDI: piano arrangements of game music, rated along the piece by about 30 people each",
        "split": f"VGMIDI: test part of the open split, by series: {', '.join(sorted(set(series)))}",
        "n": {"windows": len(windows), "pieces": len(pieces)},
        "metrics": PREDICTION_METRICS,
        "rows": [
            *va_rows(by_window, windows, groups(test.windows), seed=context.seed, unit="window"),
            *va_rows(of_short, short_windows, groups(short.windows), seed=context.seed, unit="window"),
            *va_rows(by_piece, pieces, series, seed=context.seed, unit="piece"),
        ],
        "notes": [
            "constant: the mean of the training labels",
            "ridge on mel statistics: fitted on the training windows, strength chosen there by series; of a "
            "piece, the mean of its windows",
            f"{name}: labels of these windows are means over as long",
            f"the intervals draw whole series, and there are only {len(set(series))}: take them as rough",
            *failure_notes(test.failures),
        ],
    }


def emopia(context: Context) -> TaskResult:
    """Accuracies of clips: the quadrant of our point, the commonest one, and logistic regression."""
    test = embed(context.space, context.quadrants["validation"])
    train, features = _clip_features(context, context.quadrants["train"])
    logistic = baselines.fit_logistic(features, _quadrants(train), groups(train))
    commonest = Counter(_quadrants(train).tolist()).most_common(1)[0][0]
    labels = _quadrants(test.records)
    predictions = {
        "commonest": np.full_like(labels, commonest),
        "logistic on mel statistics": logistic.predict(_clip_features(context, test.windows)[1]),
        "ours": quadrant(context.space.predict_va_from_vectors(test.vectors, "music")),
    }
    return {
        "data": "EMOPIA: clips of piano pop, each in a quadrant of valence and arousal",
        "split": "EMOPIA: official validation part, by song; the official training part trains",
        "n": {"clips": len(labels)},
        "metrics": ACCURACY_METRICS,
        "rows": accuracy_rows(predictions, labels, groups(test.records), seed=context.seed),
        "notes": [
            "commonest: the commonest quadrant of the training part",
            "logistic on mel statistics: of a clip the mean over its windows; strength chosen by song",
            "ours: the quadrant of the predicted point; valence and arousal are high from 0.5",
            *failure_notes(test.failures),
        ],
    }


def _joined(first: Any, second: Any) -> Any:
    if isinstance(first, dict):
        return {**first, **second}
    return first + second if isinstance(first, list) else f"{first}; {second}"


def _clip_features(context: Context, windows: list[Record]) -> tuple[list[Record], NDArray[np.floating]]:
    """One record and (clips, features) mean mel statistics of each clip."""
    kept, features = readable(windows, context.mel_features)
    clips = [next(same_file) for _, same_file in groupby(kept, key=lambda record: record.path)]
    return clips, mean_by_file(kept, features)


def _quadrants(records: list[Record]) -> NDArray[np.int64]:
    return np.array([record.label.number for record in records if isinstance(record.label, Quadrant)])
