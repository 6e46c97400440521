"""Heads of texts on disk: written, read, and refused for another model."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from va_space.emotion.reference import Distribution
from va_space.encoders.text.files import HEADS, TextSide, load_text, owner_of, save_text
from va_space.encoders.text.model import TextConfig, TextModel
from va_space.errors import CheckpointError, ConfigError

CONFIG = TextConfig("some/encoder", layers=(1, 3), hidden=8, dimension=16, predictor=4)


@pytest.fixture
def side():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = TextModel(CONFIG, 6)
    return TextSide(model.eval(), Distribution.of(np.random.default_rng(0).uniform(size=(30, 2))))


def test_what_is_read_is_what_was_written(side, tmp_path):
    save_text(side, tmp_path, "abc")
    read = load_text(tmp_path, "abc")
    assert read.model.config == CONFIG
    assert read.reference.count == 30
    np.testing.assert_allclose(read.reference.quantiles, side.reference.quantiles, atol=1e-6)
    features = torch.randn(4, 6)
    with torch.no_grad():
        assert torch.equal(read.model(features), side.model(features))
        assert torch.equal(read.model.va(read.model(features)), side.model.va(side.model(features)))
    assert not any(parameter.requires_grad for parameter in read.model.parameters())


def test_half_precision_is_half_the_size_and_nearly_the_same(side, tmp_path):
    save_text(side, tmp_path / "half", "abc", dtype=torch.float16)
    save_text(side, tmp_path / "full", "abc")
    half, full = (load_text(tmp_path / name, "abc") for name in ("half", "full"))
    features = torch.randn(4, 6)
    with torch.no_grad():
        assert torch.allclose(half.model(features), full.model(features), atol=2e-3)
    assert half.model.head[2].weight.dtype == torch.float32


def test_heads_of_another_model_are_refused(side, tmp_path):
    save_text(side, tmp_path, "a" * 64)
    assert owner_of(tmp_path) == "a" * 64
    with pytest.raises(CheckpointError, match=r"space of another model \(aaaaaaaaaaaa, not bbbbbbbbbbbb\)"):
        load_text(tmp_path, "b" * 64)


def test_no_heads(tmp_path):
    assert owner_of(tmp_path) is None
    with pytest.raises(CheckpointError, match="va-space train text"):
        load_text(tmp_path, "abc")


def test_damaged_heads(side, tmp_path):
    save_text(side, tmp_path, "abc")
    path = tmp_path / HEADS
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert owner_of(tmp_path) is None
    with pytest.raises(CheckpointError, match="damaged"):
        load_text(tmp_path, "abc")


@pytest.mark.parametrize("lost", ["head.0.running_mean", "head.2.weight", "reference.count"])
def test_heads_that_lack_a_part(side, tmp_path, lost):
    save_text(side, tmp_path, "abc")
    path = tmp_path / HEADS
    state = load_file(path)
    del state[lost]
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    save_file(state, path, metadata)
    with pytest.raises(CheckpointError, match="damaged, or of another version"):
        load_text(tmp_path, "abc")


def test_other_safetensors_are_no_heads(tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / HEADS)
    with pytest.raises(CheckpointError, match="no heads of texts"):
        load_text(tmp_path, "abc")


def test_a_configuration_of_another_version():
    assert TextConfig.from_dict(CONFIG.to_dict()) == CONFIG
    with pytest.raises(ConfigError, match="unknown TextConfig keys: depth"):
        TextConfig.from_dict({**CONFIG.to_dict(), "depth": 3})


def test_vectors_have_length_one_and_feelings_lie_in_range(side):
    features = torch.randn(5, 6)
    with torch.no_grad():
        vectors = side.model(features)
        va = side.model.va(vectors)
    assert vectors.shape == (5, 16)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(5))
    assert va.shape == (5, 2)
    assert 0 <= va.min() <= va.max() <= 1
