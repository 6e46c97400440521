"""Percentiles: against counting, and the properties that every map has to have."""

import numpy as np
import pytest
from scipy.stats import beta

from va_space.emotion.reference import (
    FEW,
    KINDS_OF,
    MANY,
    Detector,
    Distribution,
    Reference,
    for_library,
)


def points(count, seed=0, spread=0.05):
    return np.random.default_rng(seed).normal((0.55, 0.6), spread, (count, 2)).clip(0, 1)


@pytest.mark.parametrize("count", [1, 2, 3, 50, 1000])
@pytest.mark.parametrize("spread", [0.0, 1e-9, 0.05, 1.0])
def test_percentiles_are_in_range_and_rise(count, spread):
    distribution = Distribution.of(points(count, spread=spread))
    values = np.linspace(0, 1, 2001)
    shares = distribution.percentile(np.stack([values, values], axis=1))
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert (np.diff(shares, axis=0) >= 0).all()


def test_percentiles_rise_strictly_also_beyond_the_set():
    shares = Distribution.of(points(300)).percentile(np.linspace(0, 1, 500)[:, None].repeat(2, 1))
    assert (np.diff(shares, axis=0) > 0).all()


def test_percentile_is_the_share_below():
    own = points(5000)
    new = points(200, seed=1)
    counted = (own[None] < new[:, None]).mean(axis=1)
    np.testing.assert_allclose(Distribution.of(own).percentile(new), counted, atol=0.012)


def test_percentiles_of_the_set_itself_are_uniform():
    shares = np.sort(Distribution.of(own := points(400)).percentile(own), axis=0)
    expected = (np.arange(400) + 0.5) / 400
    np.testing.assert_allclose(shares, np.stack([expected] * 2, axis=1), atol=0.012)


def test_value_is_the_inverse():
    distribution = Distribution.of(points(300))
    new = points(100, seed=2)
    np.testing.assert_allclose(distribution.value(distribution.percentile(new)), new, atol=1e-9)
    assert distribution.value((0, 1)).tolist() == [0, 1]


def test_shape_is_kept():
    distribution = Distribution.of(points(30))
    assert distribution.percentile((0.5, 0.5)).shape == (2,)
    assert distribution.percentile(np.zeros((3, 4, 2))).shape == (3, 4, 2)


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 1])
def test_mixture_has_the_mixed_shares(share):
    first, second = Distribution.of(points(400)), Distribution.of(points(300, 3) * 0.8)
    values = np.random.default_rng(0).uniform(0.3, 0.8, (200, 2))
    expected = share * first.percentile(values) + (1 - share) * second.percentile(values)
    np.testing.assert_allclose(first.mixed(second, share).percentile(values), expected, atol=0.012)


def test_a_library_counts_by_the_number_of_its_tracks():
    shipped = Distribution.of(points(1000))
    at = np.array([0.5, 0.5])
    assert for_library(None, shipped) is shipped
    shares = []
    for count in (1, FEW, (FEW + MANY) // 2, MANY, 10 * MANY):
        quantiles = beta(2, 5).ppf((np.arange(100) + 0.5) / 100)[:, None].repeat(2, 1)
        own = Distribution(quantiles, count)
        mixed = for_library(own, shipped).percentile(at)
        shares.append(((mixed - shipped.percentile(at)) / (own.percentile(at) - shipped.percentile(at)))[0])
    np.testing.assert_allclose(shares, [0, 0, 0.5, 1, 1], atol=0.01)


@pytest.mark.parametrize("wrong", [np.zeros((0, 2)), [[0.1, np.nan]], [[0.2, 1.2]]])
def test_what_is_no_distribution_is_refused(wrong):
    with pytest.raises(ValueError, match=r"point|lie in"):
        Distribution.of(wrong)


def test_quantiles_that_fall_are_refused():
    with pytest.raises(ValueError, match="rise"):
        Distribution(np.array([[0.5, 0.5], [0.4, 0.6]]), 2)


def test_detector_decides_by_the_mean_of_windows():
    reference = Reference({}, {"music": Detector(np.array([1.0, -1.0]), 0.5)})
    assert reference.detect("music", [[0.0, 0.0], [0.0, 2.0]]) == "recording"
    assert reference.detect("music", [[0.0, 0.0], [0.0, 0.8]]) == "rendering"
    assert reference.detect("picture", [[9.0]]) == KINDS_OF["picture"][0]


def test_arrays_bring_all_of_it_back():
    before = Reference({"painting": Distribution.of(points(70))}, {"picture": Detector(np.ones(4), -0.5)})
    after = Reference.from_arrays(before.to_arrays())
    at = points(20, 5)
    own, again = (each.of("painting").percentile(at) for each in (before, after))
    np.testing.assert_allclose(again, own, atol=1e-4)
    assert after.of("painting").count == 70
    features = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_allclose(
        after.detectors["picture"].logits(features), before.detectors["picture"].logits(features)
    )
    with pytest.raises(ValueError, match="recording"):
        after.of("recording")


def test_arrays_without_a_count_are_refused():
    with pytest.raises(ValueError, match="count"):
        Reference.from_arrays({"quantiles.painting": np.full((3, 2), 0.5)})
