"""Valence and arousal of sentences: EmoBank's test part."""

import re
from collections.abc import Sequence

import numpy as np
import torch

from va_space.benchmark.context import Context, groups, points
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import PREDICTION_METRICS, TaskResult, va_rows
from va_space.benchmark.tasks import TASKS
from va_space.datasets import emobank, warriner
from va_space.datasets.records import Point, Record
from va_space.space import VASpace
from va_space.training.engine.cache import Cached
from va_space.training.text.inputs import text_features

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@TASKS.register("text-va")
def run(context: Context) -> TaskResult:
    """Our heads against ridge regression on the same encoder, on its last layer, and on norms of words."""
    folder = context.data_root / "text"
    records = emobank.load(folder)
    train, test = ([each for each in records if each.split == part] for part in ("train", "test"))
    norms = warriner.load(folder)
    encoder, side = context.space.sentence_encoder, context.space.text_side
    stored = [text_features(encoder, part, context.cache) for part in (train, test)]
    features = [np.asarray(part.values, np.float64) for part in stored]
    last = [part[:, -(encoder.features // len(side.model.config.layers)) :] for part in features]
    of_norms = [norm_features(part, norms) for part in (train, test)]
    lengths = [word_counts(part) for part in (train, test)]
    with_norms = [np.hstack(pair) for pair in zip(features, of_norms, strict=True)]
    labels = points(train)
    predictions = {
        "constant": np.broadcast_to(labels.mean(axis=0), (len(test), 2)),
        "ridge on the number of words": _ridge(lengths, labels),
        "ridge on norms of words": _ridge(of_norms, labels),
        "ridge on the last layer": _ridge(last, labels),
        "ridge on our layers": _ridge(features, labels),
        "ridge on our layers and norms of words": _ridge(with_norms, labels),
        "ours": predict(context.space, stored[1]),
    }
    known = float((of_norms[1][:, -1] > 0).mean())
    return {
        "data": "EmoBank: English sentences of six kinds of writing, rated by about five people each",
        "split": "EmoBank: its published test part, by sentence",
        "n": {"sentences": len(test), "documents": len(set(groups(test)))},
        "metrics": PREDICTION_METRICS,
        "rows": va_rows(predictions, points(test), groups(test), seed=context.seed),
        "notes": [
            "constant: the mean of the training labels; ridge: fitted on the training part, strength by "
            "leaving one out",
            f"layers: {', '.join(map(str, side.model.config.layers))} of {side.model.config.encoder}; "
            "the last of them alone in the row above",
            "norms of words: mean, lowest and highest valence and arousal of the words that Warriner et al. "
            f"list, and how many these are ({known:.0%} of the sentences have one); not used by what ships, "
            "since their licence forbids changes",
            "the intervals draw whole documents; the published split divides documents between its parts",
        ],
    }


def predict(space: VASpace, features: Cached) -> Floats:
    """(n, 2) valence and arousal of texts whose features are stored."""
    model = space.text_side.model
    with torch.inference_mode():
        rows = torch.from_numpy(np.array(features.values, np.float32)).to(space.device)
        return model.va(model(rows)).cpu().numpy().astype(np.float64)


def word_counts(records: Sequence[Record]) -> Floats:
    """(n, 2) number of words, and its logarithm."""
    counts = np.array([len(_WORD.findall(record.text)) for record in records], np.float64)
    return np.stack([counts, np.log1p(counts)], axis=1)


def norm_features(records: Sequence[Record], norms: dict[str, Point]) -> Floats:
    """(n, 7) mean, lowest and highest valence and arousal of the words that have norms, and their number."""
    rows = []
    for record in records:
        found = [norms[word] for word in map(str.casefold, _WORD.findall(record.text)) if word in norms]
        values = np.array([(point.valence, point.arousal) for point in found] or [(0.5, 0.5)])
        rows.append([*values.mean(axis=0), *values.min(axis=0), *values.max(axis=0), len(found)])
    return np.array(rows)


def _ridge(features: Sequence[Floats], labels: Floats) -> Floats:
    """(n, 2) predictions for the second of two feature arrays by a ridge on the first."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ridge = RidgeCV(np.logspace(-1, 5, 13), alpha_per_target=True)
    return make_pipeline(StandardScaler(), ridge).fit(features[0], labels).predict(features[1])
