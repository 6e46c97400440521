"""Whether music found for calm and for aroused paintings felt so to listeners, who saw no painting.

Emotify's recordings are indexed and searched with paintings, as a user would. The paintings that the model
takes for the calmest tenth are then held against the most aroused tenth: how did listeners vote for the
tracks that each found?
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.context import Context
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import Result, Row, failure_notes
from va_space.benchmark.tasks import TASKS
from va_space.datasets import emotify
from va_space.datasets.annotations import read_csv
from va_space.datasets.records import Votes
from va_space.errors import DatasetError
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.search import best_tracks
from va_space.space import VASpace
from va_space.targets import FeelingTarget, Target, read_targets

EXPECTED = {"calmness": -1, "tenderness": -1, "power": 1, "joyful_activation": 1, "tension": 1}
"""Feelings with the sign of their difference, aroused paintings less calm ones."""

# A designed proxy, to choose examples with: listeners voted for feelings, not for valence and arousal.
PROXIES = {
    "valence": {"joyful_activation": 1, "calmness": 1, "tenderness": 1, "tension": -1, "sadness": -1},
    "arousal": EXPECTED,
}
TOP = 10
SHARE = 10  # a tenth
EXAMPLES = 3
PERMUTATIONS = 10_000
OURS = "va-space search"

METRICS = {
    "calm": "mean share of listeners who chose the feeling, over the top tracks of the calmest tenth",
    "aroused": "the same for the most aroused tenth",
    "difference": "aroused less calm; 'wanted' is the sign it should have",
    "p paintings": "one-sided permutation test of that sign: paintings permuted between the two groups",
    "p tracks": "the stricter test: votes permuted between recordings, since few tracks answer a whole group",
    "all five": "the mean of the five differences, each with the sign it should have",
}


@TASKS.register("listeners")
def run(context: Context) -> Result:
    """Every painting asks for the ten best of all recordings."""
    recordings = emotify.load(context.data_root / "emotify")
    titles = _paintings(context.data_root / "paintings")
    space = context.space
    with TemporaryDirectory() as folder:
        indexed = index(space, [record.path for record in recordings], Path(folder) / "library")
        read = read_targets(space, list(titles))
        queries = [query for query in read if isinstance(query, Target)]
        found = {
            OURS: _top(space, indexed.library, queries),
            "cosine alone": _nearest(indexed.library, queries),
            "predict both sides": _top(space, indexed.library, [_feeling(query) for query in queries]),
        }
        tracks = {row["path"]: row for row in indexed.library.tracks(indexed.library.points()[0])}
        root = indexed.library.root
    paths = sorted(tracks)
    votes = _votes({record.path: record.label for record in recordings}, [root / path for path in paths])
    numbers = {path: number for number, path in enumerate(paths)}
    tops = {name: np.array([[numbers[path] for path in row] for row in rows]) for name, rows in found.items()}
    random = np.random.default_rng(context.seed)
    width = min(TOP, len(paths))
    tops["random"] = np.array([random.permutation(len(paths))[:width] for _ in queries])
    points = np.array([query.point for query in queries])
    calm, aroused = extremes(points[:, 1])
    named = [titles[str(query.source)] for query in queries]
    examples = _examples(named, points, tops[OURS][:, 0], [tracks[path] for path in paths], votes)
    failures = [f"{query.source}: {query.reason}" for query in read if not isinstance(query, Target)]
    failures += [f"{failure.source}: {failure.reason}" for failure in indexed.failures]
    return {
        "data": "paintings of the Art Institute of Chicago, unlabelled; recordings of Emotify with the votes "
        "of their listeners",
        "n": {"paintings": len(queries), "recordings": len(paths), "paintings in each tenth": len(calm)},
        "metrics": METRICS,
        "rows": [
            row for name, top in tops.items() for row in compare(name, top, votes, calm, aroused, random)
        ]
        + examples,
        "notes": [
            f"tracks: the {width} best of each painting; groups by the model's own predicted arousal of the "
            f"paintings, {points[calm, 1].max():.3f} and below, {points[aroused, 1].min():.3f} and above",
            f"{PERMUTATIONS} permutations; random: a random list for each painting",
            "matches: the best track of a painting; good and bad by listeners' votes: the product of the "
            "painting's predicted valence and arousal with those of its track by a designed proxy (valence: "
            f"{_formula('valence')}; arousal: {_formula('arousal')}), all standardised, summed",
            "votes are felt by others than the model learnt from, and are no valence and arousal; recordings "
            "and paintings may have been unlabelled material of training, as the model card says",
            *failure_notes(failures),
        ],
    }


def extremes(arousal: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the calmest tenth and of the most aroused tenth, at least one each, of (n,) values."""
    order = np.argsort(arousal, kind="stable")
    size = max(1, len(order) // SHARE)
    return order[:size], order[-size:]


def compare(
    name: str,
    top: NDArray[np.int64],
    votes: dict[str, Floats],
    calm: NDArray[np.int64],
    aroused: NDArray[np.int64],
    random: np.random.Generator,
) -> list[Row]:
    """A row for each feeling of :data:`EXPECTED`, and one for all.

    Args:
        name: Of the ranking.
        top: (paintings, k) numbers of the tracks that each painting found.
        votes: Feeling -> (tracks,) share of listeners who chose it.
        calm: Numbers of the paintings of the calm group.
        aroused: Of the aroused group.
        random: For the permutations.
    """
    shares = np.stack([votes[feeling] for feeling in EXPECTED])  # (feelings, tracks)
    signs = np.array(list(EXPECTED.values()))
    # Share of each track in the lists of a group: differences of means are products with these.
    weights = _weights(top[aroused], shares.shape[1]) - _weights(top[calm], shares.shape[1])
    actual = shares @ weights
    both = np.concatenate([aroused, calm])
    of_paintings = shares[:, top[both]].mean(axis=2)  # (feelings, paintings of both groups)
    by_painting, by_track = [], []
    for _ in range(PERMUTATIONS):
        order = random.permutation(len(both))
        first, second = of_paintings[:, order[: len(aroused)]], of_paintings[:, order[len(aroused) :]]
        by_painting.append(first.mean(axis=1) - second.mean(axis=1))
        by_track.append(shares @ random.permutation(weights))
    p_paintings = _p_values(actual, np.stack(by_painting), signs)
    p_tracks = _p_values(actual, np.stack(by_track), signs)
    calm_mean = shares @ _weights(top[calm], shares.shape[1])
    rows = []
    for place, (feeling, sign) in enumerate({**EXPECTED, "all five": 1}.items()):
        one = place < len(EXPECTED)
        rows.append(
            {
                "ranking": name,
                "feeling": feeling,
                "wanted": "up" if sign > 0 else "down",
                "calm": float(calm_mean[place]) if one else None,
                "aroused": float(calm_mean[place] + actual[place]) if one else None,
                "difference": float(actual[place] if one else (actual * signs).mean()),
                "p paintings": p_paintings[place],
                "p tracks": p_tracks[place],
            }
        )
    return rows


def _p_values(actual: Floats, permuted: Floats, signs: NDArray[np.int64]) -> list[float]:
    """One-sided p of each of (f,) differences, and of their mean, among (permutations, f)."""
    observed = np.append(actual * signs, (actual * signs).mean())
    drawn = np.column_stack([permuted * signs, (permuted * signs).mean(axis=1)])
    # A rounding error must not make a permutation that changes nothing smaller than what is observed.
    reached = (drawn >= observed - 1e-12).sum(axis=0)
    return [float(p) for p in (1 + reached) / (1 + len(drawn))]


def _weights(top: NDArray[np.int64], tracks: int) -> Floats:
    """(tracks,) share of each track among those that paintings (p, k) found."""
    return np.bincount(top.ravel(), minlength=tracks) / top.size


def _top(space: VASpace, library: MusicLibrary, queries: list[Target]) -> list[list[str]]:
    return [[row["path"] for row in best_tracks(space, library, query, TOP)[0]] for query in queries]


def _nearest(library: MusicLibrary, queries: list[Target]) -> list[list[str]]:
    vectors = [query.vector for query in queries if query.vector is not None]
    return [[row["path"] for row in library.nearest(vector, TOP)] for vector in vectors]


def _feeling(query: Target) -> FeelingTarget:
    return FeelingTarget(query.name, query.point, source=query.source)


def _paintings(root: Path) -> dict[str, str]:
    """File -> title of the paintings that are there."""
    rows = read_csv(root / "paintings.csv", "paintings", ("file", "title"))
    there = {str(root / row["file"]): row["title"] for row in rows if (root / row["file"]).is_file()}
    if not there:
        raise DatasetError(f"paintings: none of the files that {root / 'paintings.csv'} names is there")
    return there


def _votes(labels: dict[Path, object], paths: list[Path]) -> dict[str, Floats]:
    """Feeling -> (tracks,) shares of the recordings."""
    found = {path.absolute(): label.shares for path, label in labels.items() if isinstance(label, Votes)}
    return {
        feeling: np.array([found[path.absolute()][feeling] for path in paths]) for feeling in emotify.FEELINGS
    }


def _examples(
    titles: list[str],
    points: Floats,
    best: NDArray[np.int64],
    tracks: list[Row],
    votes: dict[str, Floats],
) -> list[Row]:
    """The matches that listeners bear out most, and those that they contradict most; no track twice."""
    proxies = [sum(sign * votes[name] for name, sign in PROXIES[axis].items()) for axis in PROXIES]
    agreement = (_standardised(points) * _standardised(np.stack(proxies, axis=1))[best]).sum(axis=1)
    rows = []
    for verdict, order in (("good", np.argsort(-agreement)), ("bad", np.argsort(agreement))):
        seen: set[int] = set()
        for number in order:
            track = int(best[number])
            if track in seen or len(seen) == EXAMPLES:
                continue
            seen.add(track)
            felt = sorted(votes, key=lambda name: -votes[name][track])[:4]
            rows.append(
                {
                    "match": verdict,
                    "painting": titles[number],
                    "valence": float(points[number, 0]),
                    "arousal": float(points[number, 1]),
                    "track": f"{tracks[track]['title']} ({tracks[track]['path']})",
                    "listeners' votes": ", ".join(f"{name} {votes[name][track]:.2f}" for name in felt),
                    "agreement": float(agreement[number]),
                }
            )
    return rows


def _standardised(values: Floats) -> Floats:
    """(n, 2) values with mean 0 and deviation 1 in each column."""
    return (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-12)


def _formula(axis: str) -> str:
    return " ".join(f"{'+' if sign > 0 else '−'} {name}" for name, sign in PROXIES[axis].items())
