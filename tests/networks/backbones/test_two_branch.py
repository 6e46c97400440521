"""Backbones with names of their own: their shapes, what they ignore, where their weights come from."""

import pytest
import torch
from safetensors.torch import save_file

from va_space.errors import CheckpointError, ConfigError
from va_space.networks.backbones import load_initial_weights, make_backbone
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet
from va_space.networks.backbones.two_branch import TwoBranch
from va_space.networks.tagger import Tagger


@pytest.fixture(scope="module")
def two_branch():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TwoBranch().eval()


def test_a_mobilenet_pools_what_its_last_stages_see():
    network = make_backbone("mobilenet_v1_x025").eval()
    pictures = torch.rand(2, 3, 96, 64)
    with torch.no_grad():
        features, stages = network(pictures), network.stages(pictures)
    assert features.shape == (2, network.features)
    assert [stage.shape[1] for stage in stages] == [64, 128, 256]
    torch.testing.assert_close(features[:, :384], torch.cat(stages[1:], dim=1))


def test_each_branch_takes_its_channel(two_branch):
    one, other = torch.randn(2, 1, 2, 96, 625)
    mixed = torch.cat([one[:, :1], other[:, 1:]], dim=1)
    with torch.no_grad():
        first, second, both = two_branch(one), two_branch(other), two_branch(mixed)
    assert both.shape == (1, two_branch.features)
    sound = two_branch.tagger.features
    torch.testing.assert_close(both[:, :sound], first[:, :sound])
    torch.testing.assert_close(both[:, sound:], second[:, sound:])
    assert not torch.allclose(first, second)


def test_it_takes_the_weights_of_both_branches_or_of_a_tagger(two_branch, tmp_path):
    save_file(two_branch.state_dict(), tmp_path / "both.safetensors")
    tagger = {**Tagger().state_dict(), "dense.weight": torch.zeros(50, 64)}
    save_file(tagger, tmp_path / "tagger.safetensors")
    other = TwoBranch()
    load_initial_weights(other, str(tmp_path / "both.safetensors"), "two-branch")
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in two_branch.state_dict().items())
    load_initial_weights(other, str(tmp_path / "tagger.safetensors"), "two-branch")
    assert torch.equal(other.tagger.layer1.conv.weight, tagger["layer1.conv.weight"])
    assert torch.equal(other.harmony.norm.weight, two_branch.harmony.norm.weight)


def test_foreign_weights_are_refused(tmp_path):
    save_file(MobileNet().state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match=r"a\.safetensors as first weights of two-branch"):
        load_initial_weights(TwoBranch(), str(tmp_path / "a.safetensors"), "two-branch")


def test_other_channels_are_refused():
    with pytest.raises(ConfigError, match=r"audio\.semitones = true"):
        make_backbone("two-branch", channels=1)
    with pytest.raises(ConfigError, match="3 channels"):
        make_backbone("mobilenet_v1_x025", channels=1)
