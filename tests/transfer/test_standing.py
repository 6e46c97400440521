"""Where a target stands, a picture is to stand; and what colours alone say."""

import numpy as np
import pytest
import torch

from va_space.emotion.reference import Distribution, Reference
from va_space.encoders.model import SpaceModel
from va_space.space import VASpace
from va_space.targets import FeelingTarget, MusicTarget, read_target
from va_space.transfer.colour import colour_feeling, colour_statistics
from va_space.transfer.objective import picture_spread
from va_space.transfer.standing import among_pictures


@pytest.fixture(scope="module")
def space(tiny_space):
    """The small space with kinds in different parts of the plane."""
    model = SpaceModel(tiny_space.config)
    model.load_state_dict(tiny_space.model.state_dict())
    ranges = {"photograph": (0.4, 0.6), "painting": (0.2, 0.4), "recording": (0.5, 0.9), "rendering": (0, 1)}
    distributions = {
        kind: Distribution.of(np.linspace(*ends, 200)[:, None].repeat(2, 1)) for kind, ends in ranges.items()
    }
    model.reference = Reference(distributions, {})
    return VASpace(model, device="cpu", precision="fp32")


def test_a_picture_is_to_stand_where_music_stands(space):
    vector = np.zeros(512, np.float32)
    music = MusicTarget("m", np.array([0.8, 0.6], np.float32), vector=vector, kind="recording")
    assert music.standing(space) == pytest.approx([0.75, 0.25], abs=0.01)
    for kind, ends in (("photograph", (0.4, 0.6)), ("painting", (0.2, 0.4))):
        target = among_pictures(space, music, kind)
        assert target.vector is None
        assert target.point == pytest.approx(ends[0] + 0.2 * np.array([0.75, 0.25]), abs=0.005)
    assert among_pictures(space, music, "painting", "absolute") is music


def test_points_are_percentiles_and_words_ask_for_some(space):
    point = among_pictures(space, read_target(space, "0.5,0.25"), "painting")
    assert point.point == pytest.approx([0.3, 0.25], abs=0.005)
    happy = among_pictures(space, read_target(space, "happy"), "painting")
    assert happy.point == pytest.approx([0.2 + 0.2 * 0.976, 0.2 + 0.2 * 0.61], abs=0.01)
    for text in ("0,1", "1,1"):
        outermost = among_pictures(space, read_target(space, text), "photograph").point
        assert ((outermost > 0.39) & (outermost < 0.61)).all()


def test_without_a_reference_everything_is_absolute(tiny_space):
    target = FeelingTarget("calm", (0.9, 0.1))
    assert among_pictures(tiny_space, target, "photograph") is target


def test_deviations_are_those_of_the_kind(space):
    assert picture_spread(space, "painting") == pytest.approx((0.068, 0.068), abs=0.002)
    assert picture_spread(space) == pytest.approx((0.068, 0.068), abs=0.002)


def test_colours_by_hand():
    grey, red = torch.full((1, 3, 4, 4), 0.5), torch.zeros(1, 3, 4, 4)
    red[:, 0] = 1
    half = torch.zeros(1, 3, 4, 4)
    half[..., 2:] = 1
    found = colour_statistics(torch.cat([grey, red, half])).numpy()
    assert found[0] == pytest.approx([0.5, 0, 0], abs=2e-3)
    assert found[1] == pytest.approx([0.2126, 0, 0.3 * np.hypot(1, 0.5)], abs=2e-3)
    assert found[2] == pytest.approx([0.5, 0.5, 0], abs=2e-3)


def test_colours_say_what_people_say():
    picture = torch.rand((1, 3, 16, 16), generator=torch.Generator().manual_seed(0)) * 0.6 + 0.2
    grey = picture.mean(dim=1, keepdim=True)
    variants = {
        "brighter": picture + 0.1,
        "duller": grey + 0.5 * (picture - grey),
        "harder": 0.5 + 1.3 * (picture - 0.5),
    }
    felt = {name: (colour_feeling(each) - colour_feeling(picture))[0] for name, each in variants.items()}
    assert felt["brighter"][0] > 0
    assert felt["duller"][0] < 0
    assert felt["harder"][1] > 0
    black = torch.zeros(1, 3, 8, 8, requires_grad=True)
    (slope,) = torch.autograd.grad(colour_feeling(black).sum(), black)
    assert slope.isfinite().all()
