"""Task ``emotions``: words of emotion of held-out pictures, the quadrants of OASIS by theme.

The classifier of the recipe ``emotion-classifier`` beside a linear probe of the same frozen features, and, on
pictures that the model has not seen, beside what the space itself says.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import metrics
from va_space.benchmark.context import Context, groups
from va_space.benchmark.result import RESAMPLES, TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets.emotions import EmotionOptions, load_emotions, majority
from va_space.datasets.emotions.oasis_quadrants import WORDS
from va_space.datasets.records import Record
from va_space.datasets.splits import k_folds_by_group
from va_space.emotion.plane import quadrant
from va_space.errors import MissingExtraError

FOLDS = 5
Labels = NDArray[np.int64]


@TASKS.register("emotions")
def run(context: Context) -> TaskResult:
    """Train on four fifths of the themes, and classify the fifth.

    Raises:
        DatasetError: OASIS is not there.
        MissingExtraError: The extra ``train`` is not installed.
    """
    try:
        from va_space.benchmark.emotion_folds import LEARNING, MAJORITY, OURS, PROBE, Fold
    except ModuleNotFoundError as error:
        raise MissingExtraError("The task emotions", "train", f"({error})") from error
    records = load_emotions("oasis-quadrants", EmotionOptions(context.data_root))
    folds = k_folds_by_group(records, FOLDS, context.seed)
    parts = [Fold(context, number, *fold) for number, fold in enumerate(folds)]
    found = [part.predictions() for part in parts]
    actual, themes = (np.concatenate([each[name] for each in found]) for name in ("actual", "themes"))
    rows = [
        _row("all folds", name, np.concatenate([each[name] for each in found]), actual, themes, context.seed)
        for name in (MAJORITY, PROBE, OURS)
    ]
    first = found[0] | {LEARNING: parts[0].learnt()}
    for name in (MAJORITY, OURS, LEARNING):
        rows.append(_row("first fold", name, first[name], first["actual"], first["themes"], context.seed))
    return {
        "data": "OASIS: photographs, each with the word of its ratings' quadrant (happy, tense, sad, calm)",
        "split": f"{FOLDS} folds by theme; unseen: the test part of the open split",
        "n": len(actual),
        "rows": rows + _unseen(context, records, found),
        "metrics": METRICS,
        "notes": [
            "the folds' features are those of the picture backbone, which learnt nothing from OASIS",
            "on the frozen backbone pictures are learnt from as they are; ResNet50 has three epochs",
        ],
    }


METRICS = {
    "accuracy": "share of pictures with the right word among four; interval: 95% bootstrap by theme",
    "macro F1": "mean of the words' F1; interval likewise",
}


def _unseen(context: Context, records: Sequence[Record], found: list[dict[str, Any]]) -> list[TableRow]:
    """The same on pictures whose ratings the space has not seen either."""
    from va_space.benchmark.emotion_folds import MAJORITY, OURS, PROBE

    words = sorted(WORDS.values())
    label = {record.path: words.index(majority(record) or "") for record in records}
    by_path = {
        path: {name: each[name][row] for name in (MAJORITY, PROBE, OURS)}
        for each in found
        for row, path in enumerate(each["paths"])
    }
    test = context.test_pictures
    felt = context.space.predict_va_from_vectors(test.vectors, "picture")
    places = context.space.distribution("photograph").percentile(felt)
    predictions = {
        "nearest quadrant of the space, percentiles": _words_of(places, words),
        "nearest quadrant of the space, ratings": _words_of(felt, words),
        **{
            name: np.array([by_path[record.path][name] for record in test.records])
            for name in (MAJORITY, PROBE, OURS)
        },
    }
    actual = np.array([label[record.path] for record in test.records])
    themes = groups(test.records)
    return [_row("unseen", name, each, actual, themes, context.seed) for name, each in predictions.items()]


def _words_of(va: NDArray[np.floating], words: list[str]) -> Labels:
    return np.array([words.index(WORDS[int(each)]) for each in quadrant(va)])


def _row(
    part: str, name: str, predicted: Labels, actual: Labels, themes: NDArray[np.str_], seed: int
) -> TableRow:
    from va_space.training.emotions.task import macro_f1

    def f1(guessed: Labels, right: Labels) -> float:
        return macro_f1(guessed, right, len(WORDS))

    same, score = (predicted == actual).astype(np.float64), f1(predicted, actual)
    intervals = (
        metrics.bootstrap_interval(np.mean, [same], themes, resamples=RESAMPLES, seed=seed),
        metrics.bootstrap_interval(f1, [predicted, actual], themes, resamples=RESAMPLES, seed=seed),
    )
    return {
        "part": part,
        "model": name,
        "n": len(actual),
        "accuracy": float(same.mean()),
        "accuracy interval": intervals[0],
        "macro F1": score,
        "macro F1 interval": intervals[1],
    }
