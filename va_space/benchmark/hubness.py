"""Whether the same few tracks, or pictures, are found for everything: hubs.

k-occurrence, the number of queries whose k best hold a track, and its skewness: M. Radovanovic,
A. Nanopoulos, M. Ivanovic, "Hubs in space: popular nearest neighbors in high-dimensional data", Journal of
Machine Learning Research 11, 2010.
"""

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.result import TableRow

METRICS = {
    "distinct": "tracks, or pictures, that are among the k best of at least one query",
    "first": "those that are the best of at least one query",
    "largest share": "share of the queries whose k best hold the commonest one",
    "skewness": "of the number of queries that hold each: 0 if symmetric, larger with hubs",
    "overlap": "share of their k best that two random queries have in common",
}


def hubness(top: NDArray[np.int64], tracks: int) -> TableRow:
    """How evenly the k best of queries are spread over what is searched.

    Args:
        top: (queries, k) numbers of tracks, or of pictures, best first; none twice for a query.
        tracks: How many there are.

    >>> row = hubness(np.array([[0, 1], [0, 2]]), 4)
    >>> row["distinct"], row["first"], row["largest share"], row["overlap"]
    (3, 1, 1.0, 0.5)
    """
    queries, k = top.shape
    occurrence = np.bincount(top.ravel(), minlength=tracks)
    spread = occurrence.std()
    cubes = ((occurrence - occurrence.mean()) ** 3).mean()
    pairs = queries * (queries - 1)
    return {
        "distinct": int((occurrence > 0).sum()),
        "first": len(np.unique(top[:, 0])),
        "largest share": float(occurrence.max() / queries),
        "skewness": float(cubes / spread**3) if spread > 0 else 0.0,
        "overlap": float((occurrence * (occurrence - 1)).sum() / pairs / k) if pairs else None,
    }


def best(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """(queries, k) numbers of the tracks with the largest of (queries, tracks) scores, best first."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]
