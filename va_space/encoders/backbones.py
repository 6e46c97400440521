"""torchvision ResNets without their classifier, and where their first weights come from."""

from pathlib import Path

import torch
from torch import Tensor, nn

from va_space.errors import CheckpointError, ConfigError


class Backbone(nn.Module):
    """A torchvision ResNet up to its global average pooling.

    Args:
        name: "resnet18", "resnet50", or any other ResNet of torchvision.
        channels: Input channels.

    Raises:
        ConfigError: torchvision has no ResNet of that name.
    """

    def __init__(self, name: str, channels: int = 3) -> None:
        super().__init__()
        from torchvision import models

        if name not in models.list_models(module=models, include="*resn*"):
            raise ConfigError(f"torchvision has no ResNet {name!r}; it has 'resnet18', 'resnet50', ...")
        network = models.get_model(name, weights=None)
        self.features = network.fc.in_features
        if channels != 3:
            first = network.conv1
            network.conv1 = nn.Conv2d(
                channels,
                first.out_channels,
                kernel_size=first.kernel_size,
                stride=first.stride,
                padding=first.padding,
                bias=False,
            )
            nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
        network.fc = nn.Identity()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """(N, channels, H, W) to pooled features (N, features)."""
        return self.network(images)

    def stages(self, images: Tensor) -> list[Tensor]:
        """Pooled features of the four stages, each (N, channels of the stage)."""
        network = self.network
        x = network.maxpool(network.relu(network.bn1(network.conv1(images))))
        pooled = []
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            x = stage(x)
            pooled.append(x.mean(dim=(2, 3)))
        return pooled


def load_initial_weights(backbone: Backbone, weights: str, name: str) -> None:
    """Fill a backbone in place before training.

    Args:
        backbone: The network to fill.
        weights: "none" (stay random), "imagenet" (torchvision's default weights, downloaded), or the path of
            a local ``.safetensors`` or ``.pth`` file with the names of torchvision's state dict. The
            classifier is ignored. The first convolution of a one-channel backbone takes the sum over
            input channels.
        name: Name of the ResNet, to find its ImageNet weights.

    Raises:
        CheckpointError: The download or the file failed, or the file belongs to another network.
    """
    if weights == "none":
        return
    state = imagenet_weights(name) if weights == "imagenet" else _local(Path(weights))
    state = {key.removeprefix("network."): value for key, value in state.items() if not key.startswith("fc.")}
    first = state.get("conv1.weight")
    if first is not None and first.shape[1] != backbone.network.conv1.in_channels == 1:
        state["conv1.weight"] = first.sum(dim=1, keepdim=True)
    try:
        backbone.network.load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(f"{weights} does not fit {name}: {error}") from error


def imagenet_weights(name: str) -> dict[str, Tensor]:
    """Default weights of one of torchvision's networks, its classifier included.

    Raises:
        CheckpointError: They could not be downloaded.
    """
    from torchvision import models

    try:
        return dict(models.get_model_weights(name)["DEFAULT"].get_state_dict(progress=False, check_hash=True))
    except (OSError, RuntimeError) as error:
        raise CheckpointError(
            f"the ImageNet weights of {name} could not be downloaded ({error}). Download them elsewhere and "
            "give the local file instead of 'imagenet', or 'none' to start from random weights"
        ) from error


def _local(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read as weights ({error})") from error
    except Exception as error:  # weights_only refuses foreign pickles with pickle.UnpicklingError
        raise CheckpointError(f"{path}: refused, it holds more than tensors ({error})") from error
