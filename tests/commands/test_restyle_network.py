"""``va-space restyle --generator NETWORK``."""

import json
import re

import pytest
import torch
from PIL import Image

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2


@pytest.fixture
def network(tmp_path):
    """A small random one, as a file."""
    torch.manual_seed(0)
    config = StyleGAN2Config(resolution=16, z_dim=8, w_dim=8, mapping_layers=1, channel_base=128)
    save_stylegan2(StyleGAN2(config), tmp_path / "network.safetensors")
    return tmp_path / "network.safetensors"


@pytest.fixture
def restyle(va_space, tiny_model):
    """Run ``va-space restyle`` with the small model and few steps."""
    return lambda *arguments: va_space("restyle", *arguments, "--model", tiny_model, "--steps", 2)


def psnr(text: str) -> float:
    return float(re.search(r"PSNR of ([-\d.]+) dB", text)[1])


@pytest.mark.slow
def test_more_inversion_steps_come_nearer(restyle, media, network, tmp_path):
    found = {}
    for steps in (1, 40):
        arguments = ("--generator", network, "--inversion-steps", steps, "-o", tmp_path / "o.png", "--json")
        result = restyle(media / "a.png", "calm", *arguments)
        assert result.returncode == 0, result.stderr
        assert 0 <= json.loads(result.stdout)[0]["valence after"] <= 1
        found[steps] = psnr(result.stderr)
    assert found[40] > found[1] + 0.5


def test_latent_spaces_give_other_pictures(restyle, media, network, tmp_path):
    pictures = []
    for space in ("w", "w+"):
        options = ("--generator", network, "--latent-space", space, "--inversion-steps", 12)
        assert restyle(media / "a.png", "calm", *options, "-o", tmp_path / "o.png").returncode == 0
        pictures.append(Image.open(tmp_path / "o.png").tobytes())
    assert pictures[0] != pictures[1]


def test_a_network_that_is_none_is_told_before_media_are_read(restyle, media, tmp_path):
    (tmp_path / "broken.pkl").write_bytes(b"no network")
    missing = media / "missing.png"
    result = restyle(missing, "calm", "--generator", "nature", "-o", tmp_path / "o.png")
    assert result.returncode == 2
    assert "nature is neither grade nor" in result.stderr
    for output in ("o.png", "o.mp4"):
        picture = missing if output == "o.png" else media / "a.png"
        target = "calm" if output == "o.png" else media / "missing.wav"
        options = ("--generator", tmp_path / "broken.pkl", "-o", tmp_path / output)
        result = restyle(picture, target, *options)
        assert result.returncode == 1
        assert "broken.pkl: not a pickle of networks" in result.stderr
        assert "missing" not in result.stderr
    for wrong in (("--latent-space", "z"), ("--inversion-steps", 0)):
        result = restyle(media / "a.png", "calm", "-o", tmp_path / "o.png", *wrong)
        assert result.returncode == 2
