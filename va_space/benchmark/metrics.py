"""How well predictions fit: agreement, ranking, and how sure one can be. Needs the extra ``benchmark``.

Where a number is undefined (a correlation with a constant) the answer is NaN, never a warning.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating]


def pearson(predicted: ArrayLike, actual: ArrayLike) -> float:
    """Pearson's linear correlation of two (n,) arrays; NaN if one of them is constant.

    Example:
        >>> round(pearson([0.1, 0.5, 0.9], [0.2, 0.5, 0.8]), 6)
        1.0
        >>> pearson([0.5, 0.5], [0.1, 0.9])
        nan
    """
    if _constant(predicted, actual):
        return float("nan")
    return float(np.corrcoef(np.stack([predicted, actual]))[0, 1])


def spearman(predicted: ArrayLike, actual: ArrayLike) -> float:
    """Spearman's rank correlation of two (n,) arrays, ties by mean rank; NaN if one of them is constant."""
    from scipy.stats import spearmanr

    return float("nan") if _constant(predicted, actual) else float(spearmanr(predicted, actual).statistic)


def ccc(predicted: ArrayLike, actual: ArrayLike) -> float:
    """Lin's concordance correlation coefficient of two (n,) arrays (Lin 1989, population moments).

    2 cov / (var + var + (difference of means)^2): 1 only if every prediction is right, 0 for a constant.

    Example:
        >>> ccc([0.1, 0.5, 0.9], [0.1, 0.5, 0.9])
        1.0
    """
    x, y = np.asarray(predicted, np.float64), np.asarray(actual, np.float64)
    covariance = np.mean((x - x.mean()) * (y - y.mean()))
    spread = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    return float(2 * covariance / spread) if spread > 0 else float("nan")


def agreement(predicted: ArrayLike, actual: ArrayLike) -> dict[str, float]:
    """All metrics of one predicted quantity: pearson, spearman, ccc, mae, r2.

    Args:
        predicted: (n,) predictions.
        actual: (n,) labels.
    """
    from sklearn.metrics import mean_absolute_error, r2_score

    return {
        "pearson": pearson(predicted, actual),
        "spearman": spearman(predicted, actual),
        "ccc": ccc(predicted, actual),
        "mae": float(mean_absolute_error(actual, predicted)),
        "r2": float(r2_score(actual, predicted)),
    }


def ndcg(scores: ArrayLike, gains: ArrayLike, k: int = 10) -> Floats:
    """Normalised discounted cumulative gain at k of every query (Järvelin & Kekäläinen 2002).

    The gain is linear, the discount log2(rank + 1). Tied scores share their gains, so a constant score
    gets what a random order gets on average.

    Args:
        scores: (n, m) score of each of m candidates for each of n queries; larger is better.
        gains: (n, m) true gains, not negative.
        k: How many of the best candidates count.

    Returns:
        (n,) in [0, 1].

    Example:
        >>> ndcg([[0.9, 0.5, 0.1]], [[1.0, 0.0, 0.5]], k=2).round(3)
        array([0.76])
    """
    from sklearn.metrics import ndcg_score

    rows = zip(np.asarray(gains, np.float64), np.asarray(scores, np.float64), strict=True)
    return np.array([ndcg_score(gain[None], score[None], k=k) for gain, score in rows])


def mean_of_top(scores: ArrayLike, values: ArrayLike, k: int = 10) -> Floats:
    """Mean value of the k best-scored candidates of every query; candidates tied at the edge share a place.

    Args:
        scores: (n, m), larger is better.
        values: (n, m) what is averaged, such as the distance in valence-arousal.
        k: How many candidates; at most m are used.

    Returns:
        (n,) means.

    Example:
        >>> mean_of_top([[0.9, 0.5, 0.1]], [[1.0, 2.0, 3.0]], k=2)
        array([1.5])
    """
    scores, values = np.asarray(scores, np.float64), np.asarray(values, np.float64)
    k = min(k, scores.shape[1])
    edge = np.partition(scores, -k, axis=1)[:, -k, None]
    above, tied = scores > edge, scores == edge
    share = (k - above.sum(axis=1, keepdims=True)) / tied.sum(axis=1, keepdims=True)
    return np.sum((above + tied * share) * values, axis=1) / k


def bootstrap_interval(
    statistic: Callable[..., float],
    data: Sequence[ArrayLike],
    units: ArrayLike,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of any statistic (Efron 1979), resampling whole units.

    Items of one unit (windows of one series, pictures of one theme) are alike, and are drawn or left out
    together: the cluster bootstrap. The arrays of ``data`` are drawn alike: the paired bootstrap.

    Args:
        statistic: Takes the drawn part of each array of ``data`` and returns a number; NaNs are left out.
        data: Arrays with a row for each item.
        units: (items,) the unit of each item; ``range(items)`` resamples single items.
        level: Share of the resamples inside the interval.
        resamples: Number of draws.
        seed: Seed of the draws.

    Returns:
        Lower and upper end; NaNs if the statistic never is a number.

    Example:
        >>> low, high = bootstrap_interval(np.mean, [[0.4, 0.5, 0.6, 0.7]], range(4), resamples=200)
        >>> low < 0.55 < high
        True
    """
    _, unit_of = np.unique(np.asarray(units), return_inverse=True)
    order = np.argsort(unit_of, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(unit_of))[:-1])
    random = np.random.default_rng(seed)
    drawn = (random.integers(len(members), size=len(members)) for _ in range(resamples))
    items = (np.concatenate([members[unit] for unit in draw]) for draw in drawn)
    arrays = [np.asarray(array) for array in data]
    values = np.array([statistic(*(array[rows] for array in arrays)) for rows in items])
    values = values[np.isfinite(values)]
    if not values.size:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _constant(*arrays: ArrayLike) -> bool:
    # A constant float prediction may differ in its last bit, which must not pass for a signal.
    return any(np.ptp(values) <= 1e-12 * np.abs(values).max() for values in map(np.asarray, arrays))
