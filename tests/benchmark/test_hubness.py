"""Hubness against counting by hand and scipy; maps against what they promise."""

import numpy as np
import pytest
from scipy.stats import skew

from va_space.benchmark.hubness import best, hubness
from va_space.benchmark.maps import (
    MAPS,
    OURS,
    distances,
    hubs_discounted,
    partly_absolute,
    transported,
    whitened,
)


def test_hubness_is_counted():
    random = np.random.default_rng(0)
    top = np.stack([random.permutation(30)[:5] for _ in range(40)])
    row = hubness(top, 30)
    lists = [set(each) for each in top.tolist()]
    occurrence = [sum(track in each for each in lists) for track in range(30)]
    assert row["distinct"] == len(set().union(*lists))
    assert row["first"] == len(set(top[:, 0].tolist()))
    assert row["largest share"] == max(occurrence) / 40
    assert row["skewness"] == pytest.approx(skew(occurrence))
    pairs = [len(a & b) / 5 for i, a in enumerate(lists) for b in lists[:i]]
    assert row["overlap"] == pytest.approx(np.mean(pairs))


def test_the_same_list_for_all_is_one_hub():
    row = hubness(np.tile([3, 1], (9, 1)), 5)
    assert (row["first"], row["largest share"], row["overlap"]) == (1, 1.0, 1.0)


@pytest.fixture(scope="module")
def sides():
    random = np.random.default_rng(1)
    pictures, music = random.normal(0.45, 0.08, (120, 2)), random.normal(0.6, 0.02, (100, 2))
    return (
        random.normal(1, 1, (120, 16)),
        random.normal(-1, 1, (100, 16)),
        pictures.clip(0, 1),
        music.clip(0, 1),
    )


def test_maps_undo_that_the_clouds_lie_apart(sides):
    rows = {name: hubness(best(scores(*sides), 10), 100) for name, scores in MAPS.items()}
    assert all(
        row["distinct"] > rows["absolute"]["distinct"]
        for name, row in rows.items()
        if "512" not in name and name != "absolute"
    )
    assert rows[OURS]["largest share"] < 0.3 < rows["absolute"]["largest share"]


def test_transport_gives_every_track_its_share(sides):
    _, _, pictures, music = sides
    firsts = len(np.unique(best(transported(pictures, music), 1)))
    assert firsts > len(np.unique(best(MAPS["quantiles"](*sides), 1)))


def test_whitened_directions_are_even(sides):
    spread = np.linalg.eigvalsh(np.cov(whitened(sides[0]), rowvar=False))
    assert spread.max() / spread.min() < 1.3


def test_a_place_is_partly_absolute(sides):
    vectors, tracks, pictures, music = sides
    relative = MAPS[OURS](vectors, tracks, pictures, music)
    assert partly_absolute(pictures, music, 0) == pytest.approx(relative)
    # All pictures lie below the music: wholly absolute, they find its lowest tracks.
    firsts = best(partly_absolute(0.5 * pictures, music, 1), 1)
    assert len(np.unique(firsts)) < 5 < len(np.unique(best(relative, 1)))


def test_discounted_hubs_are_smaller_and_lists_of_one_track_stay(sides):
    scores = distances(*sides[2:])
    before, after = (hubness(best(each, 10), 100) for each in (scores, hubs_discounted(scores)))
    assert after["largest share"] < before["largest share"]
    assert after["distinct"] > before["distinct"]
    assert hubs_discounted(scores[:, :1]).shape == (120, 1)
