"""Whether music found for paintings felt so to listeners, who saw no painting, and is not always the same.

Paintings search Emotify's recordings. Those that the model takes for the calmest tenth are held against the
most aroused tenth, and the least pleasant against the most pleasant: how did listeners vote for the tracks
that each found? Beside that stand how evenly tracks are found, other maps, and what words find.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from va_space.benchmark.context import Context
from va_space.benchmark.held_out import HeldOut, read_held_out
from va_space.benchmark.hubness import METRICS as HUBNESS_METRICS
from va_space.benchmark.hubness import best, hubness
from va_space.benchmark.maps import MAPS
from va_space.benchmark.maps import OURS as OUR_MAP
from va_space.benchmark.matches import METRICS as MATCH_METRICS
from va_space.benchmark.matches import describe_track, formula, match_rows
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow, TaskResult, failure_notes
from va_space.benchmark.tasks import TASKS
from va_space.benchmark.votes import (
    AXES,
    OF_WORDS,
    PERMUTATIONS,
    SUMMARIES,
    compare,
    difference,
    extremes,
    word_rows,
)
from va_space.datasets import emotify
from va_space.datasets.annotations import read_csv
from va_space.datasets.records import Record, Votes
from va_space.emotion.reference import Distribution
from va_space.emotion.words import STRENGTH_IN_MUSIC, feeling_percentiles
from va_space.errors import DatasetError
from va_space.retrieval.relative import RelativeTarget
from va_space.space import VASpace
from va_space.targets import PictureTarget, Target, read_targets

TOP = 10
OURS = "va-space search"
ABSOLUTE = "va-space search --absolute"
QUANTILES = "quantiles of the weights of 0.1"
# With the weights of 0.1: what the simplest map gives, so that a better one can be told from better weights.
BASELINE = {"distinct": 262, "first": 144, "largest share": 0.116, "skewness": 0.89, "overlap": None}

METRICS = {
    "low": "mean share of listeners who chose the feeling, over the top tracks of the lowest tenth",
    "high": "the same for the highest tenth",
    "difference": "high less low; 'wanted' is the sign it should have",
    "p paintings": "one-sided permutation test of that sign: paintings permuted between the two groups",
    "p tracks": "the stricter test: votes permuted between recordings, since few tracks answer a whole group",
    "all five": "the mean of the five differences by arousal, each with the sign it should have",
    "valence": "the same for those by valence",
    **MATCH_METRICS,
    **HUBNESS_METRICS,
}


@TASKS.register("listeners")
def run(context: Context) -> TaskResult:
    """Every painting asks for the ten best of all recordings."""
    space, rng = context.space, np.random.default_rng(context.seed)
    titles = _paintings(context.data_root / "paintings")
    read = read_targets(space, list(titles))
    queries = [query for query in read if isinstance(query, PictureTarget)]
    failures = [f"{query.source}: {query.reason}" for query in read if not isinstance(query, Target)]
    held = read_held_out(space, emotify.load(context.data_root / "emotify"), context.held_out, "emotify")
    votes = votes_of(held.records)
    points = np.array([query.point for query in queries], np.float64)
    scores = rankings(space, queries, held, rng)
    width = min(TOP, len(held.records))
    tops = {name: best(values, width) for name, values in scores.items()}
    rows: list[TableRow] = []
    for axis, name in ((1, "arousal"), (0, "valence")):
        low, high = extremes(points[:, axis])
        for ranking, top in tops.items():
            rows += compare(ranking, top, votes, low, high, rng, name)
    spread = [{"list": name, **hubness(top, len(held.records))} for name, top in tops.items()]
    spread.append({"list": QUANTILES, **BASELINE})
    spread += [
        {"list": f"pictures for music: {name}", **hubness(best(values, min(TOP, len(queries))), len(queries))}
        for name, values in rankings_back(space, queries, held, rng).items()
    ]
    words = [*OF_WORDS]
    asked = np.stack(
        [
            relative_scores(space, feeling_percentiles(word, STRENGTH_IN_MUSIC) or (0.5, 0.5), held.va)
            for word in words
        ]
    )
    found = best(asked, width)
    of_words = [
        {**row, **describe_track(int(top[0]), held.records, votes)}
        for row, top in zip(word_rows(words, found, votes, rng), found, strict=True)
    ]
    named = [titles[str(query.source)] for query in queries]
    return {
        "data": "paintings of the Art Institute of Chicago, unlabelled; recordings of Emotify with the votes "
        "of their listeners",
        "n": {
            "paintings": len(queries),
            "recordings": len(held.records),
            "paintings in each tenth": len(low),
        },
        "metrics": METRICS,
        "rows": [
            *rows,
            *spread,
            *map_rows(queries, points, held, votes),
            *of_words,
            *match_rows(named, points, tops[OURS][:, 0], held.records, votes),
        ],
        "notes": [
            held.note,
            "pictures for music: how evenly the ten best paintings of each recording are spread",
            f"tracks: the {width} best of each painting; groups by the model's own predictions for paintings",
            f"{PERMUTATIONS} permutations; random: a random list for each painting",
            "maps: chosen is that with the largest mean of all five and valence on one half of the artists, "
            f"reported are all on the other half too; the search uses {OUR_MAP}",
            "words: share of listeners in the best less that of all recordings; p by permutation of votes",
            "matches: ten paintings far apart (from the middle one, each time the farthest from all before), "
            "and the three that votes bear out most and contradict most; the designed proxy is "
            f"{formula('valence')} for valence, {formula('arousal')} for arousal",
            "votes are felt by others than the model learnt from, and are no valence and arousal",
            *failure_notes([*failures, *held.failures]),
        ],
    }


def rankings(
    space: VASpace, queries: Sequence[PictureTarget], held: HeldOut, rng: np.random.Generator
) -> dict[str, Floats]:
    """Name -> (queries, tracks) scores of each way to rank."""
    points = np.array([query.point for query in queries], np.float64)
    found = {}
    if space.reference is not None:
        standings = [
            space.reference.of(query.kind or "photograph").percentile(query.point) for query in queries
        ]
        found[OURS] = np.stack([relative_scores(space, standing, held.va) for standing in standings])
    else:
        found[OURS] = _absolute(space, queries, held)
    if held.same_space:
        found[ABSOLUTE] = _absolute(space, queries, held)
        found["cosine alone"] = np.stack([query.vector for query in queries]) @ held.vectors.T
    found["predict both sides"] = -np.linalg.norm(points[:, None] - held.va[None], axis=-1)
    found["random"] = rng.uniform(size=(len(queries), len(held.records)))
    return found


def rankings_back(
    space: VASpace, pictures: Sequence[PictureTarget], held: HeldOut, rng: np.random.Generator
) -> dict[str, Floats]:
    """Name -> (tracks, pictures) scores of each way in which tracks rank pictures."""
    points = np.array([picture.point for picture in pictures], np.float64)
    found = {}
    if space.reference is not None:
        standings = space.reference.of("recording").percentile(held.va)
        found[OURS] = np.stack([relative_scores(space, standing, points) for standing in standings])
    else:
        found[OURS] = _absolute(space, pictures, held).T
    if held.same_space:
        found[ABSOLUTE] = _absolute(space, pictures, held).T
        found["cosine alone"] = held.vectors @ np.stack([picture.vector for picture in pictures]).T
    found["predict both sides"] = -np.linalg.norm(held.va[:, None] - points[None], axis=-1)
    found["random"] = rng.uniform(size=(len(held.records), len(pictures)))
    return found


def relative_scores(space: VASpace, standing: Sequence[float] | Floats, va: Floats) -> Floats:
    """(n,) scores of things of predicted valence and arousal (n, 2), as a search in them gives them."""
    ranking = RelativeTarget(
        "",
        np.zeros(2, np.float32),
        percentiles=np.asarray(standing, np.float64),
        distribution=Distribution.of(va),
        size=len(va),
    )
    return -ranking.distances(va)


def map_rows(
    queries: Sequence[PictureTarget], points: Floats, held: HeldOut, votes: Mapping[str, Floats]
) -> list[TableRow]:
    """Each map on the half of the artists by which one is chosen, and on the other half."""
    artists = np.array([record.group for record in held.records])
    order = np.unique(artists)
    first = np.isin(artists, np.random.default_rng(0).permutation(order)[: len(order) // 2])
    vectors = np.stack([query.vector for query in queries]).astype(np.float64)
    rows, merits = [], {}
    for name, scores_of in MAPS.items():
        if "512" in name and not held.same_space:
            continue
        for half, some in (("choosing", first), ("reporting", ~first)):
            scores = scores_of(vectors, held.vectors[some].astype(np.float64), points, held.va[some])
            top = best(scores, min(TOP, int(some.sum())))
            theirs = {feeling: shares[some] for feeling, shares in votes.items()}
            summary = {
                SUMMARIES[axis]: difference(top, theirs, points[:, column], axis)
                for column, axis in enumerate(AXES)
            }
            rows.append(
                {
                    "map": name,
                    "artists": half,
                    "tracks": int(some.sum()),
                    **hubness(top, int(some.sum())),
                    **summary,
                }
            )
            if half == "choosing":
                merits[name] = float(np.mean(list(summary.values())))
    chosen = max(merits, key=lambda name: merits[name])
    for row in rows:
        row["chosen"] = "yes" if row["map"] == chosen else ""
    return rows


def _absolute(space: VASpace, queries: Sequence[PictureTarget], held: HeldOut) -> Floats:
    return np.stack([query.scores(space, held.vectors, held.va.astype(np.float32)) for query in queries])


def _paintings(root: Path) -> dict[str, str]:
    """File -> title of the paintings that are there."""
    rows = read_csv(root / "paintings.csv", "paintings", ("file", "title"))
    there = {str(root / row["file"]): row["title"] for row in rows if (root / row["file"]).is_file()}
    if not there:
        raise DatasetError(f"paintings: none of the files that {root / 'paintings.csv'} names is there")
    return there


def votes_of(records: Sequence[Record]) -> dict[str, Floats]:
    """Feeling -> (tracks,) shares of the recordings."""
    shares = [record.label.shares for record in records if isinstance(record.label, Votes)]
    return {feeling: np.array([each[feeling] for each in shares]) for feeling in emotify.FEELINGS}
