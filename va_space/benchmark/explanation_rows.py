"""Rows of the task ``explanation``, and what pictures and tracks share there."""

from collections.abc import Mapping, Sequence

import numpy as np

from va_space.benchmark import metrics
from va_space.benchmark.context import Context
from va_space.benchmark.result import RESAMPLES, TableRow
from va_space.datasets.records import Record
from va_space.emotion.reference import Kind
from va_space.explanation.aims import AXES, Aim, read_aims
from va_space.media.kinds import Modality

AT_RANDOM = "at random"


def at_most(context: Context, count: int) -> int:
    """A number of things, or the limit of a quick look."""
    return min(count, context.limit or count)


def one_a_group(records: Sequence[Record], count: int, random: np.random.Generator) -> list[Record]:
    """At most `count` records in random order, no two of one group."""
    order = [records[row] for row in random.permutation(len(records))]
    return list({record.group: record for record in order}.values())[:count]


def axis_aims(context: Context, modality: Modality) -> list[Aim]:
    """Predicted valence and arousal."""
    kind: Kind = "photograph" if modality == "picture" else "recording"
    read = read_aims(context.space, AXES, modality, kind, "absolute")
    return [aim for aim in read if isinstance(aim, Aim)]


def interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """95% bootstrap interval of a mean of independent values."""
    return metrics.bootstrap_interval(
        lambda drawn: float(np.mean(drawn)), [values], range(len(values)), resamples=RESAMPLES, seed=seed
    )


def found_rows(what: str, hits: Mapping[tuple[str, int], list[float]], seed: int) -> list[TableRow]:
    """How often what was planted was found.

    Args:
        what: Was planted.
        hits: (by what, axis) -> 1 for each that was found and 0 for each that was not; of AT_RANDOM the
            probability that it would be.
        seed: Of the bootstrap.
    """
    return [
        {
            "planted": what,
            "target": AXES[axis],
            "by": name,
            "n": len(values),
            "found": float(np.mean(values)),
            "found interval": interval(values, seed),
            "chance": float(np.mean(hits[AT_RANDOM, axis])),
        }
        for (name, axis), values in sorted(hits.items(), key=lambda item: item[0][1])
        if name != AT_RANDOM
    ]
