"""Where: what was planted is found, regions are measured, nothing can be told of a cover."""

import numpy as np
import pytest
import torch
from learnt_aims import learnt_aim

from va_space.explanation.aims import read_aims
from va_space.explanation.maps import (
    Region,
    covered_at,
    covering,
    picture_maps,
    picture_score,
    smoothed,
)
from va_space.explanation.methods import MapOptions

SIDE, PATCH = 32, 12


def planted(random, count):
    """(n, 3, SIDE, SIDE) noisy pictures, a striped patch in every other one, and (n, 2) where it is."""
    pictures = torch.from_numpy(random.uniform(0.3, 0.7, (count, 3, SIDE, SIDE))).float()
    places = random.integers(0, SIDE - PATCH, (count, 2))
    stripes = torch.tensor([1.0, 0.0]).repeat(PATCH // 2).expand(3, PATCH, PATCH)
    for picture, (top, left) in zip(pictures[::2], places[::2], strict=True):
        picture[:, top : top + PATCH, left : left + PATCH] = stripes
    return pictures, places


@pytest.fixture(scope="module")
def striped(tiny_space):
    """A number that answers to stripes, learnt from pictures with and without."""
    pictures, _ = planted(np.random.default_rng(3), 120)
    with torch.no_grad():
        vectors = tiny_space.embed_pictures(pictures).numpy()
    return learnt_aim(vectors, np.arange(120) % 2 == 0)


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_a_planted_patch_is_found(tiny_space, striped, method):
    pictures, places = planted(np.random.default_rng(4), 12)
    hits = 0
    for picture, (top, left) in zip(pictures[::2], places[::2], strict=True):
        (found,) = picture_maps(tiny_space, picture, [striped], method, MapOptions(grid=6, steps=6))
        across = SIDE * (found.raises.left + found.raises.right) / 2
        down = SIDE * (found.raises.top + found.raises.bottom) / 2
        hits += left <= across <= left + PATCH and top <= down <= top + PATCH
    # By chance a middle lies inside with a probability of about a quarter: five of six is one in 200.
    assert hits >= 5


def test_regions_are_measured_by_covering_them(space):
    picture = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    aims = read_aims(space, ["valence", "arousal"], "picture", "photograph")
    maps = picture_maps(space, picture, aims, "occlusion", MapOptions(grid=3))
    score, cover = picture_score(space, aims), covering(picture[None])
    for number, each in enumerate(maps):
        for region in (each.raises, each.lowers):
            box = tuple(round(SIDE * edge) for edge in (region.left, region.top, region.right, region.bottom))
            assert (box[2] - box[0], box[3] - box[1]) == (8, 8)
            lost = score(picture[None]) - score(covered_at(picture[None], cover, box))
            assert region.effect == pytest.approx(float(lost[0, number]), abs=1e-5)
        inside = each.values[
            round(SIDE * each.raises.top) : round(SIDE * each.raises.bottom),
            round(SIDE * each.raises.left) : round(SIDE * each.raises.right),
        ]
        assert inside.mean() >= each.values.mean()


def test_another_target_gives_another_map(space):
    picture = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    aims = read_aims(space, ["valence", "0.1,0.9", "0.9,0.1"], "picture", "photograph")
    together = picture_maps(space, picture, aims, "occlusion", MapOptions(grid=3))
    (alone,) = picture_maps(space, picture, aims[1:2], "occlusion", MapOptions(grid=3))
    np.testing.assert_allclose(together[1].values, alone.values, atol=1e-6)
    correlation = np.corrcoef(together[1].values.ravel(), together[2].values.ravel())[0, 1]
    assert correlation < 0.9


def test_a_cover_keeps_light_and_loses_detail():
    checks = torch.arange(64).reshape(8, 8).remainder(2).float().repeat(4, 4).expand(1, 3, 32, 32)
    cover = covering(checks)
    assert cover.shape == checks.shape
    assert float((cover - 0.5).abs().max()) < 0.1
    assert float(covering(torch.full((1, 3, 32, 32), 0.3)).sub(0.3).abs().max()) < 1e-5


def test_smoothing_keeps_the_mean_and_spreads():
    values = np.zeros((20, 20), np.float32)
    values[10, 10] = 1
    seen = smoothed(values, 0.1)
    assert seen.sum() == pytest.approx(1, abs=1e-3)
    assert seen.argmax() == 10 * 20 + 10
    assert 0 < seen[10, 12] < seen[10, 11] < seen[10, 10] < 0.2


@pytest.mark.parametrize(
    ("middle", "words"),
    [((0.1, 0.1), "upper left"), ((0.5, 0.5), "middle"), ((0.5, 0.9), "bottom"), ((0.9, 0.5), "right")],
)
def test_regions_have_words(middle, words):
    across, down = middle
    assert Region(across - 0.1, down - 0.1, across + 0.1, down + 0.1, 0).words == words
