"""IMEMNet's clean test list: floors from the list alone, the model's score where people have the media.

Lists are in ``imemnet`` of the data root. The media are looked for in ``imemnet/pictures`` (the pictures of
IAPS, NAPS and EMOTIC, in any subfolders) and ``deam/MEMD_audio``.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import metrics
from va_space.benchmark.context import Context
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets import imemnet
from va_space.datasets.records import Record
from va_space.errors import DatasetError
from va_space.media.audio import load_audio
from va_space.media.kinds import MediaInput
from va_space.space import Encoded

METRICS = {
    "mse": "mean squared error of the predicted similarity; lower is better",
    "spearman": "Spearman's rank correlation of predicted and published similarity",
}


@TASKS.register("imemnet")
def run(context: Context) -> TaskResult:
    """The constant on the validation, published and clean test list, and our similarity predictor."""
    root = context.data_root / "imemnet"
    validation = imemnet.read_matches(root / "val_matching.txt")
    published = imemnet.read_matches(root / "test_matching.txt")
    clean = imemnet.clean_test(published, validation)
    lists = {"validation": validation, "test as published": published, "clean test": clean}
    rows: list[TableRow] = [_constant_row(name, matches) for name, matches in lists.items()]
    try:
        rows.append(_our_row(context, clean))
        notes = ["ours: the similarity predictor on the pairs whose media are there"]
    except DatasetError as error:
        notes = [f"the media are not there, so only the floors are: {error}"]
    return {
        "data": "IMEMNet: published pairs of pictures and DEAM clips with their similarity",
        "split": "clean test: the published test list without the rows, songs and pictures of validation",
        "n": {
            "pairs": len(clean),
            "songs": len({match.song for match in clean}),
            "clips": len({match.clip for match in clean}),
            "pictures": len({match.picture for match in clean}),
        },
        "metrics": METRICS,
        "rows": rows,
        "notes": [
            "constant: the mean score of the list itself, which no constant can beat",
            f"the published test list contains {len(published) - len(clean)} pairs that share a song or a "
            "picture with the validation list",
            *notes,
        ],
    }


def _constant_row(name: str, matches: list[imemnet.Match]) -> TableRow:
    scores = np.array([match.score for match in matches])
    return {"list": name, "model": "constant", "n": len(scores), "mse": float(scores.var()), "spearman": None}


def _our_row(context: Context, matches: list[imemnet.Match]) -> TableRow:
    found = imemnet.load(
        matches,
        pictures=context.data_root / "imemnet" / "pictures",
        audio=context.data_root / "deam" / "MEMD_audio",
        window_seconds=context.audio.window_seconds,
    )
    pictures = _vectors(context, found.pictures)
    music = _vectors(context, found.music)
    predicted, actual = [], []
    order = np.argsort(found.pairs.picture, kind="stable")
    for picture, rows in groupby(order, key=lambda row: int(found.pairs.picture[row])):
        pairs = [row for row in rows if int(found.pairs.music[row]) in music]
        if picture in pictures and pairs:
            clips = np.stack([music[int(found.pairs.music[row])] for row in pairs])
            predicted.append(np.asarray(context.space.similarity(pictures[picture][None], clips)).ravel())
            actual.append(found.pairs.similarity[pairs])
    if not predicted:
        raise DatasetError("not one pair could be read")
    ours, truth = np.concatenate(predicted).astype(np.float64), np.concatenate(actual).astype(np.float64)
    return {
        "list": "clean test",
        "model": "ours",
        "n": len(truth),
        "mse": float(np.mean((ours - truth) ** 2)),
        "spearman": metrics.spearman(ours, truth),
    }


def _vectors(context: Context, records: list[Record]) -> dict[int, Floats]:
    """TableRow of a record -> its unit vector, for all that can be read."""
    if records[0].modality == "picture":
        inputs: Iterable[MediaInput] = iter([record.path for record in records])
    else:
        inputs = _clips(records, context.audio.sample_rate)
    encoded = context.space.encode_iter(inputs)
    return {row: item.vector for row, item in enumerate(encoded) if isinstance(item, Encoded)}


def _clips(records: list[Record], sample_rate: int) -> Iterator[tuple[NDArray[np.float32], int]]:
    for _, same_song in groupby(records, key=lambda record: record.path):
        windows = list(same_song)
        song = load_audio(windows[0].path, sample_rate)
        for window in windows:
            start = round(window.start * sample_rate)
            yield song[start : start + round((window.duration or 0) * sample_rate)], sample_rate
