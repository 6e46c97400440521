"""Which track some paintings and words found first, and how its listeners voted."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow
from va_space.benchmark.votes import AXES
from va_space.datasets.records import Record
from va_space.retrieval.metadata import read_metadata

EXAMPLES = 3
APART = 10
NAMED = 3  # feelings

METRICS = {
    "more pleasant than": "this share of the paintings, by the model's predictions",
    "more excited than": "likewise",
    "votes": f"the {NAMED} feelings that most listeners of the track chose, with the share who did",
    "agreement": "of a painting with the votes for its track: the product of its predicted valence and "
    "arousal with those of the track by a designed proxy, all standardised, summed; above 0 they bear it out",
}


def match_rows(
    titles: Sequence[str],
    points: Floats,
    first: NDArray[np.int64],
    tracks: Sequence[Record],
    votes: Mapping[str, Floats],
) -> list[TableRow]:
    """Paintings that lie far apart, the matches that votes bear out most, and those they contradict most.

    Args:
        titles: Of the paintings.
        points: (paintings, 2) predicted valence and arousal.
        first: (paintings,) number of the track that each found first.
        tracks: The recordings.
        votes: Feeling -> (tracks,) share of listeners who chose it.

    Returns:
        Rows of three groups, no track twice in the last two.
    """
    stands = points.argsort(axis=0).argsort(axis=0) / max(1, len(points) - 1)
    proxies = [sum(sign * votes[name] for name, sign in AXES[axis].items()) for axis in AXES]
    agreement = (_standardised(points) * _standardised(np.stack(proxies, axis=1))[first]).sum(axis=1)

    def row(match: str, number: int) -> TableRow:
        return {
            "match": match,
            "painting": titles[number],
            "more pleasant than": float(stands[number, 0]),
            "more excited than": float(stands[number, 1]),
            "agreement": float(agreement[number]),
            **describe_track(int(first[number]), tracks, votes),
        }

    rows = [row("far apart", number) for number in far_apart(stands, APART)]
    for match, order in (("good", np.argsort(-agreement)), ("bad", np.argsort(agreement))):
        best_of = dict.fromkeys(first[order].tolist())  # tracks, in order
        chosen = [next(number for number in order if first[number] == track) for track in best_of]
        rows += [row(match, number) for number in chosen[:EXAMPLES]]
    return rows


def far_apart(places: Floats, count: int) -> list[int]:
    """Numbers of (n, 2) places far apart: from the middle one, each time that farthest from all before it."""
    chosen = [int(np.linalg.norm(places - 0.5, axis=1).argmin())]
    nearest = np.full(len(places), np.inf)
    while len(chosen) < min(count, len(places)):
        nearest = np.minimum(nearest, np.linalg.norm(places - places[chosen[-1]], axis=1))
        chosen.append(int(nearest.argmax()))
    return chosen


def describe_track(number: int, tracks: Sequence[Record], votes: Mapping[str, Floats]) -> TableRow:
    """A track by its name, its file, and what its listeners felt."""
    path = tracks[number].path
    metadata = read_metadata(path)
    felt = sorted(votes, key=lambda name: -votes[name][number])[:NAMED]
    return {
        "first track": f"{metadata.artist}: {metadata.title} ({path.name})",
        "votes": ", ".join(f"{name} {votes[name][number]:.2f}" for name in felt),
    }


def _standardised(values: Floats) -> Floats:
    """(n, 2) values with mean 0 and deviation 1 in each column."""
    return (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-12)


def formula(axis: str) -> str:
    """The designed proxy of an axis, in words."""
    return " ".join(f"{'+' if sign > 0 else '−'} {name}" for name, sign in AXES[axis].items())
