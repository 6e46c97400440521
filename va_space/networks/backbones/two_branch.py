"""A music encoder's backbone with two branches: a tagger for timbre, and a ResNet for harmony."""

import torch
from torch import Tensor, nn

from va_space.errors import ConfigError
from va_space.networks.backbone import Backbone
from va_space.networks.backbones import BACKBONES
from va_space.networks.backbones.torchvision import TorchvisionResNet
from va_space.networks.tagger import Tagger
from va_space.networks.weights import load_strictly

# Mean mel power of recordings as they are published, in dB: what the tagger learnt from.
_PUBLISHED_LEVEL = 13.0


@BACKBONES.register("two-branch")
class TwoBranch(Backbone):
    """A music tagger's first blocks on the mel channel, beside a ResNet18 on the semitone channel.

    Its input is the log power of :class:`va_space.media.mel.LogMel` with ``semitones``: 96 mel bands and 96
    semitones, 16 ms apart.

    Args:
        variant: Nothing: there is one.
        channels: 2: mel bands and semitones.

    Attributes:
        features: Length of the pooled features.
        tagger: The branch for timbre.
        harmony: The branch for harmony.
    """

    features = 512 + 512
    FRAMES_APART = 4  # a semitone's Fourier frame is so long that every fourth is enough

    def __init__(self, variant: str = "", channels: int = 2) -> None:
        super().__init__()
        if variant or channels != 2:
            raise ConfigError("two-branch takes mel bands and semitones: set model.audio.semitones = true")
        self.tagger = Tagger()
        self.harmony = Harmony()

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, 2, 96, frames) to (N, 1024): features of both branches."""
        decibels = 10 * inputs[:, :1] + _PUBLISHED_LEVEL
        semitones = inputs[:, 1:, :, :: self.FRAMES_APART]
        return torch.cat([self.tagger(decibels), self.harmony(semitones)], dim=1)

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take the weights of both branches, or those of a tagger alone.

        Raises:
            CheckpointError: They belong to another network.
        """
        if any(key.startswith("harmony.") for key in state):
            load_strictly(self, state)
        else:
            self.tagger.load_weights(state)


class Harmony(nn.Module):
    """A ResNet18 on semitones, 64 ms apart."""

    features = 512

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.resnet = TorchvisionResNet("resnet18", channels=1)

    def forward(self, semitones: Tensor) -> Tensor:
        """Log power, (N, 1, 96, frames), to features (N, 512)."""
        return self.resnet(self.norm(semitones))
