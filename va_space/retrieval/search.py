"""Music, or pictures, for a picture, for a track, or for a feeling."""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.reference import Kind
from va_space.encoders.vectors import unit_rows
from va_space.errors import LibraryError
from va_space.feedback.profile import Profile
from va_space.retrieval.asking import asking
from va_space.retrieval.cue import Cue, best_cue
from va_space.retrieval.difference import Difference, differences
from va_space.retrieval.diverse import maximal_marginal_relevance
from va_space.retrieval.duplicates import without_duplicates
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import Library, MusicLibrary, PictureLibrary
from va_space.retrieval.names import on_disk
from va_space.retrieval.relative import Comparison, compare
from va_space.retrieval.results import Found, PictureResult, Result
from va_space.space import VAScale, VASpace
from va_space.targets import Target, read_target

__all__ = ["Found", "PictureResult", "Result", "search"]

# Diverse results are chosen among this many times as many; relevance weighs as much as novelty.
POOL, BALANCE = 10, 0.5
# So many times as many rows are looked at where many of them hold the same.
_MOST_COPIES = 64

FloatArray = NDArray[np.float32]
TrackRow = dict[str, Any]


@overload
def search(
    space: VASpace,
    library: MusicLibrary,
    query: Any,
    k: int = ...,
    *,
    clip: float | None = ...,
    filters: Filters | None = ...,
    diverse: bool = ...,
    explained: bool = ...,
    scale: VAScale = ...,
    kind: Kind | None = ...,
    profile: Profile | None = ...,
) -> list[Result]: ...


@overload
def search(
    space: VASpace,
    library: PictureLibrary,
    query: Any,
    k: int = ...,
    *,
    filters: Filters | None = ...,
    diverse: bool = ...,
    explained: bool = ...,
    scale: VAScale = ...,
    kind: Kind | None = ...,
    profile: Profile | None = ...,
) -> list[PictureResult]: ...


@overload
def search(
    space: VASpace,
    library: Library,
    query: Any,
    k: int = ...,
    *,
    clip: float | None = ...,
    filters: Filters | None = ...,
    diverse: bool = ...,
    explained: bool = ...,
    scale: VAScale = ...,
    kind: Kind | None = ...,
    profile: Profile | None = ...,
) -> Sequence[Found]: ...


def search(
    space: VASpace,
    library: Library,
    query: Any,
    k: int = 10,
    *,
    clip: float | None = None,
    filters: Filters | None = None,
    diverse: bool = False,
    explained: bool = False,
    scale: VAScale = "relative",
    kind: Kind | None = None,
    profile: Profile | None = None,
) -> Sequence[Found]:
    """Find the tracks, or the pictures, of a library that feel like the query.

    A picture finds the tracks that stand in the library where it stands among its kind, a feeling those that
    have its percentiles (see :mod:`va_space.retrieval.relative`), and a track those with the largest cosine.
    On the absolute scale, and with a model without reference distributions, a picture's nearest tracks by
    cosine are put in order by the similarity predictor, and a feeling ranks by the distance of predicted
    valence and arousal. In a library of pictures a track and a picture change roles.

    Args:
        space: The model that made the library.
        library: Where to search.
        query: What :func:`va_space.targets.read_target` takes: a picture or music, as
            :meth:`VASpace.encode` takes them; a feeling, such as "0.8,0.3" or "serene"; a list of pictures,
            of music or of feelings, for their mean; or a :class:`~va_space.targets.Target`.
        k: Number of results.
        clip: Seconds of music that are wanted from each track; by default one window of the model. Pictures
            have none.
        filters: Which tracks or pictures may be found; by default all.
        diverse: Choose results that are not all alike, by maximal marginal relevance among the ten times
            as many best ones.
        explained: Say for each result how far it is from the query, and in what.
        scale: "relative" or "absolute".
        kind: What the query's picture or track is, such as "painting" or "rendering"; by default what was
            detected.
        profile: Rank as one person wants it: see :mod:`va_space.retrieval.personal`.

    Returns:
        At most `k` results, best first.

    Raises:
        FeedbackError: The profile is of another model, or the scale is absolute.
        LibraryError: The library was made with another model, or a condition cannot be understood or is not
            about what it holds.
        MediaError: The query cannot be read, or is a point outside [0, 1].
        ValueError: A list is empty or mixes kinds, `clip` is not positive, or is asked of pictures.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.music import clips
        >>> from va_space.retrieval.index import index
        >>> space = VASpace.from_pretrained()
        >>> library = index(space, [clip.path for clip in clips()[:3]], "library").library
        >>> [result.rank for result in search(space, library, "calm", k=2)]
        [1, 2]
    """
    check_clip(clip)
    if clip is not None and not isinstance(library, MusicLibrary):
        raise ValueError("clip: pictures have no passages; it is for libraries of music")
    library.check_model(space.fingerprint)  # before the work of reading the query
    query = read_target(space, query)
    comparison = compare(space, library, query, scale, kind, profile)
    condition = condition_of(library, filters)
    rows, scores = best_tracks(space, library, comparison.ranking, POOL * k if diverse else k, condition)
    if diverse and rows:
        chosen = sorted(_diverse(scores, columns(rows)[0], k))  # best first, as every list of results
        rows, scores = [rows[i] for i in chosen], scores[chosen]
    if isinstance(library, MusicLibrary):
        cues = _cues(space, library, comparison.ranking, rows, clip)
        return results(space, library, query, comparison, rows, scores, cues, explained=explained)
    return picture_results(space, library, query, comparison, rows, scores, explained=explained)


def condition_of(library: Library, filters: Filters | None) -> str | None:
    """What filters ask for, in SQL; None if every file may be found.

    Raises:
        LibraryError: They are not about what the library holds.
    """
    if filters is None:
        return None
    if filters.about_music and not isinstance(library, MusicLibrary):
        raise LibraryError(
            f"{library.folder}: pictures have no genre and no duration; where takes path, title, width, "
            "height, size, modified, valence and arousal"
        )
    return filters.condition(library.root)


def best_tracks(
    space: VASpace, library: Library, query: Target, count: int, condition: str | None = None
) -> tuple[list[TrackRow], FloatArray]:
    """At most `count` rows of a library, best first, and their scores (n,); `condition` is in SQL.

    Files that hold the same are one row, with the others' paths as ``also``.
    """
    wanted = count
    while True:
        found = query.candidates(library, wanted, where=condition)
        rows = without_duplicates(found)
        if len(rows) >= count or len(found) < wanted or wanted >= _MOST_COPIES * count:
            break
        wanted *= 2
    if not rows:
        return [], np.zeros(0, np.float32)
    scores = query.scores(space, *columns(rows))
    order = np.argsort(-scores, kind="stable")[:count]
    return [rows[i] for i in order], scores[order]


def results(
    space: VASpace,
    library: MusicLibrary,
    query: Target,
    comparison: Comparison,
    rows: list[TrackRow],
    scores: FloatArray,
    cues: list[Cue],
    *,
    explained: bool = False,
) -> list[Result]:
    """Rows of tracks, best first, with their scores (n,) and cues, as results."""
    found = _found(space, library, query, comparison, rows, scores, explained)
    return [
        Result(
            **common,
            artist=row["artist"],
            album=row["album"],
            duration=row["duration"],
            start=cue.start,
            length=cue.length,
            moments=cue.moments if explained else (),
        )
        for row, cue, common in zip(rows, cues, found, strict=True)
    ]


def picture_results(
    space: VASpace,
    library: Library,
    query: Target,
    comparison: Comparison,
    rows: list[TrackRow],
    scores: FloatArray,
    *,
    explained: bool = False,
) -> list[PictureResult]:
    """Rows of pictures, best first, with their scores (n,), as results."""
    found = _found(space, library, query, comparison, rows, scores, explained)
    return [
        PictureResult(**common, width=row["width"], height=row["height"])
        for row, common in zip(rows, found, strict=True)
    ]


def _found(
    space: VASpace,
    library: Library,
    query: Target,
    comparison: Comparison,
    rows: list[TrackRow],
    scores: FloatArray,
    explained: bool,
) -> list[dict[str, Any]]:
    """What results of both modalities have in common, by name."""
    if not rows:
        return []
    vectors, va = columns(rows)
    deviations = space.predict_va_from_vectors(vectors, library.modality, return_std=True)[1]
    percentiles, apart = None, va - query.point
    if comparison.distribution is not None and comparison.standing is not None:
        percentiles = comparison.distribution.percentile(va)
        apart = (percentiles - comparison.standing).astype(np.float32)
    explanations: Sequence[Difference | None] = [None] * len(rows)
    if explained:
        explanations = differences(space, query, vectors, apart, library.modality)
    similarities = asking(query, library.modality).scores(space, vectors, va)
    known = np.isfinite(deviations)
    return [
        {
            "rank": place + 1,
            "score": float(scores[place]),
            "similarity": float(similarities[place]),
            "cosine": None if query.vector is None else float(row["vector"] @ query.vector),
            "valence": row["valence"],
            "arousal": row["arousal"],
            "valence_std": float(deviations[place, 0]) if known[place, 0] else None,
            "arousal_std": float(deviations[place, 1]) if known[place, 1] else None,
            "title": row["title"],
            "path": on_disk(library.root, row["path"]),
            "explanation": explanations[place],
            "percentiles": None if percentiles is None else _pair(percentiles[place]),
            "also": tuple(on_disk(library.root, path) for path in row.get("also", ())),
            "hash": row["hash"],
            "vector": vectors[place],
        }
        for place, row in enumerate(rows)
    ]


def _pair(values: NDArray[np.floating[Any]]) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _cues(
    space: VASpace, library: MusicLibrary, query: Target, rows: list[TrackRow], clip: float | None
) -> list[Cue]:
    windows = library.windows([row["id"] for row in rows]) if rows else {}
    window = space.config.audio.window_seconds
    cues = []
    for row in rows:
        own = windows[row["id"]]
        if not own:  # the track was embedded anew a moment ago
            cues.append(Cue(0.0, min(clip or window, row["duration"]), 0.0))
            continue
        starts = np.array([each["start"] for each in own], np.float32)
        scores = query.scores(space, *columns(own))
        cues.append(best_cue(starts, scores, duration=row["duration"], window=window, clip=clip))
    return cues


def check_clip(clip: float | None) -> None:
    """Raise ValueError unless a length in seconds can be cut from a track."""
    if clip is not None and not 0 < clip < float("inf"):
        raise ValueError(f"clip is {clip}: must be more than 0 seconds")


def _diverse(scores: FloatArray, vectors: FloatArray, k: int) -> list[int]:
    """Numbers of at most `k` of the best tracks, n in all, that are not all alike."""
    # The best differ little in score and in direction; both are spread out before they are weighed.
    relevance = (scores - scores.min()) / max(float(np.ptp(scores)), 1e-12)
    apart = unit_rows(vectors - vectors.mean(axis=0))
    return maximal_marginal_relevance(relevance, apart, k, balance=BALANCE)


def columns(rows: list[TrackRow]) -> tuple[FloatArray, FloatArray]:
    """(n, dimension) vectors and (n, 2) valence-arousal of rows of tracks or windows."""
    vectors = np.array([row["vector"] for row in rows], np.float32)
    return vectors, np.array([(row["valence"], row["arousal"]) for row in rows], np.float32)
