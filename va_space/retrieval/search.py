"""Music for a picture, for other music, or for a feeling."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.reference import Kind
from va_space.encoders.vectors import unit_rows
from va_space.feedback.profile import Profile
from va_space.retrieval.cue import Cue, best_cue
from va_space.retrieval.difference import Difference, differences
from va_space.retrieval.diverse import maximal_marginal_relevance
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.names import on_disk
from va_space.retrieval.relative import Comparison, compare
from va_space.space import VAScale, VASpace
from va_space.targets import Target, read_target

# Diverse results are chosen among this many times as many; relevance weighs as much as novelty.
POOL, BALANCE = 10, 0.5

FloatArray = NDArray[np.float32]
TrackRow = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """A track that was found.

    Attributes:
        rank: Place among the results, from 1.
        score: What ranks, in [0, 1]. Relative, for a picture or a feeling: the share of music, spread evenly
            over all percentiles, that would lie farther from the query. Else: `similarity`.
        similarity: For a picture the predicted similarity of feeling, for a track the cosine (0 if it is
            negative), for a feeling exp(-distance of valence-arousal / sigma).
        cosine: Of the track's vector and the query's, in [-1, 1]; None for a feeling, which has no vector.
        valence: Of the track, predicted, in [0, 1].
        arousal: Likewise.
        valence_std: Standard deviation of the prediction; None for a model without calibration.
        arousal_std: Likewise.
        title: Of the file's metadata, or the file's name without its ending.
        artist: Of the file's metadata; empty if it is not known.
        album: Likewise.
        path: The file.
        duration: Seconds.
        start: Second at which the passage begins that fits best.
        length: Of that passage, in seconds.
        explanation: How far the track is from the query, if that was asked for.
        percentiles: Shares of the library that lie below the track in valence and in arousal; None on the
            absolute scale.
        hash: SHA-256 of the file's content when it was indexed.
        vector: (dimension,) of the track.
    """

    rank: int
    score: float
    cosine: float | None
    valence: float
    arousal: float
    valence_std: float | None
    arousal_std: float | None
    title: str
    artist: str
    album: str
    path: Path
    duration: float
    start: float
    length: float
    explanation: Difference | None = None
    percentiles: tuple[float, float] | None = None
    similarity: float | None = None
    hash: str = ""
    vector: FloatArray | None = field(default=None, repr=False, compare=False)

    @property
    def is_there(self) -> bool:
        """Whether the file is still where it was indexed."""
        return self.path.is_file()

    @property
    def place(self) -> tuple[float, float]:
        """Valence and arousal of the track on the scale of the ranking."""
        return self.percentiles or (self.valence, self.arousal)


def search(
    space: VASpace,
    library: MusicLibrary,
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
) -> list[Result]:
    """Find the tracks of a library that feel like the query.

    A picture finds the tracks that stand in the library where it stands among its kind, a feeling those that
    have its percentiles (see :mod:`va_space.retrieval.relative`), and a track those with the largest cosine.
    On the absolute scale, and with a model without reference distributions, a picture's nearest tracks by
    cosine are put in order by the similarity predictor, and a feeling ranks by the distance of predicted
    valence and arousal.

    Args:
        space: The model that made the library.
        library: Where to search.
        query: What :func:`va_space.targets.read_target` takes: a picture or music, as
            :meth:`VASpace.encode` takes them; a feeling, such as "0.8,0.3" or "serene"; a list of pictures,
            of music or of feelings, for their mean; or a :class:`~va_space.targets.Target`.
        k: Number of results.
        clip: Seconds of music that are wanted from each track; by default one window of the model.
        filters: Which tracks may be found; by default all.
        diverse: Choose results that are not all alike, by maximal marginal relevance among the ten times
            as many best ones.
        explained: Say for each result how far it is from the query, and in what.
        scale: "relative" or "absolute".
        kind: What a picture is, such as "painting"; by default what was detected.
        profile: Rank as one person wants it: see :mod:`va_space.retrieval.personal`.

    Returns:
        At most `k` results, best first.

    Raises:
        FeedbackError: The profile is of another model, or the scale is absolute.
        LibraryError: The library was made with another model, or a condition cannot be understood.
        MediaError: The query cannot be read, or is a point outside [0, 1].
        ValueError: A list is empty or mixes kinds, or `clip` is not positive.

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
    library.check_model(space.fingerprint)  # before the work of reading the query
    query = read_target(space, query)
    comparison = compare(space, library, query, scale, kind, profile)
    condition = (filters or Filters()).condition(library.root)
    rows, scores = best_tracks(space, library, comparison.ranking, POOL * k if diverse else k, condition)
    if diverse and rows:
        chosen = sorted(_diverse(scores, columns(rows)[0], k))  # best first, as every list of results
        rows, scores = [rows[i] for i in chosen], scores[chosen]
    cues = _cues(space, library, comparison.ranking, rows, clip)
    return results(space, library, query, comparison, rows, scores, cues, explained=explained)


def best_tracks(
    space: VASpace, library: MusicLibrary, query: Target, count: int, condition: str | None = None
) -> tuple[list[TrackRow], FloatArray]:
    """At most `count` rows of tracks, best first, and their scores (n,); `condition` is in SQL."""
    rows = query.candidates(library, count, where=condition)
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
    if not rows:
        return []
    vectors, va = columns(rows)
    deviations = space.predict_va_from_vectors(vectors, "music", return_std=True)[1]
    percentiles, apart = None, va - query.point
    if comparison.distribution is not None and comparison.standing is not None:
        percentiles = comparison.distribution.percentile(va)
        apart = (percentiles - comparison.standing).astype(np.float32)
    explanations = differences(space, query, vectors, apart) if explained else [None] * len(rows)
    similarities = query.scores(space, vectors, va)
    known = np.isfinite(deviations)
    return [
        Result(
            rank=place + 1,
            score=float(scores[place]),
            similarity=float(similarities[place]),
            cosine=None if query.vector is None else float(row["vector"] @ query.vector),
            valence=row["valence"],
            arousal=row["arousal"],
            valence_std=float(deviations[place, 0]) if known[place, 0] else None,
            arousal_std=float(deviations[place, 1]) if known[place, 1] else None,
            title=row["title"],
            artist=row["artist"],
            album=row["album"],
            path=on_disk(library.root, row["path"]),
            duration=row["duration"],
            start=cues[place].start,
            length=cues[place].length,
            explanation=explanations[place],
            percentiles=None if percentiles is None else _pair(percentiles[place]),
            hash=row["hash"],
            vector=vectors[place],
        )
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
