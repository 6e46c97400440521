"""Backbones by name, and their first weights."""

from pathlib import Path
from typing import Protocol

from torch import Tensor

from va_space.errors import CheckpointError
from va_space.networks.efficientnet_lite import SIZES, EfficientNetLite
from va_space.networks.mobilenet import MobileNet
from va_space.networks.resnet import ResNet, imagenet_weights
from va_space.networks.two_branch import Listener
from va_space.networks.weights import read_weights


AND = " + "


class Backbone(Protocol):
    """A network whose first weights can come from a file.

    Attributes:
        features: Length of the pooled features.
    """

    @property
    def features(self) -> int:
        """See the attributes."""

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take weights; raises CheckpointError if they belong to another network."""


def make_backbone(name: str, channels: int = 3) -> EfficientNetLite | ResNet | MobileNet | Listener:
    """A backbone with random weights.

    Args:
        name: "efficientnet_lite0" to "2" or "mobilenet_v1_x025" for pictures, "listener" for music, or a ResNet
            of torchvision for either.
        channels: Input channels of a ResNet.

    Raises:
        ConfigError: There is none of that name.
    """
    if name in SIZES:
        return EfficientNetLite(name)
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
            a local ``.safetensors`` or ``.pth`` file, or of several joined by :data:`AND`, each for a part of
            the network. A classifier of pictures in it is ignored.
        name: Name of the backbone, to find its ImageNet weights.

    Raises:
        CheckpointError: The download or the file failed, or the file belongs to another network.
    """
    if weights == "none":
        return
    for part in weights.split(AND):
        try:
            backbone.load_weights(imagenet_weights(name) if part == "imagenet" else read_weights(Path(part)))
        except CheckpointError as error:
            raise CheckpointError(f"{part} as first weights of {name}: {error}") from error
