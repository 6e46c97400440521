"""Backbones with names of their own: their shapes, what they ignore, where their weights come from."""

import pytest
import torch
from safetensors.torch import save_file

from va_space.errors import CheckpointError
from va_space.networks.backbones import load_initial_weights, make_backbone
from va_space.networks.mobilenet import MobileNet
from va_space.networks.two_branch import Listener, Tagger


@pytest.fixture(scope="module")
def listener():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Listener().eval()


def test_a_mobilenet_pools_what_its_last_stages_see():
    network = make_backbone("mobilenet_v1_x025").eval()
    pictures = torch.rand(2, 3, 96, 64)
    with torch.no_grad():
        features, stages = network(pictures), network.stages(pictures)
    assert features.shape == (2, network.features)
    assert [stage.shape[1] for stage in stages] == [64, 128, 256]
    torch.testing.assert_close(features[:, :384], torch.cat(stages[1:], dim=1))


def test_each_ear_hears_its_channel(listener):
    one, other = torch.randn(2, 1, 2, 96, 625)
    mixed = torch.cat([one[:, :1], other[:, 1:]], dim=1)
    with torch.no_grad():
        first, second, both = listener(one), listener(other), listener(mixed)
    assert both.shape == (1, listener.features)
    sound = listener.tagger.features
    torch.testing.assert_close(both[:, :sound], first[:, :sound])
    torch.testing.assert_close(both[:, sound:], second[:, sound:])
    assert not torch.allclose(first, second)


def test_a_listener_takes_both_ears_or_a_tagger(listener, tmp_path):
    save_file(listener.state_dict(), tmp_path / "both.safetensors")
    tagger = {**Tagger().state_dict(), "dense.weight": torch.zeros(50, 64)}
    save_file(tagger, tmp_path / "tagger.safetensors")
    other = Listener()
    load_initial_weights(other, str(tmp_path / "both.safetensors"), "listener")
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in listener.state_dict().items())
    load_initial_weights(other, str(tmp_path / "tagger.safetensors"), "listener")
    assert torch.equal(other.tagger.layer1.conv.weight, tagger["layer1.conv.weight"])
    assert torch.equal(other.harmony.norm.weight, listener.harmony.norm.weight)


def test_foreign_weights_are_refused(tmp_path):
    save_file(MobileNet().state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match=r"a\.safetensors as first weights of listener"):
        load_initial_weights(Listener(), str(tmp_path / "a.safetensors"), "listener")
