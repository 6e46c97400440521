"""The reference of a model is saved with it, for its weights alone."""

import copy

import numpy as np
import pytest
import torch

from va_space.emotion.reference import Detector, Distribution, Reference
from va_space.encoders.pretrained import REFERENCE, load_model, save_model, save_reference
from va_space.errors import CheckpointError
from va_space.space import VASpace


@pytest.fixture
def model(tiny_space):
    model = copy.deepcopy(tiny_space.model)
    points = np.random.default_rng(0).uniform(0.4, 0.6, (80, 2))
    detectors = {"picture": Detector(np.ones(512), -0.5)}
    model.reference = Reference({"photograph": Distribution.of(points)}, detectors)
    return model


def test_a_reference_is_saved_and_loaded(model, tmp_path):
    save_model(model, tmp_path)
    again = load_model(tmp_path)[0].reference
    assert again.of("photograph").count == 80
    assert again.detectors["picture"].weight.shape == (512,)


def test_a_model_without_one_loads_and_says_what_is_missing(tiny_space, model, tmp_path):
    save_model(model, tmp_path)
    save_model(tiny_space.model, tmp_path)
    assert not (tmp_path / REFERENCE).exists()
    space = VASpace.from_pretrained(tmp_path, device="cpu")
    assert space.reference is None
    with pytest.raises(CheckpointError, match="va-space reference"):
        space.predict_va(np.zeros((40, 40, 3), np.uint8), scale="relative")


def test_a_reference_of_other_weights_does_not_count(model, tmp_path):
    save_model(model, tmp_path / "first")
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.picture_va.shift += 0.01
    save_model(other, tmp_path / "second")
    (tmp_path / "second" / REFERENCE).write_bytes((tmp_path / "first" / REFERENCE).read_bytes())
    assert load_model(tmp_path / "second")[0].reference is None
    save_reference(model.reference, tmp_path / "second")
    assert load_model(tmp_path / "second")[0].reference is not None


def test_a_damaged_reference_is_told(model, tmp_path):
    save_model(model, tmp_path)
    (tmp_path / REFERENCE).write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="reference"):
        load_model(tmp_path)
