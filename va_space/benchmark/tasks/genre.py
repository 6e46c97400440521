"""Whether heads tell the genres of recordings by artists that they do not know."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.benchmark.context import Context
from va_space.benchmark.genre_heads import (
    INPUTS,
    Input,
    inputs_of,
    linear_scores,
    neural_scores,
    out_of_fold,
)
from va_space.benchmark.genre_inputs import HOP, LEAST, SECONDS, GenreData, Recording, read_genre_data
from va_space.benchmark.metrics import bootstrap_interval
from va_space.benchmark.result import TableRow, TaskResult, failure_notes
from va_space.benchmark.tasks import TASKS
from va_space.datasets.splits import k_folds_by_group
from va_space.encoders.three_branch import ThreeBranch
from va_space.generation.tags.hearing import taggers_of
from va_space.networks.musicnn import TAGS, MusiCNN

FOLDS = 5
RESAMPLES = 100

METRICS = {
    "map": "mean over the genres of average precision, the area under precision and recall",
    "map interval": "95% bootstrap interval of map, drawing artists",
    "auc": "mean over the genres of the area under the ROC curve; 0.5 for chance",
    "auc interval": "95% bootstrap interval of auc, drawing artists",
    "precision": "average precision of the genre; its share of the recordings for chance",
}
# MusiCNN's tags that say the same as a genre of 4Q.
SAME = {
    "Pop/Rock": ("rock", "pop"),
    "Jazz": ("jazz",),
    "Electronic": ("electronic",),
    "R&B": ("rnb", "soul"),
    "Blues": ("blues",),
    "Country": ("country",),
    "Rap": ("Hip-Hop",),
    "Folk": ("folk",),
    "Easy Listening": ("easy listening",),
}
Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


@TASKS.register("genre")
def run(context: Context) -> TaskResult:
    """Heads are fitted on four fifths of the artists, and asked for the fifth."""
    taggers = taggers_of(context.space)
    data = read_genre_data(
        context.data_root / "fourq", taggers, context.space.fingerprint, context.cache, least=_least(context)
    )
    records = [each.record for each in data.recordings]
    fold_of = {
        record.group: number
        for number, (_, held) in enumerate(k_folds_by_group(records, FOLDS, context.seed))
        for record in held
    }
    folds = np.array([fold_of[record.group] for record in records])
    scores = _scores(data, folds, taggers.musicnn, context.seed)
    groups = [record.group for record in records]
    rows: list[TableRow] = [
        _row(name, each, data.labels, groups, context.seed) for name, each in scores.items()
    ]
    rows += _by_genre(data, scores)
    several = int((data.labels.sum(axis=1) > 1).sum())
    return {
        "data": "4Q, genres by AllMusic's editors",
        "split": f"{FOLDS} folds by artist",
        "n": {"recordings": len(records), "artists": len(set(groups)), "genres": len(data.genres)},
        "metrics": METRICS,
        "rows": rows,
        "notes": [
            f"genres with at least {_least(context)} recordings; {several} recordings have several",
            f"features: the mean over windows of {SECONDS:g} s, every {HOP:g} s; all branches of the encoder",
            "random section: another one in each epoch; asked for, the mean over the probabilities of all",
            "intro and drop: features of the first and of the most energetic section, one after the other",
            "tags as they are: MusiCNN's own tags of the same names, with nothing fitted, where it has them",
            *failure_notes(data.failures),
        ],
    }


def _least(context: Context) -> int:
    """Recordings that a genre must have; fewer where only a few recordings are there."""
    return LEAST if context.limit is None else min(LEAST, context.limit)


def _scores(data: GenreData, folds: NDArray[np.int64], musicnn: MusiCNN, seed: int) -> Mapping[str, Scores]:
    """(n, genres) of each model; nan where it says nothing of a genre."""
    labels = data.labels
    fitted = partial(out_of_fold, folds, len(data.genres))
    scores: dict[str, Scores] = {
        "constant": fitted(lambda known, asked: np.tile(labels[known].mean(axis=0), (len(asked), 1)))
    }
    whole = inputs_of(data.recordings, "whole", np.random.default_rng(seed))
    scores["MusiCNN's tags as they are"] = _tags(data.genres, musicnn, whole)
    parts = {
        "linear, MusiCNN's embedding": ThreeBranch.embedding,
        "linear, MusiCNN's means and embedding": slice(0, ThreeBranch.embedding.stop),
        "linear, all branches": slice(None),
    }
    for name, part in parts.items():
        scores[name] = fitted(partial(_linear, whole[:, part], labels))
    for which in INPUTS:
        scores[f"head, {which}"] = fitted(partial(_neural, data.recordings, labels, which, seed))
    return scores


def _linear(values: Scores, labels: NDArray[np.bool_], known: Rows, asked: Rows) -> Scores:
    return linear_scores(values[known], labels[known], values[asked])


def _neural(
    recordings: Sequence[Recording],
    labels: NDArray[np.bool_],
    which: Input,
    seed: int,
    known: Rows,
    asked: Rows,
) -> Scores:
    learnt, wanted = ([recordings[row] for row in rows] for rows in (known, asked))
    return neural_scores(learnt, labels[known], wanted, which, seed)


def _tags(genres: Sequence[str], musicnn: MusiCNN, whole: Scores) -> Scores:
    device = next(musicnn.parameters()).device
    with torch.inference_mode():
        embedding = torch.from_numpy(whole[:, ThreeBranch.embedding]).to(device)
        tags = torch.sigmoid(musicnn.tags(embedding)).cpu().numpy()
    columns = []
    for genre in genres:
        rows = [TAGS.index(tag) for tag in SAME.get(genre, ())]
        columns.append(tags[:, rows].max(axis=1) if rows else np.full(len(tags), np.nan, np.float32))
    return np.stack(columns, axis=1)


def _row(name: str, scores: Scores, labels: NDArray[np.bool_], groups: list[str], seed: int) -> TableRow:
    said = ~np.isnan(scores).any(axis=0)
    row: TableRow = {"model": name, "n": len(labels), "of genres": int(said.sum())}
    for metric, measure in (("map", _mean_precision), ("auc", _mean_auc)):
        columns = [scores[:, said], labels[:, said]]
        row[metric] = measure(scores[:, said], labels[:, said])
        row[f"{metric} interval"] = bootstrap_interval(
            measure, columns, groups, resamples=RESAMPLES, seed=seed
        )
    return row


def _by_genre(data: GenreData, scores: Mapping[str, Scores]) -> list[TableRow]:
    from sklearn.metrics import average_precision_score

    rows: list[TableRow] = []
    for number, genre in enumerate(data.genres):
        labels = data.labels[:, number]
        for name in ("constant", "linear, MusiCNN's means and embedding", "head, random section"):
            precision = float(average_precision_score(labels, scores[name][:, number]))
            rows.append(
                {"genre": genre, "recordings": int(labels.sum()), "model": name, "precision": precision}
            )
    return rows


def _mean_precision(scores: Scores, labels: NDArray[np.bool_]) -> float:
    from sklearn.metrics import average_precision_score

    return _mean(average_precision_score, scores, labels)


def _mean_auc(scores: Scores, labels: NDArray[np.bool_]) -> float:
    from sklearn.metrics import roc_auc_score

    return _mean(roc_auc_score, scores, labels)


def _mean(measure: Callable[..., float], scores: Scores, labels: NDArray[np.bool_]) -> float:
    """Over the genres of which there are both kinds."""
    both = [column for column in range(labels.shape[1]) if 0 < labels[:, column].sum() < len(labels)]
    if not both:
        return float("nan")
    return float(np.mean([measure(labels[:, column], scores[:, column]) for column in both]))
