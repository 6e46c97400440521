"""First weights of the backbones."""

import pickle

import pytest
import torch
from safetensors.torch import save_file
from torchvision import models

from va_space.errors import CheckpointError, ConfigError
from va_space.networks.backbones import load_initial_weights
from va_space.networks.backbones.torchvision import TorchvisionResNet


@pytest.fixture
def reference():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return models.resnet18(weights=None).eval()


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_local_weights_give_torchvisions_features(reference, tmp_path, suffix):
    path = tmp_path / f"weights.{suffix}"
    save = save_file if suffix == "safetensors" else torch.save
    save(reference.state_dict(), path)
    backbone = TorchvisionResNet("resnet18").eval()
    load_initial_weights(backbone, str(path), "resnet18")
    images = torch.rand(2, 3, 64, 64)
    reference.fc = torch.nn.Identity()
    with torch.no_grad():
        torch.testing.assert_close(backbone(images), reference(images))
        torch.testing.assert_close(backbone.stages(images)[-1], reference(images))
    assert backbone.features == 512


def test_one_channel_hears_what_three_equal_channels_see(reference, tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file(reference.state_dict(), path)
    backbone = TorchvisionResNet("resnet18", channels=1).eval()
    load_initial_weights(backbone, str(path), "resnet18")
    mel = torch.rand(2, 1, 64, 64)
    reference.fc = torch.nn.Identity()
    with torch.no_grad():
        torch.testing.assert_close(backbone(mel), reference(mel.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)


def test_none_changes_nothing():
    backbone = TorchvisionResNet("resnet18")
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    load_initial_weights(backbone, "none", "resnet18")
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())


def test_weights_of_another_network_are_refused(reference, tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file(reference.state_dict(), path)
    with pytest.raises(
        CheckpointError, match="as first weights of resnet34: the weights are of another network"
    ):
        load_initial_weights(TorchvisionResNet("resnet34"), str(path), "resnet34")
    with pytest.raises(CheckpointError, match=r"missing\.pth"):
        load_initial_weights(TorchvisionResNet("resnet18"), str(tmp_path / "missing.pth"), "resnet18")


class Hostile:
    def __reduce__(self):
        return exec, ("raise SystemExit('code in the pickle was run')",)


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps(Hostile(), protocol=2))
    with pytest.raises(CheckpointError, match="refused"):
        load_initial_weights(TorchvisionResNet("resnet18"), str(path), "resnet18")


def test_a_failed_download_says_how_to_go_on(monkeypatch):
    def unreachable(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    with pytest.raises(CheckpointError, match="give the local file instead of 'imagenet'"):
        load_initial_weights(TorchvisionResNet("resnet18"), "imagenet", "resnet18")


def test_an_unknown_network_is_named():
    with pytest.raises(ConfigError, match="resnet19"):
        TorchvisionResNet("resnet19")
