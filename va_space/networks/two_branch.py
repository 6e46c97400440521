"""A backbone for music with two ears: one for sound, which has heard real recordings, and one for harmony."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.resnet import ResNet
from va_space.networks.weights import load_strictly

# Mean mel power of recordings as they are published, in dB: what the tagger learnt from.
_PUBLISHED_LEVEL = 13.0


class Listener(nn.Module):
    """A music tagger's first blocks on the mel channel, beside a ResNet18 on the semitone channel.

    Its input is the log power of :class:`va_space.media.mel.LogMel` with ``semitones``: 96 mel bands and 96
    semitones, 16 ms apart.

    Attributes:
        features: Length of the pooled features.
        tagger: The ear for sound.
        harmony: The ear for harmony.
    """

    features = 512 + 512
    FRAMES_APART = 4  # a semitone's Fourier frame is so long that every fourth is enough

    def __init__(self) -> None:
        super().__init__()
        self.tagger = Tagger()
        self.harmony = Harmony()

    def forward(self, spectrograms: Tensor) -> Tensor:
        """(N, 2, 96, frames) to (N, 1024): features of both ears."""
        decibels = 10 * spectrograms[:, :1] + _PUBLISHED_LEVEL
        semitones = spectrograms[:, 1:, :, :: self.FRAMES_APART]
        return torch.cat([self.tagger(decibels), self.harmony(semitones)], dim=1)

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take the weights of both ears, or those of a tagger alone.

        Raises:
            CheckpointError: They belong to another network.
        """
        if any(key.startswith("harmony.") for key in state):
            load_strictly(self, state)
        else:
            self.tagger.load_weights(state)


class Tagger(nn.Module):
    """The first blocks of a fully convolutional music tagger (Choi et al. 2016): what 10 s suffice for."""

    features = 512

    def __init__(self) -> None:
        super().__init__()
        self.spec_bn = nn.BatchNorm2d(1)
        self.layer1 = _TaggerBlock(1, 64, (2, 4))
        self.layer2 = _TaggerBlock(64, 128, (2, 4))
        self.layer3 = _TaggerBlock(128, 128, (2, 4))
        self.layer4 = _TaggerBlock(128, 128, (3, 5))

    def forward(self, decibels: Tensor) -> Tensor:
        """Mel power in dB, (N, 1, 96, frames), at least 320 frames, to features (N, 512).

        These are the means and the maxima over time and frequency of the third and fourth block.
        """
        third = self.layer3(self.layer2(self.layer1(self.spec_bn(decibels))))
        fourth = self.layer4(third)
        return torch.cat(
            [pool for x in (third, fourth) for pool in (x.mean(dim=(2, 3)), x.amax(dim=(2, 3)))], dim=1
        )

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take the weights of the whole tagger; its later layers are ignored.

        Raises:
            CheckpointError: They belong to another network.
        """
        kept = ("spec_bn.", "layer1.", "layer2.", "layer3.", "layer4.")
        load_strictly(self, {key: value for key, value in state.items() if key.startswith(kept)})


class _TaggerBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, pool: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.bn = nn.BatchNorm2d(outputs)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(functional.relu(self.bn(self.conv(x))), self.pool)


class Harmony(nn.Module):
    """A ResNet18 on semitones, 64 ms apart."""

    features = 512

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.resnet = ResNet("resnet18", channels=1)

    def forward(self, semitones: Tensor) -> Tensor:
        """Log power, (N, 1, 96, frames), to features (N, 512)."""
        return self.resnet(self.norm(semitones))
