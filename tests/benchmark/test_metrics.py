"""Metrics against their reference libraries and against brute force."""

import itertools

import numpy as np
import pytest
import torch

pytest.importorskip("sklearn")
pytest.importorskip("scipy")

from va_space.benchmark import metrics


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    actual = random.uniform(size=60)
    return 0.5 * actual + 0.2 + 0.1 * random.standard_normal(60), actual


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("pearson", "pearson_corrcoef"),
        ("spearman", "spearman_corrcoef"),
        ("ccc", "concordance_corrcoef"),
        ("mae", "mean_absolute_error"),
        ("r2", "r2_score"),
    ],
)
def test_agreement_equals_torchmetrics(name, reference, pair):
    functional = pytest.importorskip("torchmetrics.functional")
    predicted, actual = pair
    expected = float(getattr(functional, reference)(torch.from_numpy(predicted), torch.from_numpy(actual)))
    # torchmetrics computes in its own precision, and its CCC divides by n - 1.
    tolerance = {"ccc": 2e-3, "spearman": 1e-6}.get(name, 1e-9)
    assert metrics.agreement(predicted, actual)[name] == pytest.approx(expected, rel=tolerance)


def test_ccc_by_its_definition(pair):
    predicted, actual = pair
    covariance = np.cov(predicted, actual, ddof=0)
    expected = 2 * covariance[0, 1] / (np.trace(covariance) + (predicted.mean() - actual.mean()) ** 2)
    assert metrics.ccc(predicted, actual) == pytest.approx(expected, rel=1e-12)
    assert metrics.ccc(actual, actual) == pytest.approx(1)
    assert metrics.ccc(1 - actual, actual) < 0


@pytest.mark.filterwarnings("error")
def test_a_constant_prediction_has_no_correlation_and_warns_of_nothing(pair):
    _, actual = pair
    row = metrics.agreement(np.full(60, actual.mean()), actual)
    assert np.isnan(row["pearson"])
    assert np.isnan(row["spearman"])
    assert row["ccc"] == pytest.approx(0)
    assert row["r2"] == pytest.approx(0)


def _ndcg_by_hand(scores: np.ndarray, gains: np.ndarray, k: int) -> float:
    discounts = 1 / np.log2(np.arange(k) + 2)
    return (gains[np.argsort(-scores)[:k]] @ discounts) / (np.sort(gains)[::-1][:k] @ discounts)


def test_ndcg_of_every_query_by_hand():
    random = np.random.default_rng(1)
    scores, gains = random.standard_normal((5, 30)), random.uniform(size=(5, 30))
    expected = [_ndcg_by_hand(s, g, 10) for s, g in zip(scores, gains, strict=True)]
    np.testing.assert_allclose(metrics.ndcg(scores, gains), expected, rtol=1e-12)
    np.testing.assert_allclose(metrics.ndcg(gains, gains), 1)


def test_tied_scores_get_the_mean_over_their_orders():
    gains = np.array([0.9, 0.1, 0.4, 0.7])
    orders = list(itertools.permutations(range(4)))
    by_hand = [_ndcg_by_hand(np.array(order, dtype=float), gains, 3) for order in orders]
    assert metrics.ndcg(np.zeros((1, 4)), gains[None], k=3)[0] == pytest.approx(np.mean(by_hand))
    tops = [np.mean(gains[list(order[:3])]) for order in orders]
    assert metrics.mean_of_top(np.zeros((1, 4)), gains[None], k=3)[0] == pytest.approx(np.mean(tops))


def test_mean_of_top_takes_the_best_and_halves_a_tie_at_the_edge():
    scores = np.array([[5, 4, 3, 3, 1.0], [1, 2, 3, 4, 5.0]])
    values = np.array([[1, 2, 10, 20, 99.0], [1, 2, 3, 4, 5.0]])
    np.testing.assert_allclose(metrics.mean_of_top(scores, values, k=3), [(1 + 2 + 15) / 3, 4])
    np.testing.assert_allclose(metrics.mean_of_top(scores, values, k=99), values.mean(axis=1))


def test_bootstrap_of_single_items_equals_scipy():
    from scipy.stats import bootstrap

    sample = np.random.default_rng(2).gamma(2, size=80)
    low, high = metrics.bootstrap_interval(np.mean, [sample], range(80), resamples=5000)
    reference = bootstrap((sample,), np.mean, method="percentile", n_resamples=5000).confidence_interval
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=0.03)


def test_copies_inside_a_unit_add_no_certainty():
    values = np.random.default_rng(3).standard_normal(20)
    copied, units = np.repeat(values, 50), np.repeat(np.arange(20), 50)
    alone = metrics.bootstrap_interval(np.mean, [values], range(20), seed=4)
    together = metrics.bootstrap_interval(np.mean, [copied], units, seed=4)
    naive = metrics.bootstrap_interval(np.mean, [copied], range(1000), seed=4)
    assert together == pytest.approx(alone)
    assert np.ptp(naive) < 0.3 * np.ptp(alone)


def test_bootstrap_repeats_and_survives_an_undefined_statistic():
    values = np.arange(10.0)
    first = metrics.bootstrap_interval(np.mean, [values], range(10), seed=5)
    assert first == metrics.bootstrap_interval(np.mean, [values], range(10), seed=5)
    assert np.isnan(
        metrics.bootstrap_interval(lambda _: float("nan"), [values], range(10), resamples=5)
    ).all()
