"""The music backbone of three branches: what does and does not change its features."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from va_space.encoders.model import MusicEncoder
from va_space.encoders.three_branch import SETTINGS, ThreeBranch
from va_space.errors import CheckpointError, ConfigError
from va_space.media.mel import make_frontend
from va_space.networks.backbones.two_branch import TwoBranch

WINDOWS = replace(SETTINGS, window_seconds=3.0)


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ThreeBranch().eval()


def tones(seconds: float, seed: int = 0) -> torch.Tensor:
    """(1, 1, 1, samples) of changing chords."""
    random, time = np.random.default_rng(seed), np.arange(int(seconds * 16_000)) / 16_000
    notes = [np.sin(2 * np.pi * hertz * time) * (np.sin(time * pace) + 1.1) for hertz, pace in
             zip(random.uniform(80, 2000, 6), random.uniform(0.5, 6, 6), strict=True)]  # fmt: skip
    return torch.from_numpy(np.sum(notes, axis=0) / 20).float()[None, None, None]


@torch.no_grad()
def test_features_do_not_depend_on_level(network):
    loud, other = tones(3), tones(3, seed=1)
    features = network(loud)
    assert features.shape == (1, network.features)
    torch.testing.assert_close(network(0.1 * loud), features, rtol=1e-3, atol=1e-3)
    assert not torch.allclose(network(other), features, rtol=1e-2, atol=1e-2)
    assert network(torch.zeros(2, 1, 1, 48_000)).isfinite().all()


@torch.no_grad()
def test_ten_seconds_are_nearly_the_mean_of_their_parts(network):
    whole = tones(9.0)
    parts = whole.unflatten(3, (3, -1)).squeeze(0).permute(2, 0, 1, 3).reshape(3, 1, 1, -1)
    length = network.musicnn.channels
    mean, found = network(parts)[:, :length].mean(dim=0), network(whole)[0, :length]
    assert torch.corrcoef(torch.stack([mean, found]))[0, 1] > 0.99


@torch.no_grad()
def test_tags_and_classes_are_probabilities(network):
    samples = tones(3)[0, 0]
    tags, classes = network.tags(samples), network.classes(samples)
    assert tags.shape == (1, 50) and classes.shape == (1, 521)
    for values in (tags, classes):
        assert ((values >= 0) & (values <= 1)).all()


def test_branches_take_their_own_weights(network):
    other = ThreeBranch()
    two_branch = TwoBranch().state_dict()
    other.load_weights(two_branch)
    assert torch.equal(other.harmony.norm.weight, two_branch["harmony.norm.weight"])
    assert not torch.equal(other.yamnet.to_classes.weight, network.yamnet.to_classes.weight)
    other.load_weights(network.state_dict())
    assert torch.equal(other.yamnet.to_classes.weight, network.yamnet.to_classes.weight)
    with pytest.raises(CheckpointError, match="another network"):
        other.load_weights({"a": torch.zeros(1)})


def test_other_settings_are_refused():
    with pytest.raises(ConfigError, match=r"three-branch needs audio\.n_fft = 512"):
        MusicEncoder("three-branch", 16, replace(WINDOWS, n_fft=1024))
    with pytest.raises(ConfigError, match="takes spectrograms"):
        MusicEncoder("resnet18", 16, WINDOWS)


@torch.no_grad()
def test_an_encoder_takes_what_its_frontend_makes():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = MusicEncoder("three-branch", 16, WINDOWS).eval()
    samples = tones(3)[0, 0].expand(2, -1)
    vectors = encoder(make_frontend(WINDOWS)(samples))
    assert vectors.shape == (2, 16)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
