"""EfficientNet-Lite: TensorFlow's padding, the published widths, and checkpoints with folded batch norms."""

import math
import os
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from va_space.errors import CheckpointError
from va_space.networks.backbones import load_initial_weights, make_backbone
from va_space.networks.backbones.efficientnet_lite import MEAN, STD, EfficientNetLite
from va_space.networks.same_conv import SameConv, same_padding


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return EfficientNetLite("0").eval()


@pytest.mark.parametrize("size", [7, 8, 13, 224])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_same_padding_is_tensorflows(size, kernel, stride):
    before, after = same_padding(size, kernel, stride)
    assert after - before in (0, 1)
    assert (size + before + after - kernel) // stride + 1 == math.ceil(size / stride)
    if stride == 2 and size % 2 == 0 and kernel == 3:
        assert (before, after) == (0, 1)  # right and bottom only


def test_a_convolution_equals_one_on_padded_input():
    conv = SameConv(3, 4, 5, 2)
    x = torch.randn(2, 3, 9, 12)
    padded = functional.pad(x, (*same_padding(12, 5, 2), *same_padding(9, 5, 2)))
    expected = functional.conv2d(padded, conv.weight, conv.bias, stride=2)
    torch.testing.assert_close(conv(x), expected)
    assert expected.shape == (2, 4, 5, 6)


@pytest.mark.parametrize(
    ("name", "parameters", "features"),
    [("efficientnet-lite:0", 2_939_120, 112 + 192 + 320), ("efficientnet-lite:2", 4_330_184, 120 + 208 + 352)],
)
def test_published_sizes(name, parameters, features):
    network = make_backbone(name)
    # Published: 4.65 and 6.09 million, with a 1x1 convolution to 1,280 and a classifier of 1,000.
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert network.features == features


@torch.no_grad()
def test_features_are_means_of_the_last_three_stages(network):
    images = torch.randn(2, 3, 64, 48)
    x = functional.relu6(network.stem(images))
    means = []
    for stage in network.blocks:
        x = stage(x)
        means.append(x.mean(dim=(2, 3)))
    torch.testing.assert_close(network(images), torch.cat(means[4:], dim=1))


def published(network: EfficientNetLite) -> dict[str, torch.Tensor]:
    """The network's weights under the short names of checkpoints, with a classifier."""
    state = {"head.w": torch.zeros(1), "fc.b": torch.zeros(1)}
    number = 0
    for stage in network.blocks:
        for block in stage:
            for name, value in block.state_dict().items():
                layer, kind = name.split(".")
                state[f"b{number}.{layer}.{kind[0]}"] = value.half()
            number += 1
    return state | {f"stem.{key[0]}": value.half() for key, value in network.stem.state_dict().items()}


@torch.no_grad()
def test_checkpoints_with_folded_norms_are_taken(network):
    other = EfficientNetLite("0").eval()
    other.load_weights(published(network))
    images = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(other(images), network(images), rtol=0.02, atol=0.02)
    again = EfficientNetLite("0").eval()
    again.load_weights(network.state_dict())
    torch.testing.assert_close(again(images), network(images))


def test_checkpoints_of_another_size_are_refused(network):
    with pytest.raises(CheckpointError, match="another network"):
        EfficientNetLite("2").load_weights(published(network))


@torch.no_grad()
def test_published_weights_know_what_looks_alike(published_weights):
    from va_space.media.pictures import load_picture, picture_to_tensor

    network = make_backbone("efficientnet-lite:2").eval()
    load_initial_weights(network, str(published_weights / "efficientnet_lite2.fp16.safetensors"), "lite2")
    themes = ["Acorns 1", "Acorns 2", "Fire 1", "Fire 2"]
    paths = [Path(os.environ["VA_SPACE_DATA"]) / "oasis" / "images" / f"{theme}.jpg" for theme in themes]
    if not all(path.is_file() for path in paths):
        pytest.skip("some of the pictures are not here")
    pictures = torch.stack([picture_to_tensor(load_picture(path, min_side=160), 160) for path in paths])
    features = functional.normalize(network((pictures.float() / 255 - MEAN) / STD), dim=1)
    cosine = features @ features.T
    assert cosine[0, 1] > cosine[0, 2:].max()
    assert cosine[2, 3] > cosine[2, :2].max()
