"""What a backbone is: the part of an encoder that turns pixels or spectrograms into features."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from va_space.errors import CheckpointError, ConfigError
from va_space.networks.weights import load_strictly

RGB = tuple[float, float, float]


class Backbone(nn.Module, ABC):
    """Pixels or spectrograms to pooled features.

    A subclass is made with the part of its name after the colon ("" if there is none) and the number of input
    channels, and sets :attr:`features`.

    Attributes:
        features: Length of the pooled features.
    """

    features: int

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """(N, channels, H, W) to pooled features (N, features)."""

    def maps(self, inputs: Tensor) -> list[Tensor]:
        """Feature maps of each stage, first to last, each (N, channels of the stage, h, w).

        Raises:
            ConfigError: The network has none.
        """
        raise ConfigError(f"{type(self).__name__} has no feature maps")

    def stages(self, inputs: Tensor) -> list[Tensor]:
        """Pooled features of each stage, first to last, each (N, channels of the stage)."""
        return [self(inputs)]

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take weights with the names of this network; a classifier among them is left out.

        Raises:
            CheckpointError: They belong to another network.
        """
        load_strictly(self, state)

    def load_pretrained(self) -> None:
        """Download the weights that its makers published, trained on ImageNet, and take them.

        Raises:
            CheckpointError: There are none, or they could not be downloaded.
        """
        raise CheckpointError(
            f"{type(self).__name__} has no weights to download; give a file, or 'none' to start from random "
            "weights"
        )

    @classmethod
    def pretrained_statistics(cls, variant: str) -> tuple[RGB, RGB] | None:
        """Mean and deviation of RGB in [0, 1] that the published weights were trained with.

        None: those of ImageNet, which are the default of every model.
        """
        return None
