"""va-space convert."""

import pytest
import torch
from public_pickles import dumps
from typer.testing import CliRunner

from va_space.cli import app
from va_space.errors import CheckpointError
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import load_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2


def test_convert(tmp_path):
    config = StyleGAN2Config(resolution=8, z_dim=4, w_dim=6, mapping_layers=1, channel_base=32)
    network = StyleGAN2(config)
    (tmp_path / "network.pkl").write_bytes(dumps({"G_ema": network}, config.to_kwargs()))
    paths = [str(tmp_path / name) for name in ("network.pkl", "network.safetensors")]
    result = CliRunner().invoke(app, ["convert", *paths])
    assert result.exit_code == 0, result.output
    assert "8 x 8 pixels, latents of 6" in result.stderr
    loaded = load_stylegan2(paths[1])
    assert loaded.config == config
    assert torch.equal(loaded.mapping.fc0.weight, network.mapping.fc0.weight)


def test_convert_refuses_code_and_other_endings(tmp_path):
    (tmp_path / "evil.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    target = tmp_path / "out.safetensors"
    result = CliRunner().invoke(app, ["convert", str(tmp_path / "evil.pkl"), str(target)])
    assert isinstance(result.exception, CheckpointError)
    assert not target.exists()
    result = CliRunner().invoke(app, ["convert", str(tmp_path / "evil.pkl"), str(tmp_path / "out.pkl")])
    assert result.exit_code == 2
    with pytest.raises(CheckpointError, match="no such file"):
        load_stylegan2(target)
