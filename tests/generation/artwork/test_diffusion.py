"""A tiny random pipeline takes the whole path that a user's model takes."""

import numpy as np
import pytest
import tiny_painters
from descriptions import described
from PIL import Image

from va_space.errors import CheckpointError, ConfigError
from va_space.generation.artwork.engines import ENGINES, DiffusionOptions, Request
from va_space.generation.artwork.engines.diffusion import steps_of

pytest.importorskip("diffusers", reason="needs the extra neural")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_painters.stable_diffusion(tmp_path_factory.mktemp("sd"))


def painted(model, space=None, **changes):
    options = {
        name: changes.pop(name) for name in list(changes) if name in DiffusionOptions.__dataclass_fields__
    }
    settings = {"model": str(model), "texture": 0.0, "device": "cpu"} | options
    request = Request(
        **({"prompt": "the sea", "negative": "a dog"} | changes), diffusion=DiffusionOptions(**settings)
    )
    return ENGINES["diffusion"](space, described(), request)


def pixels(artwork):
    return np.asarray(artwork.image).astype(int)


@pytest.fixture(scope="module")
def reference(model):
    (artwork,) = painted(model, seed=7)
    return artwork


def test_the_same_seed_gives_the_same_picture(model, reference):
    (again,) = painted(model, seed=7)
    assert (pixels(again) == pixels(reference)).all()
    assert pixels(reference).std() > 1


@pytest.mark.parametrize(
    "change",
    [{"seed": 8}, {"prompt": "fire"}, {"negative": "snow"}, {"texture": 0.1}, {"guidance": 3.0}],
    ids=lambda change: next(iter(change)),
)
def test_each_condition_changes_the_picture(model, reference, change):
    (other,) = painted(model, **({"seed": 7} | change))
    assert (pixels(other) != pixels(reference)).any()


def test_without_a_prompt_it_is_made_from_what_is_heard_and_a_section_changes_it(model):
    (whole,), (drop,) = (
        painted(model, prompt=None, negative=None, section=section) for section in (None, "drop")
    )
    assert "jazz album cover art" in whole.facts["prompt"]
    assert "an outburst at its height" in drop.facts["prompt"]
    assert drop.facts["heard"]["section"] == "drop"
    assert (pixels(whole) != pixels(drop)).any()


def test_a_picture_to_start_from_changes_the_picture(model, tmp_path):
    for name, colour in (("red", "red"), ("blue", "blue")):
        Image.new("RGB", (40, 30), colour).save(tmp_path / f"{name}.png")
    red, blue = (painted(model, picture=tmp_path / f"{name}.png")[0] for name in ("red", "blue"))
    assert red.facts["diffusion model"]["from picture"] == "red.png"
    assert (pixels(red) != pixels(blue)).any()


def test_takes_have_seeds_of_their_own_and_are_ranked_by_the_space(model, tiny_space):
    made = painted(model, tiny_space, seed=2**32 - 1, takes=3)
    assert sorted(each.facts["seed"] for each in made) == [0, 1, 2**32 - 1]
    felt = np.array([each.facts["picture percentile"] for each in made])
    away = np.abs(felt - described().feeling).sum(axis=1)
    assert np.isfinite(away).all()
    assert made[0].facts["model"] == tiny_space.fingerprint


def test_little_memory_gives_the_same_picture(model, reference):
    (artwork,) = painted(model, seed=7, low_memory=True)
    assert np.abs(pixels(artwork) - pixels(reference)).max() <= 2


def test_a_wide_picture_keeps_the_number_of_pixels(model):
    (artwork,) = painted(model, size=(2000, 500))
    assert artwork.image.size == (64, 16)
    assert artwork.render((200, 50)).size == (200, 50)


def test_a_distilled_model_takes_few_steps(tmp_path):
    (artwork,) = painted(tiny_painters.stable_diffusion(tmp_path / "lcm", lcm=True), texture=1.0)
    assert artwork.facts["diffusion model"]["num_inference_steps"] == 8
    assert artwork.notes == ()
    (unguided,) = painted(tmp_path / "lcm", guidance=1.0)
    assert unguided.notes == ("this model reads no negative prompt",)


def test_steps_go_from_ten_to_fifty():
    assert [steps_of(texture) for texture in (0, 0.25, 0.5, 1)] == [10, 20, 30, 50]


def test_a_model_that_is_not_there_is_named_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CheckpointError, match=r"sd-turbo .*give that folder instead"):
        painted("sd-turbo")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"texture": 1.5}, "texture"),
        ({"strength": 0.0}, "strength"),
        ({"motif": "sea"}, "motifs"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_makes_no_sense_is_said(model, change, what):
    with pytest.raises(ConfigError, match=what):
        painted(model, **change)
