"""Attributions by captum against formulae and loops, on functions whose answer is known."""

import sys

import numpy as np
import pytest
import torch

from va_space.errors import ConfigError, MissingExtraError
from va_space.explanation.methods import METHODS, MapOptions

SIDE = 12


@pytest.fixture
def linear():
    """Two linear functions of pictures, their weights (2, 3, SIDE, SIDE), a picture and a cover."""
    random = torch.Generator().manual_seed(0)
    weights = torch.randn(2, 3, SIDE, SIDE, generator=random)
    picture, cover = torch.rand(2, 1, 3, SIDE, SIDE, generator=random)

    def score(pictures):
        return torch.einsum("kchw,nchw->nk", weights, pictures)

    return score, weights, picture, cover


def test_integrated_gradients_of_a_linear_function_are_its_weights_times_the_way(linear):
    score, weights, picture, cover = linear
    found = METHODS["integrated-gradients"](score, picture, cover, MapOptions(steps=3))
    expected = (weights * (picture - cover)).sum(dim=1)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_integrated_gradients_add_up_to_the_difference(linear):
    score, _, picture, cover = linear

    def curved(pictures):
        return torch.tanh(score(pictures) / 20) ** 2

    found = METHODS["integrated-gradients"](curved, picture, cover, MapOptions(steps=60))
    torch.testing.assert_close(
        found.sum(dim=(1, 2)), (curved(picture) - curved(cover))[0], atol=1e-4, rtol=1e-3
    )


def test_occlusion_is_the_mean_loss_of_the_windows_over_a_pixel(linear):
    score, _, picture, cover = linear
    stride, window = 2, 4  # five windows along each side, that overlap by half
    found = METHODS["occlusion"](score, picture, cover, MapOptions(grid=5))
    total, times = torch.zeros(2, SIDE, SIDE), torch.zeros(SIDE, SIDE)
    for top in range(0, SIDE - window + 1, stride):
        for left in range(0, SIDE - window + 1, stride):
            changed = picture.clone()
            inside = slice(top, top + window), slice(left, left + window)
            changed[..., inside[0], inside[1]] = cover[..., inside[0], inside[1]]
            total[:, inside[0], inside[1]] += (score(picture) - score(changed))[0][:, None, None]
            times[inside] += 1
    torch.testing.assert_close(found, total / times, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
@pytest.mark.parametrize("side", [7, 12, 31])
def test_any_size_and_progress_to_the_end(method, side):
    told = []
    picture = torch.rand(1, 3, side, side)
    options = MapOptions(4, 2, progress=lambda done, total: told.append((done, total)))
    found = METHODS[method](lambda pictures: pictures.mean(dim=(2, 3)), picture, picture * 0, options)
    assert found.shape == (3, side, side)
    assert torch.isfinite(found).all()
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_nothing_global_changes(method, linear):
    score, _, picture, cover = linear
    before = torch.is_grad_enabled(), torch.get_rng_state(), picture.clone()
    METHODS[method](score, picture, cover, MapOptions(3, 2))
    assert torch.is_grad_enabled() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    assert torch.equal(picture, before[2])
    assert not picture.requires_grad


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_a_missing_extra_is_named(method, linear, monkeypatch):
    score, _, picture, cover = linear
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(MissingExtraError, match=r"va-space\[explain\]"):
        METHODS[method](score, picture, cover, MapOptions())


def test_wrong_options_and_names():
    with pytest.raises(ValueError, match="at least 2"):
        MapOptions(grid=1)
    with pytest.raises(ValueError, match="at least 2"):
        MapOptions(steps=0)
    with pytest.raises(ConfigError, match="occlusion"):
        METHODS["oclusion"]


def test_a_method_from_outside(forget_additions):
    forget_additions(METHODS)

    @METHODS.register("nothing")
    def nothing(score, picture, cover, options):
        return np.zeros(1)

    assert METHODS["nothing"] is nothing
