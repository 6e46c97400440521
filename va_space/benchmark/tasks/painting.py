"""Covers painted for recordings, felt by a network that had no part in painting or choosing them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.benchmark import metrics
from va_space.benchmark.context import Context
from va_space.benchmark.metrics import Floats
from va_space.benchmark.picture_judge import WEIGHTS, PictureJudge
from va_space.benchmark.result import RESAMPLES, TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets import fourq
from va_space.datasets.open_data import picture_halves
from va_space.datasets.records import Quadrant, Record
from va_space.emotion.reference import normal_scores
from va_space.errors import MediaError
from va_space.generation.artwork.artwork import Artwork
from va_space.generation.artwork.engines import Request
from va_space.generation.artwork.engines.painter import paint
from va_space.generation.tags.describe import describe
from va_space.generation.tags.description import TrackDescription
from va_space.media.pictures import picture_to_tensor

# Recordings; of so many of them there are SEEDS covers; sides of the covers in pixels.
TRACKS, REPEATED, SEEDS, SIDE = 100, 12, 3, 256
# Plans that the model chooses from, as users get them.
CANDIDATES = 6
CHOSEN, ALONE, MOTIF = "painter", "painter, first plan", "one motif, first plan"
# A picture by what is heard, all showing the same: what is left is colour, light and marks.
_MOTIF = "hills"
_AXES = ("valence", "arousal")


@dataclass(frozen=True, eq=False)
class _Covers:
    """Covers by one way of painting, as the judge feels them.

    Attributes:
        felt: (tracks, 2) percentiles among photographs, of the covers of the first seed.
        repeated: (tracks, seeds, 2) of those that were painted with several seeds.
    """

    felt: Floats
    repeated: Floats


@TASKS.register("painting")
def run(context: Context) -> TaskResult:
    """Whether covers feel like their tracks, and tracks differ more than seeds."""
    learnt, held = picture_halves(context.data_root)
    judge = PictureJudge.fit(context.data_root / ".." / "weights" / WEIGHTS, learnt, held)
    records, heard, failures = _heard(context)
    wanted = np.array([each.feeling for each in heard])
    quadrants = np.array([_quadrant(record) for record in records])
    ways = {
        CHOSEN: Request(size=(SIDE, SIDE), candidates=CANDIDATES),
        ALONE: Request(size=(SIDE, SIDE), candidates=1),
        MOTIF: Request(size=(SIDE, SIDE), candidates=1, motif=_MOTIF),
    }
    covers = {name: _covers(context, judge, heard, request) for name, request in ways.items()}
    rows = [_row(name, each, wanted, quadrants, context.seed) for name, each in covers.items()]
    random = np.random.default_rng(context.seed).permutation(len(wanted))
    shuffled = _Covers(covers[CHOSEN].felt[random], np.zeros((0, SEEDS, 2)))
    rows.append(_row("another track's cover", shuffled, wanted, quadrants, context.seed))
    return {
        "data": "4Q audio emotion set, recordings spread evenly over its quadrants, an artist once",
        "split": "the judge learnt from half of OASIS' themes; its percentiles are those of the other half",
        "judge": "MobileNet v1 x0.25 and ridge, without part in painting or choosing; Pearson's r of valence "
        "and arousal on the half it has not seen: "
        f"{judge.agreement[0]:.2f}, {judge.agreement[1]:.2f}",
        "n": {"tracks": len(heard), "tracks with several seeds": min(REPEATED, len(heard)), "seeds": SEEDS},
        "metrics": METRICS,
        "rows": rows,
        "notes": failures,
    }


def _heard(context: Context) -> tuple[list[Record], list[TrackDescription], list[str]]:
    """Recordings that could be read, their descriptions, and what is to be said of the others."""
    records, heard, failures = [], [], []
    for record in _chosen(fourq.load(context.data_root / "fourq"), context.limit or TRACKS, context.seed):
        try:
            heard.append(describe(context.space, record.path))
        except MediaError as error:
            failures.append(f"{record.id}: {error.reason}")
            continue
        records.append(record)
    return records, heard, failures


def _chosen(records: Sequence[Record], count: int, seed: int) -> list[Record]:
    """So many records, each quadrant in turn, no artist twice."""
    order = np.random.default_rng(seed).permutation(len(records))
    waiting: dict[int, list[Record]] = {number: [] for number in (1, 2, 3, 4)}
    artists: set[str] = set()
    for place in order:
        record = records[place]
        if record.group not in artists:
            artists.add(record.group)
            waiting[_quadrant(record)].append(record)
    chosen: list[Record] = []
    while len(chosen) < count and any(waiting.values()):
        chosen += [queue.pop() for queue in waiting.values() if queue]
    return chosen[:count]


def _quadrant(record: Record) -> int:
    assert isinstance(record.label, Quadrant)
    return record.label.number


def _covers(
    context: Context, judge: PictureJudge, heard: Sequence[TrackDescription], request: Request
) -> _Covers:
    """Covers by one way; with several seeds only where the model chooses, as for users."""
    felt, repeated = [], []
    space = context.space if request.candidates > 1 else None
    for place, description in enumerate(heard):
        seeds = range(SEEDS if space and place < REPEATED else 1)
        pictures = [_picture(paint(space, description, replace(request, seed=seed))) for seed in seeds]
        standing = judge.standing(torch.stack(pictures))
        felt.append(standing[0])
        if len(seeds) > 1:
            repeated.append(standing)
    return _Covers(np.stack(felt), np.stack(repeated) if repeated else np.zeros((0, SEEDS, 2)))


def _picture(made: Sequence[Artwork]) -> Tensor:
    """(3, SIDE, SIDE) in [0, 1]."""
    return picture_to_tensor(made[0].render((SIDE, SIDE)), SIDE).float() / 255


def _row(name: str, covers: _Covers, wanted: Floats, quadrants: Floats, seed: int) -> TableRow:
    row: TableRow = {"covers": name}
    halves = {"valence": np.isin(quadrants, (1, 4)), "arousal": np.isin(quadrants, (1, 2))}
    for axis, what in enumerate(_AXES):
        pair = [covers.felt[:, axis], wanted[:, axis]]
        row[what] = metrics.spearman(*pair)
        row[f"{what} interval"] = metrics.bootstrap_interval(
            metrics.spearman, pair, np.arange(len(wanted)), resamples=RESAMPLES, seed=seed
        )
        row[f"{what} AUC"] = _auc(covers.felt[:, axis], halves[what])
    row["V→A"] = metrics.spearman(covers.felt[:, 1], wanted[:, 0])
    row["A→V"] = metrics.spearman(covers.felt[:, 0], wanted[:, 1])
    scores = normal_scores(covers.repeated)
    for axis, what in enumerate(_AXES):
        row[f"{what} by track"] = row[f"{what} by track interval"] = None
        if len(scores) > 1:
            values = scores[:, :, axis]
            row[f"{what} by track"] = _by_track(values)
            row[f"{what} by track interval"] = metrics.bootstrap_interval(
                _by_track, [values], np.arange(len(values)), resamples=RESAMPLES, seed=seed
            )
    return row


def _auc(values: Floats, positive: NDArray[np.bool_]) -> float:
    """Probability that one of the positive is larger than one of the others."""
    higher = values[positive][:, None] - values[~positive][None]
    return float(((higher > 0) + 0.5 * (higher == 0)).mean()) if higher.size else float("nan")


def _by_track(values: Floats) -> float:
    """Intraclass correlation ICC(1, 1) of (tracks, seeds) (Shrout and Fleiss 1979)."""
    tracks, seeds = values.shape
    means = values.mean(axis=1)
    between = seeds * means.var(ddof=1)
    within = ((values - means[:, None]) ** 2).sum() / (tracks * (seeds - 1))
    return float((between - within) / (between + (seeds - 1) * within))


METRICS = {
    "valence, arousal": "Spearman's rank correlation of what the judge feels in covers and what the model "
    "hears in their tracks; intervals: 95% bootstrap over tracks",
    "AUC": "probability that the cover of a track of the upper half, by the editors' quadrants, feels "
    "higher than that of one of the lower half; 0.5 is chance",
    "V→A, A→V": "Spearman's correlation of valence heard and arousal felt, and the other way",
    "by track": "intraclass correlation ICC(1, 1) of what is felt, over tracks with several seeds: above "
    "0.5, tracks differ more than seeds; 0: not at all; intervals: 95% bootstrap over tracks",
}
