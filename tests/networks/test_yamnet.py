"""YAMNet's shape, its published names, its classes."""

import pytest
import torch
from torch.nn import functional

from va_space.errors import CheckpointError
from va_space.networks.yamnet import CLASSES, YAMNet, class_names


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return YAMNet().eval()


@torch.no_grad()
def test_layers_have_their_published_shapes_and_features_are_two_of_them(network):
    patches = torch.randn(2, 96, 64)
    x = functional.relu(network.first(patches[:, None]))
    shapes, means = [tuple(x.shape[1:])], {}
    for layer, block in enumerate(network.blocks, start=2):
        x = block(x)
        shapes.append(tuple(x.shape[1:]))
        means[layer] = x.mean(dim=(2, 3))
    assert shapes[0] == (32, 48, 32)
    assert shapes[2] == (128, 24, 16)  # layer 3
    assert shapes[7] == (512, 6, 4)  # layer 8
    assert shapes[13] == (1024, 3, 2)  # layer 14
    torch.testing.assert_close(network.middle(patches), torch.cat([means[8], means[12]], dim=1))
    assert network(patches).shape == (2, CLASSES)
    # Published: 3.7 million weights.
    assert sum(parameter.numel() for parameter in network.parameters()) == pytest.approx(3.75e6, rel=0.02)


@torch.no_grad()
def test_published_names_are_taken_and_others_refused(network):
    state = {"mel": torch.zeros(64, 257)}
    for key, value in network.state_dict().items():
        place, _, kind = key.rpartition(".")
        head, _, rest = place.partition(".")
        if head == "blocks":
            number, part = rest.split(".")
            place = f"layer{int(number) + 2}.{part}"
        else:
            place = {"first": "layer1", "to_classes": "fc"}[place]
        state[f"{place}.{kind[0]}"] = value
    other = YAMNet().eval()
    other.load_weights(state)
    patches = torch.randn(1, 96, 64)
    torch.testing.assert_close(other(patches), network(patches))
    state["layer15.dw.w"] = torch.zeros(1)
    with pytest.raises(CheckpointError, match="another network"):
        YAMNet().load_weights(state)


def test_classes_have_names():
    names = class_names()
    assert len(names) == len(set(names)) == CLASSES
    assert {"Speech", "Music", "Guitar"} <= set(names)
