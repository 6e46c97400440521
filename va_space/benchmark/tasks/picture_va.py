"""Valence and arousal of held-out pictures: OASIS by theme."""

import numpy as np

from va_space.benchmark.context import Context, groups, points
from va_space.benchmark.result import PREDICTION_METRICS, TaskResult, failure_notes, va_rows
from va_space.benchmark.tasks import TASKS


@TASKS.register("picture-va")
def run(context: Context) -> TaskResult:
    """Our predictor against the constant and against ridge on colour statistics."""
    test = context.test_pictures
    labels = points(test.records)
    predictions = {
        "constant": np.broadcast_to(points(context.pictures["train"]).mean(axis=0), labels.shape),
        "ridge on colour statistics": context.colour_ridge,
        "ours": context.space.predict_va_from_vectors(test.vectors, "picture"),
    }
    return {
        "data": "OASIS: photographs rated by about 100 people each",
        "split": f"test part of the open split, by theme: {len(set(groups(test.records)))} themes that "
        "neither training nor the choice of a model has seen",
        "n": len(labels),
        "metrics": PREDICTION_METRICS,
        "rows": va_rows(predictions, labels, groups(test.records), seed=context.seed),
        "notes": [
            "constant: the mean of the training labels",
            "ridge on colour statistics: fitted on the training part, strength chosen there by theme",
            *failure_notes(test.failures),
        ],
    }
