"""StyleGAN2's discriminator: the residual one of the paper, unconditional."""

import math

import torch
from torch import Tensor, nn

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.layers import Convolution, FullyConnected

_GROUP = 4


class DiscriminatorBlock(nn.Module):
    """Two convolutions and a shortcut, to half the resolution.

    Args:
        config: Of the generator.
        resolution: Side of the input.
    """

    def __init__(self, config: StyleGAN2Config, resolution: int) -> None:
        super().__init__()
        inputs, outputs = config.channels(resolution), config.channels(resolution // 2)
        first = resolution == config.resolution
        self.fromrgb = Convolution(config.img_channels, inputs, 1, activation=True) if first else None
        self.conv0 = Convolution(inputs, inputs, 3, activation=True)
        self.conv1 = Convolution(inputs, outputs, 3, activation=True, down=True, gain=math.sqrt(0.5))
        self.skip = Convolution(inputs, outputs, 1, bias=False, down=True, gain=math.sqrt(0.5))

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, r, r), for the first block the picture, to (n, channels', r / 2, r / 2)."""
        if self.fromrgb is not None:
            x = self.fromrgb(x)
        return self.skip(x) + self.conv1(self.conv0(x))


class DiscriminatorEpilogue(nn.Module):
    """From 4 x 4 pixels to one number, with one channel that says how much the batch varies."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        channels = config.channels(4)
        self.conv = Convolution(channels + 1, channels, 3, activation=True)
        self.fc = FullyConnected(channels * 16, channels, activation=True)
        self.out = FullyConnected(channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, 4, 4) to (n,)."""
        x = torch.cat([x, minibatch_deviation(x)], dim=1)
        return self.out(self.fc(self.conv(x).flatten(1)))[:, 0]


class Discriminator(nn.Module):
    """Tells pictures from generated ones.

    Args:
        config: Of the generator that it judges.
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.resolutions = config.resolutions[:0:-1]
        for resolution in self.resolutions:
            setattr(self, f"b{resolution}", DiscriminatorBlock(config, resolution))
        self.b4 = DiscriminatorEpilogue(config)

    def forward(self, pictures: Tensor) -> Tensor:
        """(n, channels, resolution, resolution) in [-1, 1] to (n,): positive where they look real."""
        x = pictures
        for resolution in self.resolutions:
            x = getattr(self, f"b{resolution}")(x)
        return self.b4(x)


def minibatch_deviation(x: Tensor) -> Tensor:
    """Mean standard deviation over groups of the batch (Karras et al. 2018, section 3).

    Args:
        x: (n, c, h, w). The groups have four pictures where n allows it, else n.

    Returns:
        (n, 1, h, w), the same number everywhere in a picture.

    Example:
        >>> minibatch_deviation(torch.ones(4, 3, 2, 2)).shape
        torch.Size([4, 1, 2, 2])
    """
    count, _, height, width = x.shape
    group = _GROUP if count % _GROUP == 0 else count
    grouped = x.reshape(group, -1, *x.shape[1:])
    deviation = (grouped.var(dim=0, correction=0) + 1e-8).sqrt().mean(dim=(1, 2, 3))
    return deviation.repeat(group)[:, None, None, None].expand(-1, 1, height, width)
