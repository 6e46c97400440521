"""Configurations of older models."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.encoders.pretrained import load_model, save_model
from va_space.errors import ConfigError
from va_space.media.settings import AudioSettings, PictureSettings


def test_a_model_saved_with_the_old_words_loads_with_a_note(tmp_path: Path):
    config = SpaceConfig(
        "mobilenet_v1_x025",
        "two-branch",
        dimension=8,
        hidden=4,
        picture=PictureSettings(size=64, tta_scales=(1.0, 0.75)),
        audio=AudioSettings(sample_rate=16000, n_mels=96, n_fft=512, hop_length=256, semitones=True),
    )
    model = SpaceModel(config).eval()
    model.similarity.fusion_weights.copy_(torch.tensor([0.5, 2.0, 1.0, 0.25]))
    save_model(model, tmp_path)
    text = (tmp_path / "config.json").read_text()
    for word, old in {"tta_scales": "looks", "two-branch": "listener"}.items():
        assert word in text
        text = text.replace(word, old)
    (tmp_path / "config.json").write_text(text)
    state = load_file(tmp_path / "model.safetensors")
    state["similarity.blend"] = state.pop("similarity.fusion_weights")
    save_file(state, tmp_path / "model.safetensors")

    with pytest.warns(DeprecationWarning, match="configuration is now") as warned:
        again, _ = load_model(tmp_path)
    assert "picture.looks of a model's configuration is now picture.tta_scales" in str(warned[1].message)
    assert again.config == config
    assert torch.equal(again.similarity.fusion_weights, model.similarity.fusion_weights)


def test_an_unknown_key_is_refused():
    with pytest.raises(ConfigError, match="glances"):
        SpaceConfig.from_dict({"picture": {"glances": [1.0]}})
    assert SpaceConfig.from_dict(json.loads(json.dumps(SpaceConfig().to_dict()))) == SpaceConfig()
