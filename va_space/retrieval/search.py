"""Music for a picture, for other music, or for a feeling."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from va_space import emotion
from va_space.errors import MediaError
from va_space.media.kinds import Modality
from va_space.retrieval.library import MusicLibrary
from va_space.space import Failure, VASpace

# Nearest tracks by cosine that the similarity predictor puts in order.
CANDIDATES = 200

_NUMBER = r"\s*(\d*\.?\d+|\d+\.)\s*"
_POINT = re.compile(f"{_NUMBER},{_NUMBER}")
FloatArray = NDArray[np.float32]
# From vectors (n, dimension) and valence-arousal (n, 2) of tracks or windows to their scores (n,).
Score = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Result:
    """A track that was found.

    Attributes:
        rank: Place among the results, from 1.
        score: What ranks, in [0, 1]: for a picture the predicted similarity of feeling, for a track the
            cosine (0 if it is negative), for a point exp(-distance of valence-arousal / sigma).
        cosine: Of the track's vector and the query's, in [-1, 1]; None for a point, which has no vector.
        valence: Of the track, predicted, in [0, 1].
        arousal: Likewise.
        title: The file's name without its ending.
        path: The file.
        start: Second at which the best of its windows begins.
    """

    rank: int
    score: float
    cosine: float | None
    valence: float
    arousal: float
    title: str
    path: Path
    start: float


def search(space: VASpace, library: MusicLibrary, query: Any, k: int = 10) -> list[Result]:
    """Find the tracks of a library that feel like the query.

    A picture's nearest tracks by cosine are put in order by the similarity predictor, a track's stay in
    the order of their cosine, and a point ranks by the distance of predicted valence and arousal.

    Args:
        space: The model that made the library.
        library: Where to search.
        query: A picture or music, as :meth:`VASpace.encode` takes them; or "valence,arousal", both in
            [0, 1], such as "0.8,0.3".
        k: Number of results.

    Returns:
        At most `k` results, best first.

    Raises:
        LibraryError: The library was made with another model.
        MediaError: The query cannot be read.
        ValueError: A point lies outside [0, 1].
    """
    point = parse_point(query)
    if point is not None:
        return search_point(space, library, point, k)
    library.check_model(space.identity)  # before the work of reading the query
    item = next(space.encode_iter([query]))
    if isinstance(item, Failure):
        raise MediaError(str(query), item.reason)
    return search_vector(space, library, item.vector, item.modality, k)


def search_vector(
    space: VASpace, library: MusicLibrary, vector: FloatArray, modality: Modality, k: int = 10
) -> list[Result]:
    """:func:`search` for a picture or music that is encoded already.

    Args:
        space: The model that made the library and the vector.
        library: Where to search.
        vector: (dimension,) unit vector.
        modality: What it was made from.
        k: Number of results.

    Raises:
        LibraryError: The library was made with another model.
    """
    library.check_model(space.identity)
    if modality == "picture":

        def score(vectors: FloatArray, va: FloatArray) -> FloatArray:
            return space.similarity(vector[None], vectors)[0]

        rows = library.nearest(vector, max(k, CANDIDATES))
        if rows:
            rows = [rows[i] for i in np.argsort(-score(*_columns(rows)), kind="stable")[:k]]
    else:

        def score(vectors: FloatArray, va: FloatArray) -> FloatArray:
            return np.clip(vectors @ vector, 0, 1)

        rows = library.nearest(vector, k)
    return _results(library, rows, score)


def search_point(space: VASpace, library: MusicLibrary, point: ArrayLike, k: int = 10) -> list[Result]:
    """Find the tracks whose predicted feeling is nearest to (2,) valence and arousal in [0, 1].

    Raises:
        LibraryError: The library was made with another model.
    """
    library.check_model(space.identity)
    wanted = np.asarray(point, np.float32)[None]

    def score(vectors: FloatArray, va: FloatArray) -> FloatArray:
        return _closeness(wanted, va, space.config.sigma)

    ids, points = library.points()
    best = np.argsort(np.linalg.norm(points - wanted, axis=1), kind="stable")[:k]
    rows = library.tracks([ids[i] for i in best]) if len(best) else []
    return _results(library, rows, score)


def parse_point(query: Any) -> FloatArray | None:
    """(2,) valence and arousal if a query is "valence,arousal", else None.

    Raises:
        ValueError: A number lies outside [0, 1].
    """
    match = _POINT.fullmatch(query) if isinstance(query, str) else None
    if match is None:
        return None
    point = np.array([float(number) for number in match.groups()], np.float32)
    if point.max() > 1:
        raise ValueError(f"{query}: valence and arousal lie between 0 and 1, 0.5 is neutral")
    return point


def _results(library: MusicLibrary, rows: list[dict[str, Any]], score: Score) -> list[Result]:
    if not rows:
        return []
    scores = score(*_columns(rows))
    windows = library.windows([row["id"] for row in rows])
    results = []
    for rank, (row, value) in enumerate(zip(rows, scores, strict=True), start=1):
        own = windows[row["id"]]
        best = own[int(np.argmax(score(*_columns(own))))]
        path = library.root / row["path"]
        results.append(
            Result(
                rank=rank,
                score=float(value),
                cosine=row.get("cosine"),
                valence=row["valence"],
                arousal=row["arousal"],
                title=path.stem,
                path=path,
                start=best["start"],
            )
        )
    return results


def _columns(rows: list[dict[str, Any]]) -> tuple[FloatArray, FloatArray]:
    """(n, dimension) vectors and (n, 2) valence-arousal of rows of tracks or windows."""
    vectors = np.array([row["vector"] for row in rows], np.float32)
    return vectors, np.array([(row["valence"], row["arousal"]) for row in rows], np.float32)


def _closeness(point: FloatArray, va: FloatArray, sigma: float) -> FloatArray:
    """(n,) emotional similarity of one point (1, 2) to (n, 2) others."""
    return emotion.similarity(torch.from_numpy(point), torch.from_numpy(va), sigma)[0].numpy()
