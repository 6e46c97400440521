"""Results that are not all the same: maximal marginal relevance.

J. Carbonell and J. Goldstein, "The use of MMR, diversity-based reranking for reordering documents and
producing summaries", SIGIR 1998.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def maximal_marginal_relevance(
    relevance: ArrayLike, vectors: NDArray[np.float32], k: int, *, balance: float
) -> list[int]:
    """Choose one after the other what is relevant and unlike what was chosen already.

    The next is the one with the largest ``balance * relevance - (1 - balance) * redundancy``, where
    redundancy is the largest cosine to one that was chosen, 0 before the first.

    Args:
        relevance: (n,) how well each one answers.
        vectors: (n, dimension) unit vectors.
        k: How many to choose.
        balance: From 0, only unlike each other, to 1, only relevant.

    Returns:
        At most `k` different numbers below n, in the order in which they were chosen.

    Example:
        >>> vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
        >>> maximal_marginal_relevance([0.9, 0.8, 0.7], vectors, 2, balance=0.5)
        [0, 2]
    """
    values = np.asarray(relevance, np.float64)
    redundancy = np.zeros(len(values))
    chosen: list[int] = []
    open_ = np.ones(len(values), bool)
    for _ in range(min(k, len(values))):
        gain = np.where(open_, balance * values - (1 - balance) * redundancy, -np.inf)
        best = int(np.argmax(gain))
        chosen.append(best)
        open_[best] = False
        cosine = vectors @ vectors[best]
        redundancy = np.maximum(redundancy, cosine) if len(chosen) > 1 else cosine.astype(np.float64)
    return chosen
