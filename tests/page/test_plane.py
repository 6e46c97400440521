"""Where things are drawn."""

import numpy as np
import pytest

from va_space.page.plane import MARGIN, SIZE, Plane, spread


def test_neutral_is_in_the_middle_and_arousal_grows_upwards():
    plane = Plane([(0.7, 0.4)])
    assert plane.xy((0.5, 0.5)) == (SIZE / 2, SIZE / 2)
    right, up = plane.xy((0.7, 0.6))
    assert right > SIZE / 2 > up


@pytest.mark.parametrize("points", [[(0.5, 0.5)], [(0.45, 0.52)], [(0.2, 0.6), (0.9, 0.4)], [(0, 1)]])
def test_all_points_and_ticks_are_inside(points):
    plane = Plane(points)
    assert plane.reach <= 0.5
    assert 0.5 in plane.ticks
    for place in [*points, *((tick, tick) for tick in plane.ticks)]:
        assert all(MARGIN <= pixel <= SIZE - MARGIN for pixel in plane.xy(place))


def test_spread_parts_what_overlaps_and_leaves_the_rest():
    places = [(300, 300), (300, 300), (310, 305), (500, 120)]
    moved = spread(places, 20)
    gaps = np.linalg.norm(moved[:, None] - moved[None], axis=-1) + np.eye(4) * 99
    assert gaps.min() > 38
    assert moved[3] == pytest.approx((500, 120), abs=0.1)
    np.testing.assert_array_equal(moved, spread(places, 20))
