"""ResNets of torchvision, without their classifier."""

from collections.abc import Callable

from torch import Tensor, nn

from va_space.errors import CheckpointError, ConfigError
from va_space.networks.backbone import Backbone
from va_space.networks.backbones import BACKBONES
from va_space.networks.weights import load_strictly


@BACKBONES.register("torchvision")
class TorchvisionResNet(Backbone):
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
            others = ", ".join(family for family in BACKBONES if family != "torchvision")
            raise ConfigError(
                f"torchvision has no ResNet {name!r}; it has 'resnet18', 'resnet50', ... "
                f"Other backbones: {others} (any network of timm as 'timm:NAME')"
            )
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
        self.name, self.network = name, network

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, channels, H, W) to pooled features (N, features)."""
        return self.network(inputs)

    def maps(self, inputs: Tensor) -> list[Tensor]:
        """Feature maps of the four stages, each (N, channels of the stage, h, w)."""
        return self._each_stage(inputs, lambda found: found)

    def stages(self, inputs: Tensor) -> list[Tensor]:
        """Pooled features of the four stages, each (N, channels of the stage)."""
        return self._each_stage(inputs, lambda found: found.mean(dim=(2, 3)))

    def _each_stage(self, inputs: Tensor, keep: Callable[[Tensor], Tensor]) -> list[Tensor]:
        """What is kept of each stage's map; the map itself is let go, so that one is held at a time."""
        network = self.network
        x = network.maxpool(network.relu(network.bn1(network.conv1(inputs))))
        kept = []
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            x = stage(x)
            kept.append(keep(x))
        return kept

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take weights with the names of torchvision's state dict; the classifier is ignored.

        The first convolution of a one-channel network takes the sum over input channels.

        Raises:
            CheckpointError: They belong to another network.
        """
        state = {
            key.removeprefix("network."): value for key, value in state.items() if not key.startswith("fc.")
        }
        first = state.get("conv1.weight")
        if first is not None and first.shape[1] != self.network.conv1.in_channels == 1:
            state["conv1.weight"] = first.sum(dim=1, keepdim=True)
        load_strictly(self.network, state)

    def load_pretrained(self) -> None:
        """Download torchvision's default weights and take them.

        Raises:
            CheckpointError: They could not be downloaded.
        """
        self.load_weights(imagenet_weights(self.name))


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
