"""Scales, quadrants, distance and similarity."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from va_space.emotion import plane as emotion
from va_space.emotion.plane import Scale


@pytest.mark.parametrize(
    ("scale", "rating", "unit"),
    [(Scale(1, 7), 4, 0.5), (Scale(1, 9), 9, 1.0), (Scale(-1, 1), -1, 0.0), (Scale(1, 10), 5.5, 0.5)],
)
def test_scales(scale, rating, unit):
    assert scale.to_unit(rating) == pytest.approx(unit)
    assert scale.from_unit(unit) == pytest.approx(rating)


@given(st.lists(st.floats(1, 7), min_size=1))
def test_there_and_back(ratings):
    scale = Scale(1, 7)
    units = scale.to_unit(ratings)
    assert ((units >= 0) & (units <= 1)).all()
    np.testing.assert_allclose(scale.from_unit(units), ratings)


@pytest.mark.parametrize("rating", [0.9, 7.1, math.nan])
def test_ratings_outside_their_scale_are_refused(rating):
    with pytest.raises(ValueError, match=r"outside 1\.\.7"):
        Scale(1, 7).to_unit([4, rating])


def test_quadrants_agree_with_their_bounds():
    points = np.array([(0.9, 0.9), (0.1, 0.9), (0.1, 0.1), (0.9, 0.1)])
    assert emotion.quadrant(points).tolist() == [1, 2, 3, 4]
    assert emotion.quadrant((0.5, 0.5)) == 1
    for number, point in enumerate(points, start=1):
        for value, (low, high) in zip(point, emotion.quadrant_bounds(number), strict=True):
            assert low <= value <= high


def test_similarity_and_sigma_by_loops():
    generator = torch.Generator().manual_seed(0)
    pictures, music = torch.rand(5, 2, generator=generator), torch.rand(7, 2, generator=generator)
    distances = [[math.dist(p, m) for m in music.tolist()] for p in pictures.tolist()]
    sigma = emotion.mean_distance(pictures, music)
    assert sigma == pytest.approx(np.mean(distances), rel=1e-6)
    expected = np.exp(-np.array(distances) / sigma)
    np.testing.assert_allclose(emotion.similarity(pictures, music, sigma).numpy(), expected, rtol=1e-5)
