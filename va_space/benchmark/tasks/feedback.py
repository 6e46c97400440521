"""How fast feedback teaches: simulated people with a hidden offset, and votes of listeners as preferences.

The columns of Emotify's votes stand for nine preferences ("likes what calms"): there are no ratings by single
persons here. Each rates tracks of some artists as answers to a word, and searches for that word among others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.context import Context
from va_space.benchmark.feedback_users import NOISE, OFFSET, Person, Way, learning_curve
from va_space.benchmark.held_out import HeldOut, read_held_out
from va_space.benchmark.metrics import Floats, bootstrap_interval, spearman
from va_space.benchmark.result import TableRow, TaskResult, failure_notes
from va_space.benchmark.tasks import TASKS
from va_space.datasets import emotify
from va_space.datasets.records import Votes
from va_space.emotion.reference import Distribution
from va_space.emotion.words import STRENGTH_IN_MUSIC, feeling_percentiles
from va_space.errors import DatasetError
from va_space.feedback.profile import Preference, Profile
from va_space.feedback.ratings import Item, Rating, text_hash
from va_space.retrieval.personal import with_stars
from va_space.retrieval.relative import RelativeTarget
from va_space.space import VASpace

PEOPLE = 200
COUNTS = (1, 2, 5, 10, 20)
WAYS: tuple[Way, ...] = ("words", "stars", "both")

# What the person of each column asks for; for three of them no word of feeling is near.
WORDS = {
    "amazement": "astonished",
    "solemnity": "tranquil",
    "tenderness": "serene",
    "nostalgia": "melancholic",
    "calmness": "calm",
    "power": "energetic",
    "joyful_activation": "joyful",
    "tension": "tense",
    "sadness": "sad",
}
RATED = (2, 10, 30)
FOLDS, DRAWS, RESAMPLES = 5, 3, 300
_MODEL = "benchmark"

METRICS = {
    "error": "mean distance of the learnt from the hidden offset, in standard deviations of music",
    "error interval": "95% bootstrap interval over people",
    "worse": "share of people for whom it is larger than without a profile",
    "spearman": "rank correlation of a search's scores with the votes of a column, over tracks of artists "
    "that were not rated; mean over the nine columns",
    "gain": "that less the same without a profile",
    "gain interval": "95% bootstrap interval of the gain over artists",
    "columns up": "of the nine columns, those with a gain",
}


@TASKS.register("feedback")
def run(context: Context) -> TaskResult:
    """Simulated people, then Emotify's columns if the recordings are there."""
    rows = simulated_rows(PEOPLE, context.seed)
    notes = [
        f"simulated: {PEOPLE} people with an offset of {OFFSET:g} standard deviation in a random direction; "
        "each rates one of the five best answers to a new query, found with what was learnt so far; how a "
        f"track feels differs by {NOISE:g} each time, in valence and in arousal",
        "people without an offset: for them any profile is worse than none",
    ]
    n: dict[str, int] = {"people": PEOPLE}
    try:
        held = read_held_out(
            context.space, emotify.load(context.data_root / "emotify"), context.held_out, "emotify"
        )
    except DatasetError as error:
        notes.append(f"no columns of votes: {error}")
    else:
        rows += column_rows(context.space, held, context.seed)
        n["recordings"] = len(held.records)
        n["artists"] = len({record.group for record in held.records})
        notes += [
            held.note,
            f"columns: {FOLDS} folds by artist, {DRAWS} draws; the tracks that are rated get 1 to 5 stars by "
            "the fifth of the column's shares that theirs lies in",
            *failure_notes(held.failures),
        ]
    return {
        "data": "simulated people; Emotify's nine columns of votes as nine preference profiles",
        "n": n,
        "metrics": METRICS,
        "rows": rows,
        "notes": notes,
    }


def simulated_rows(people: int, seed: int) -> list[TableRow]:
    """Errors after some ratings, for each way to rate, and for people without an offset."""
    rows: list[TableRow] = [
        {"people": "with an offset", "say": "no profile", "ratings": 0, "error": OFFSET, "worse": 0.0}
    ]
    groups: list[tuple[str, Way, float]] = [("with an offset", way, OFFSET) for way in WAYS]
    groups.append(("without an offset", "both", 0.0))
    for number, (who, way, length) in enumerate(groups):
        errors = np.stack(
            [
                learning_curve(
                    Person.drawn(np.random.default_rng([seed, person]), way, length),
                    COUNTS,
                    np.random.default_rng([seed, person, number]),
                )
                for person in range(people)
            ]
        )
        for count, some in zip(COUNTS, errors.T, strict=True):
            interval = bootstrap_interval(np.mean, [some], range(people), resamples=RESAMPLES, seed=seed)
            rows.append(
                {
                    "people": who,
                    "say": way,
                    "ratings": count,
                    "error": float(some.mean()),
                    "error interval": interval,
                    "worse": float((some > length).mean()),
                }
            )
    return rows


@dataclass(frozen=True, eq=False)
class Columns:
    """Tracks as preferences see them.

    Attributes:
        vectors: (n, dimension) unit vectors.
        va: (n, 2) predicted valence and arousal.
        artists: (n,) names.
        distribution: Of the tracks.
        votes: Column -> (n,) shares.
    """

    vectors: NDArray[np.float32]
    va: NDArray[np.float32]
    artists: NDArray[np.str_]
    distribution: Distribution
    votes: Mapping[str, Floats]


def column_rows(space: VASpace, held: HeldOut, seed: int) -> list[TableRow]:
    """Rank correlations with the votes of artists that were not rated, without and with profiles."""
    shares = [record.label.shares for record in held.records if isinstance(record.label, Votes)]
    columns = Columns(
        held.vectors,
        held.va.astype(np.float32),
        np.array([record.group for record in held.records]),
        Distribution.of(held.va.clip(0, 1)),
        {name: np.array([each[name] for each in shares]) for name in WORDS},
    )
    names = np.unique(columns.artists)
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = dict(zip(names[order], np.arange(len(names)) % FOLDS, strict=True))
    folds = np.array([fold_of[artist] for artist in columns.artists])
    counts: list[int | None] = [0, *RATED, None]
    # (counts, columns, draws, n): ranks of scores among the tracks of the same fold.
    ranks = np.stack(
        [[_ranks(space, columns, name, folds, count, seed) for name in WORDS] for count in counts]
    )
    votes = np.stack([columns.votes[name] for name in WORDS])
    rows = []
    for count, some in zip(counts, ranks, strict=True):
        correlations = _correlations(some, votes)
        before = _correlations(ranks[0], votes)

        def gain(*taken: Floats, own: Floats = some) -> float:
            rows = taken[0].astype(np.int64)
            return float(
                _correlations(own[..., rows], votes[:, rows]).mean()
                - _correlations(ranks[0][..., rows], votes[:, rows]).mean()
            )

        interval = bootstrap_interval(
            gain, [np.arange(len(folds))], columns.artists, resamples=RESAMPLES, seed=seed
        )
        rows.append(
            {
                "people": "columns of votes",
                "say": "no profile" if count == 0 else "stars",
                "ratings": "all of four folds" if count is None else count,
                "spearman": float(correlations.mean()),
                "gain": float(correlations.mean() - before.mean()) if count != 0 else None,
                "gain interval": interval if count != 0 else None,
                "columns up": int((correlations > before).sum()) if count != 0 else None,
            }
        )
    return rows


def _correlations(ranks: Floats, votes: Floats) -> Floats:
    """(columns, draws, n) and (columns, n) to (columns,): the mean over draws."""
    return np.array(
        [
            np.mean([spearman(draw, column) for draw in draws])
            for draws, column in zip(ranks, votes, strict=True)
        ]
    )


def _ranks(
    space: VASpace, columns: Columns, name: str, folds: Floats, count: int | None, seed: int
) -> Floats:
    """(draws, n) shares of a fold's tracks that score lower, for a person who rated `count` others."""
    found = np.empty((DRAWS, len(folds)))
    for draw in range(DRAWS):
        for fold in range(FOLDS):
            train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            rng = np.random.default_rng([seed, draw, fold, *name.encode()])
            rated = train if count is None else rng.permutation(train)[:count]
            scores = personal_scores(space, columns, name, rated, test)
            found[draw, test] = (scores[:, None] > scores).mean(axis=1)
    return found


def personal_scores(
    space: VASpace, columns: Columns, name: str, rated: NDArray[np.int64], test: NDArray[np.int64]
) -> Floats:
    """Scores of a search for a column's word, with the profile of who rated some tracks by its votes."""
    place = feeling_percentiles(WORDS[name], STRENGTH_IN_MUSIC) or (0.5, 0.5)
    query = Item(text_hash(WORDS[name]), WORDS[name], "feeling", place)
    ranking = RelativeTarget(
        query.name,
        np.zeros(2, np.float32),
        percentiles=np.array(place),
        distribution=columns.distribution,
        size=len(columns.va),
    )
    stars_added: Floats = np.zeros(len(test))
    if len(rated):
        preference = Preference.learn(_ratings(columns, name, rated, query))
        moved = Profile("column", _MODEL, {"music": preference}).moved(place, "music")
        ranking = replace(ranking, percentiles=moved)
        stars_added = preference.stars(columns.vectors[test])
    vectors, va = columns.vectors[test], columns.va[test]
    return with_stars(ranking.scores(space, vectors, va), stars_added)


def _ratings(columns: Columns, name: str, rated: NDArray[np.int64], query: Item) -> list[Rating]:
    votes = columns.votes[name]
    fifths = np.quantile(votes, [0.2, 0.4, 0.6, 0.8])
    places = columns.distribution.percentile(columns.va[rated])
    return [
        Rating(
            Item(f"{track:064x}", str(track), "music", (float(v), float(a)), columns.vectors[track]),
            query,
            _MODEL,
            1 + int(np.searchsorted(fifths, votes[track], "right")),
        )
        for track, (v, a) in zip(rated.tolist(), places, strict=True)
    ]
