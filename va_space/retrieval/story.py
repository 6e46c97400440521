"""One passage of music for each of several pictures in order, with joins that are smooth in the space.

A story is the sequence of passages p_1 ... p_m, one for each picture, with the smallest cost

    sum over i of better_i + smoothness * sum over i of smoother_i

where better_i is the share of the passages that fit picture i better than passage i does (by the mean score
over the windows, weighed by overlap), and smoother_i the share of joins between passages of different tracks
that are as smooth as that of passages i and i+1, or smoother (by the cosine of the windows that meet). Both
are ranks, so that neither drowns the other, however narrow the scores of a model are. The same track does not
come twice in a row, unless the second passage begins where the first ends: such a join costs nothing. The
minimum is found exactly, by dynamic programming (Viterbi 1967), among the passages that answer each picture
best and those that continue them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.reference import Kind
from va_space.errors import LibraryError
from va_space.feedback.profile import Profile
from va_space.retrieval.cue import Cue, overlaps, passages
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.relative import compare
from va_space.retrieval.results import Result
from va_space.retrieval.search import best_tracks, check_clip, columns, condition_of, results
from va_space.space import VAScale, VASpace
from va_space.targets import Target, read_target

CLIP = 30.0
SMOOTHNESS = 0.25
# Tracks of each picture whose passages are considered, and passages among which the story is found.
TRACKS, PASSAGES = 100, 400
# Passages between which joins are measured, to know which are smooth.
_SAMPLE = 300

_CLOSE = 1e-2  # seconds between the end of one passage and the start of the next that are a rounding error
FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Passages:
    """Parts of tracks, p in all.

    Attributes:
        track: (p,) number of the track.
        start: (p,) second at which it begins.
        length: (p,) seconds.
        first: (p, dimension) unit vector of the window in which it begins.
        last: (p, dimension) unit vector of the window in which it ends.
        fit: (p, queries) score for each query, in [0, 1].
    """

    track: NDArray[np.int64]
    start: FloatArray
    length: FloatArray
    first: FloatArray
    last: FloatArray
    fit: FloatArray

    def __getitem__(self, rows: NDArray[np.int64]) -> "Passages":
        """Some of them."""
        fields = self.track, self.start, self.length, self.first, self.last, self.fit
        return Passages(*(field[rows] for field in fields))  # type: ignore[arg-type]


def story(
    space: VASpace,
    library: MusicLibrary,
    queries: Sequence[Any],
    *,
    clip: float = CLIP,
    filters: Filters | None = None,
    smoothness: float = SMOOTHNESS,
    explained: bool = False,
    scale: VAScale = "relative",
    kind: Kind | None = None,
    profile: Profile | None = None,
) -> list[Result]:
    """Find one continuous sequence of passages for queries in order; see the module for what it minimises.

    Args:
        space: The model that made the library.
        library: Where to search.
        queries: At least one; each as for :func:`va_space.retrieval.search.search`.
        clip: Seconds of music for each query, rounded to a whole number of the model's windows.
        filters: Which tracks may be found; by default all.
        smoothness: How much joins weigh against fits, at least 0.
        explained: Say for each result how far it is from its query, and in what.
        scale: As for :func:`va_space.retrieval.search.search`.
        kind: Likewise, for all pictures.
        profile: As for :func:`va_space.retrieval.search.search`.

    Returns:
        A result for each query, in their order; rank is its place, score its fit.

    Raises:
        LibraryError: As :func:`va_space.retrieval.search.search`; or there are too few tracks.
        MediaError: A query cannot be read.
        ValueError: As :func:`va_space.retrieval.search.search`.
    """
    check_clip(clip)
    if not queries:
        raise ValueError("a story needs at least one picture")
    library.check_model(space.fingerprint)
    asked = [read_target(space, query) for query in queries]
    comparisons = [compare(space, library, query, scale, kind, profile) for query in asked]
    rankings = [comparison.ranking for comparison in comparisons]
    condition = condition_of(library, filters)
    found = [best_tracks(space, library, ranking, TRACKS, condition)[0] for ranking in rankings]
    tracks = list({row["id"]: row for rows in found for row in rows}.values())
    window = space.config.audio.window_seconds
    windows = library.windows([row["id"] for row in tracks]) if tracks else {}
    everything = passages_of(space, windows, rankings, tracks, max(1, round(clip / window)) * window)
    chosen = find_story(everything, smoothness=smoothness) if len(everything.track) else None
    if chosen is None:
        raise LibraryError(
            f"{library.folder}: too few tracks that may be found for a story of {len(asked)} parts, "
            "since no track comes twice in a row"
        )
    told = []
    for place, (query, comparison, passage) in enumerate(zip(asked, comparisons, chosen, strict=True)):
        row, fit = tracks[everything.track[passage]], everything.fit[passage, [place]]
        cue = Cue(float(everything.start[passage]), float(everything.length[passage]), float(fit[0]))
        result = results(space, library, query, comparison, [row], fit, [cue], explained=explained)[0]
        told.append(replace(result, rank=place + 1))
    return told


def find_story(everything: Passages, *, smoothness: float) -> list[int] | None:
    """Number of the passage for each query, at the smallest cost; None if none is allowed."""
    states: list[NDArray[np.int64]] = []
    for fit in everything.fit.T:
        best = np.argsort(-fit, kind="stable")[:PASSAGES]
        if states:
            best = np.union1d(best, _continuations(everything, states[-1]))
        states.append(best)
    better = share_of_better(everything.fit)
    costs = [better[rows, place] for place, rows in enumerate(states)]
    usual = usual_joins(everything)
    joins = [join_costs(everything[a], everything[b], smoothness, usual) for a, b in pairwise(states)]
    path = cheapest_path(costs, joins)
    return path and [int(rows[state]) for rows, state in zip(states, path, strict=True)]


def share_of_better(fit: FloatArray) -> FloatArray:
    """(p, queries) share of the p passages whose fit, of (p, queries), is larger: 0 for the best."""
    ordered = np.sort(fit, axis=0)
    larger = [len(fit) - np.searchsorted(ordered[:, q], fit[:, q], "right") for q in range(fit.shape[1])]
    return np.stack(larger, axis=1) / max(len(fit), 1)


def usual_joins(everything: Passages) -> FloatArray:
    """Lengths of joins between passages of different tracks, rising: of an even sample of the passages."""
    some = everything[np.unique(np.linspace(0, len(everything.track) - 1, _SAMPLE).astype(np.int64))]
    return np.sort(_join_lengths(some, some)[some.track[:, None] != some.track])


def join_costs(before: Passages, after: Passages, smoothness: float, usual: FloatArray) -> FloatArray:
    """(n, m) cost of each of n passages followed by each of m; infinite where that is not allowed.

    Args:
        before: n passages.
        after: m passages.
        smoothness: What a join costs that is rougher than all.
        usual: Of :func:`usual_joins`.
    """
    same = before.track[:, None] == after.track
    ends = before.start + before.length
    continuous = same & (np.abs(ends[:, None] - after.start) < _CLOSE)
    apart = smoothness * np.searchsorted(usual, _join_lengths(before, after), "right") / max(len(usual), 1)
    return np.where(continuous, 0.0, np.where(same, np.inf, apart))


def _join_lengths(before: Passages, after: Passages) -> FloatArray:
    """(n, m) squared distances, up to rounding, of the windows that meet."""
    return 2 - 2 * (before.last @ after.first.T)


def cheapest_path(costs: Sequence[FloatArray], joins: Sequence[FloatArray]) -> list[int] | None:
    """The path through one state of each step with the smallest sum of costs, by dynamic programming.

    Args:
        costs: For each step (n_i,) costs of its states.
        joins: For each step but the last (n_i, n_i+1) costs of going on; infinite where that is not allowed.

    Returns:
        The state of each step; None if no path is allowed.
    """
    total, choices = costs[0], []
    for join, cost in zip(joins, costs[1:], strict=True):
        sums = total[:, None] + join
        choices.append(np.argmin(sums, axis=0))
        total = sums.min(axis=0) + cost
    if not np.isfinite(total).any():
        return None
    path = [int(np.argmin(total))]
    for choice in reversed(choices):
        path.append(int(choice[path[-1]]))
    return path[::-1]


def _continuations(everything: Passages, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the passages that begin where some of these end."""
    places = {
        _place(track, start): n
        for n, (track, start) in enumerate(zip(everything.track, everything.start, strict=True))
    }
    ends = everything.start[rows] + everything.length[rows]
    after = (places.get(_place(track, end)) for track, end in zip(everything.track[rows], ends, strict=True))
    return np.array([number for number in after if number is not None], np.int64)


def _place(track: int, second: float) -> tuple[int, int]:
    return int(track), round(float(second) / _CLOSE)


def passages_of(
    space: VASpace,
    windows: Mapping[str, list[dict[str, Any]]],
    queries: Sequence[Target],
    tracks: Sequence[dict[str, Any]],
    clip: float,
) -> Passages:
    """All passages of tracks that begin with one of their windows, scored for each query.

    Args:
        space: The model.
        windows: Rows of the windows of each track, by its id.
        queries: What scores windows.
        tracks: Rows of tracks.
        clip: Seconds of a passage; of a track that is shorter, all is one.
    """
    length = space.config.audio.window_seconds
    parts = []
    for number, row in enumerate(tracks):
        if not (own := windows[row["id"]]):
            continue
        vectors, va = columns(own)
        starts = np.array([each["start"] for each in own], np.float32)
        begins = passages(starts, duration=row["duration"], clip=clip)
        lengths = min(clip, row["duration"])
        weights = overlaps(starts, begins, window=length, length=lengths)
        fits = weights @ np.stack([query.scores(space, vectors, va) for query in queries], axis=1)
        touched = weights > 0
        first = vectors[touched.argmax(axis=1)]
        last = vectors[touched.shape[1] - 1 - touched[:, ::-1].argmax(axis=1)]
        count = len(begins)
        parts.append(Passages(np.full(count, number), begins, np.full(count, lengths), first, last, fits))
    if not parts:
        nothing = np.zeros(0)
        return Passages(nothing.astype(np.int64), nothing, nothing, nothing, nothing, nothing)
    fields = ("track", "start", "length", "first", "last", "fit")
    return Passages(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))
