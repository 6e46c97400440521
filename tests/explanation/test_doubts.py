"""What an effect can be wrong by: over the encoder's views, and from window to window."""

import dataclasses

import numpy as np
import pytest
import torch

from va_space.encoders.model import SpaceModel
from va_space.explanation import MapOptions, explain
from va_space.explanation.aims import read_aims
from va_space.explanation.changes import grade_changes
from va_space.explanation.doubts import is_small
from va_space.explanation.figure import write_figure
from va_space.explanation.maps import picture_maps, picture_score
from va_space.explanation.moments import Curve
from va_space.explanation.page import write_explanation
from va_space.space import VASpace


@pytest.fixture(scope="module")
def views(space):
    """The small space with an encoder of two views."""
    config = space.config
    picture = dataclasses.replace(config.picture, tta_scales=(1.0, 0.75))
    model = SpaceModel(dataclasses.replace(config, picture=picture))
    model.load_state_dict(space.model.state_dict())
    model.reference = space.model.reference
    return VASpace(model.requires_grad_(False), device="cpu", precision="fp32")


def test_the_doubt_of_a_change_is_its_deviation_over_the_views(views, space):
    picture = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0)) * 0.6 + 0.2
    aims = read_aims(views, ["valence", "arousal"], "picture", "photograph")
    first, *_ = grade_changes(views, picture, aims)
    assert all(doubt > 0 for doubt in first.doubts)
    (found, _) = picture_maps(views, picture, aims, "occlusion", MapOptions(grid=2))
    scores = [float(picture_score(views, aims, view)(picture[None])[0, 0]) for view in (0, 1)]
    assert scores[0] != scores[1]
    assert 0 < found.raises.doubt < 1
    own = read_aims(space, ["valence"], "picture", "photograph")
    assert grade_changes(space, picture, own)[0].doubts == (0,)  # of one view


def test_the_doubt_of_a_curve_is_half_a_step():
    starts = np.arange(4, dtype=np.float32)
    curve = Curve(starts, 2.0, starts, np.float32([0.1, 0.3, np.nan, 0.2]))
    assert curve.doubt == pytest.approx(0.1)
    assert Curve(starts, 2.0, starts, np.full(4, np.nan, np.float32)).doubt == 0


def test_small_effects_are_marked_on_the_page_and_in_the_picture(views, picture, tmp_path):
    why = explain(views, picture, ["valence", "arousal"], options=MapOptions(grid=2))
    small = [
        is_small(effect, doubt)
        for change in why.changes[:10]
        for effect, doubt in zip(change.effects, change.doubts, strict=True)
    ]
    write_explanation(tmp_path / "why.html", why)
    assert (tmp_path / "why.html").read_text().count(", small<span") == sum(small)
    write_figure(tmp_path / "why.png", why)
    assert (tmp_path / "why.png").stat().st_size > 1000
