"""MusiCNN against a literal reading of its description, and its published weights against genres."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from va_space.errors import CheckpointError
from va_space.networks.musicnn import TAGS, MusiCNN, ScaleShift, count_segments


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = MusiCNN().eval()
        for module in network.modules():
            if isinstance(module, ScaleShift):  # scales of both signs, as published
                nn.init.normal_(module.scale)
                nn.init.normal_(module.shift)
        return network


def norm(x, state, name, axes=1):
    shape = (-1, *[1] * (axes - 1))
    return x * state[f"{name}.scale"].view(shape) + state[f"{name}.shift"].view(shape)


@torch.no_grad()
def literal(network: MusiCNN, spectrograms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pooled features before their norm, and tags, of whole spectrograms (N, T, 96), step by step."""
    s = network.state_dict()
    x = norm(spectrograms, s, "norm")[:, None]
    front = []
    for branch, pads in enumerate(((3, 3), (3, 3), (63, 64), (31, 32), (15, 16))):
        y = functional.conv2d(
            functional.pad(x, (0, 0, *pads)), s[f"front.{branch}.weight"], s[f"front.{branch}.bias"]
        )
        front.append(norm(y.relu(), s, f"front_norm.{branch}", 3).amax(dim=3))
    f = torch.cat(front, dim=1)

    def middle(number, z):
        z = functional.conv1d(z, s[f"middle.{number}.weight"], s[f"middle.{number}.bias"], padding=3)
        return norm(z.relu(), s, f"middle_norm.{number}", 2)

    a = middle(0, f)
    b = a + middle(1, a)
    c = b + middle(2, b)
    m = torch.cat([f, a, b, c], dim=1)
    pooled = torch.stack([m.amax(dim=2), m.mean(dim=2)], dim=2).flatten(1)
    e = norm(pooled, s, "pooled_norm") @ s["to_embedding.weight"].T + s["to_embedding.bias"]
    tags = norm(e.relu(), s, "embedding_norm") @ s["to_tags.weight"].T + s["to_tags.bias"]
    return pooled, tags.sigmoid()


@torch.no_grad()
def test_the_network_is_what_its_description_says(network):
    spectrograms = torch.rand(2, 187, 96)
    pooled, tags = literal(network, spectrograms)
    torch.testing.assert_close(network.pool(network.over_time(spectrograms), 1)[:, 0], pooled)
    torch.testing.assert_close(network(spectrograms), tags)
    assert tags.shape == (2, len(TAGS)) == (2, 50)


@torch.no_grad()
def test_half_the_precision_changes_little_whatever_the_memory_format(network):
    spectrograms = torch.rand(2, 187, 96)
    exact = network.over_time(spectrograms)
    with torch.autocast("cpu", torch.bfloat16):
        fast = network.over_time(spectrograms)
    assert fast.shape == exact.shape
    assert (fast.float() - exact).norm() < 0.02 * exact.norm()
    network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(network.over_time(spectrograms), exact)
    network.to(memory_format=torch.contiguous_format)


@torch.no_grad()
def test_longer_sound_is_pooled_in_segments_of_three_seconds(network):
    over_time = network.over_time(torch.rand(1, 626, 96))
    pooled = network.pool(over_time, count_segments(626))
    assert pooled.shape == (1, 3, 1506)
    torch.testing.assert_close(pooled[0, 1, 1::2], over_time[0, :, 209:418].mean(dim=1))
    torch.testing.assert_close(pooled[0, :, 0::2].amax(dim=0), over_time[0].amax(dim=1))


def test_tags_are_distinct():
    assert len(set(TAGS)) == 50
    assert {"rock", "House", "female vocalists"} <= set(TAGS)


@torch.no_grad()
def test_published_names_are_taken_and_others_refused(network):
    places = {"norm": "bn0", "pooled_norm": "bn9", "embedding_norm": "bn10", "to_embedding": "d0"}
    places |= {"to_tags": "d1"} | {f"front.{i}": f"c{i}" for i in range(5)}
    places |= {f"middle.{i}": f"c{5 + i}" for i in range(3)} | {
        f"front_norm.{i}": f"bn{1 + i}" for i in range(5)
    }
    places |= {f"middle_norm.{i}": f"bn{6 + i}" for i in range(3)}
    kinds = {"weight": "w", "bias": "b", "scale": "s", "shift": "t"}
    state = {}
    for key, value in network.state_dict().items():
        place, _, kind = key.rpartition(".")
        state[f"{places[place]}.{kinds[kind]}"] = value
    other = MusiCNN().eval()
    other.load_weights(state)
    spectrograms = torch.rand(1, 187, 96)
    torch.testing.assert_close(other(spectrograms), network(spectrograms))
    state.pop("bn3.s")
    with pytest.raises(CheckpointError, match="another network"):
        MusiCNN().load_weights(state)
