"""Backbones by name, and their first weights."""

from pathlib import Path

from va_space.errors import CheckpointError
from va_space.networks.mobilenet import MobileNet
from va_space.networks.resnet import ResNet, imagenet_weights
from va_space.networks.two_branch import Listener, Tagger
from va_space.networks.weights import read_weights

Backbone = ResNet | MobileNet | Listener | Tagger


def make_backbone(name: str, channels: int = 3) -> ResNet | MobileNet | Listener:
    """A backbone with random weights.

    Args:
        name: "mobilenet_v1_x025" for pictures, "listener" for music, or a ResNet of torchvision for either.
        channels: Input channels of a ResNet.

    Raises:
        ConfigError: There is none of that name.
    """
    if name == "mobilenet_v1_x025":
        return MobileNet()
    if name == "listener":
        return Listener()
    return ResNet(name, channels)


def load_initial_weights(backbone: Backbone, weights: str, name: str) -> None:
    """Fill a backbone in place before training.

    Args:
        backbone: The network to fill.
        weights: "none" (stay random), "imagenet" (torchvision's default weights, downloaded), or the path of
            a local ``.safetensors`` or ``.pth`` file. A classifier in it is ignored.
        name: Name of the backbone, to find its ImageNet weights.

    Raises:
        CheckpointError: The download or the file failed, or the file belongs to another network.
    """
    if weights == "none":
        return
    try:
        backbone.load_weights(
            imagenet_weights(name) if weights == "imagenet" else read_weights(Path(weights))
        )
    except CheckpointError as error:
        raise CheckpointError(f"{weights} as first weights of {name}: {error}") from error
