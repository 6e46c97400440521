"""What the task ``explanation`` measures of recordings."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from va_space.benchmark.context import Context
from va_space.benchmark.explanation_rows import AT_RANDOM, axis_aims, found_rows, interval, one_a_group
from va_space.benchmark.explanation_tracks import CUT, PASSAGE, cut_out, splice, whole_va
from va_space.benchmark.result import TableRow
from va_space.datasets import emotify, fourq
from va_space.datasets.records import Quadrant, Record
from va_space.errors import MediaError
from va_space.explanation.aims import AXES
from va_space.explanation.moments import curves, short_windows
from va_space.media.audio import load_audio


def recordings(context: Context, count: int, random: np.random.Generator) -> list[Record]:
    """Half of them Emotify's, half of them 4Q's, one an artist."""
    half = max(1, count // 2)
    sources: list[Callable[[], list[Record]]] = [
        lambda: emotify.load(context.data_root / "emotify"),
        lambda: fourq.load(context.data_root / "fourq"),
    ]
    return [record for load in sources for record in one_a_group(load(), half, random)]


def track_rows(
    context: Context, records: Sequence[Record], random: np.random.Generator, failures: list[str]
) -> list[TableRow]:
    """What cutting passages out changes: those that are named, and random ones."""
    space, aims, rate = context.space, axis_aims(context, "music"), context.audio.sample_rate
    changes: dict[tuple[str, int], list[float]] = {}
    for record in records:
        try:
            samples = load_audio(record.path, rate)
            windows, length = short_windows(space, (samples, rate))
        except MediaError as error:
            failures.append(str(error))
            continue
        whole, starts = whole_va(space, samples, rate), windows.starts[::2]
        if len(starts) < 2 * CUT:
            failures.append(f"{record.path}: too short")
            continue
        lost = whole_va(space, cut_out(samples, rate, random.permutation(starts)[:CUT], length), rate) - whole
        for axis, curve in enumerate(curves(space, windows, length, aims)):
            order = np.argsort(-curve.effects[::2], kind="stable")
            for name, rows in (("raise", order[:CUT]), ("lower", order[-CUT:])):
                left = cut_out(samples, rate, starts[rows], length)
                change = whole_va(space, left, rate)[axis] - whole[axis]
                changes.setdefault((name, axis), []).append(float(change))
            changes.setdefault(("random", axis), []).append(float(lost[axis]))
    return _cut_rows(changes, context.seed)


def _cut_rows(changes: Mapping[tuple[str, int], list[float]], seed: int) -> list[TableRow]:
    rows = []
    for (name, axis), values in sorted(changes.items(), key=lambda item: item[0][1]):
        over = np.array(values) - changes["random", axis]
        rows.append(
            {
                "cut from a track": "random passages" if name == "random" else f"what is said to {name} it",
                "target": AXES[axis],
                "n": len(values),
                "change": float(np.mean(values)),
                "over random cuts": float(over.mean()),
                "over random cuts interval": interval(over.tolist(), seed),
            }
        )
    return rows


def passage_rows(
    context: Context, count: int, random: np.random.Generator, failures: list[str]
) -> list[TableRow]:
    """How often a passage of the opposite quadrant is found, in `count` recordings."""
    space, aims, rate = context.space, axis_aims(context, "music"), context.audio.sample_rate
    hits: dict[tuple[str, int], list[float]] = {}
    for host, donor in _across(fourq.load(context.data_root / "fourq"), count, random):
        try:
            spliced = splice(host.path, donor.path, rate, random)
            windows, length = short_windows(space, (spliced.samples, rate))
        except MediaError as error:
            failures.append(str(error))
            continue
        middles = windows.starts + length / 2
        inside = (middles >= spliced.start) & (middles < spliced.start + PASSAGE)
        for axis, curve in enumerate(curves(space, windows, length, aims)):
            window = curve.raises if _halves(donor)[axis] else curve.lowers
            if window is None:
                continue
            hits.setdefault(("leave a window out", axis), []).append(float(inside[window]))
            by_itself = curve.scores.argmax() if _halves(donor)[axis] else curve.scores.argmin()
            hits.setdefault(("window by itself", axis), []).append(float(inside[by_itself]))
            hits.setdefault((AT_RANDOM, axis), []).append(float(inside.mean()))
    return found_rows("passage", hits, context.seed)


def _across(
    records: Sequence[Record], count: int, random: np.random.Generator
) -> list[tuple[Record, Record]]:
    """Pairs of recordings of opposite quadrants, by artists of their own."""
    by_number: dict[int, list[Record]] = {}
    for record in one_a_group(records, len(records), random):
        assert isinstance(record.label, Quadrant)
        by_number.setdefault(record.label.number, []).append(record)
    pairs = []
    for one, other in ((1, 3), (2, 4)):
        for first, second in zip(by_number.get(one, []), by_number.get(other, []), strict=False):
            pairs += [(first, second), (second, first)]
    return [pairs[row] for row in random.permutation(len(pairs))[:count]]


def _halves(record: Record) -> tuple[bool, bool]:
    """Whether valence and arousal are high."""
    assert isinstance(record.label, Quadrant)
    return record.label.valence_interval[0] >= 0.5, record.label.arousal_interval[0] >= 0.5
