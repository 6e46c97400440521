"""Conditional adversarial networks between sounds and pictures (Chen, Srivastava, Duan and Xu 2017).

The paper's idea in a small and stable form: an encoder of the one side gives the condition, a generator makes
the other side from it and from noise, a discriminator judges pairs. Both sides are square maps: pictures of
three channels, log-mel patches of one. In place of the paper's concatenation the discriminator projects
(Miyato and Koyama 2018) and also names the class (Odena et al. 2017).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.stylegan2.discriminator import minibatch_deviation

_SMALLEST = 4  # side of the maps between convolutions and vectors
_WIDEST = 8  # times the channels of the finest map
_SLOPE = 0.2


def widths(size: int, channels: int) -> list[int]:
    """Channels of the maps of sides size / 2, size / 4, ..., 4.

    Args:
        size: Side of the pictures or patches: 8, 16, 32, ...
        channels: Of the finest map.

    Raises:
        ValueError: The side is no such power of two.

    Example:
        >>> widths(64, 32)
        [32, 64, 128, 256]
    """
    halvings = round(math.log2(size / _SMALLEST)) if size >= 2 * _SMALLEST else 0
    if halvings < 1 or size != _SMALLEST * 2**halvings:
        raise ValueError(f"a side of {size} is not 8, 16, 32, ...")
    return [channels * min(2**level, _WIDEST) for level in range(halvings)]


class Encoder(nn.Module):
    """Pictures or patches to features, and to classes.

    Args:
        inputs: Channels of the input: 3 for pictures, 1 for patches.
        size: Side of the input.
        classes: Number of classes.
        features: Length of the features.
        channels: Of the finest map.

    Example:
        >>> Encoder(1, 32, classes=5, features=16, channels=8)(torch.zeros(2, 1, 32, 32)).shape
        torch.Size([2, 16])
    """

    def __init__(self, inputs: int, size: int, classes: int, features: int = 64, channels: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for outputs in widths(size, channels):
            layers += [
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
            inputs = outputs
        self.maps = nn.Sequential(*layers)
        self.features = nn.Linear(2 * inputs, features)
        self.classes = nn.Linear(features, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, channels, size, size) in [-1, 1] to (n, features), each row of mean square 1."""
        maps = self.maps(inputs)
        pooled = torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)
        return unit_power(self.features(pooled))


class Generator(nn.Module):
    """Noise and a condition to a picture or patch; both enter at every resolution, by conditional batch norm.

    Args:
        outputs: Channels of what is made.
        size: Its side.
        condition: Length of the condition.
        latent: Numbers of noise; 0 makes it a decoder.
        channels: Of the finest map.

    Example:
        >>> network = Generator(3, 32, condition=16, latent=8, channels=8).eval()
        >>> network(torch.zeros(2, 8), torch.zeros(2, 16)).shape
        torch.Size([2, 3, 32, 32])
    """

    def __init__(self, outputs: int, size: int, condition: int, latent: int = 64, channels: int = 32) -> None:
        super().__init__()
        embedded, (*finer, first) = max(latent, 64), widths(size, channels)
        self.latent, self.first = latent, first
        self.embed = nn.Linear(condition, embedded)
        style = embedded + latent
        self.start = nn.Linear(style, first * _SMALLEST**2)
        sides = [first, *finer[::-1]]
        self.norms = nn.ModuleList(StyledNorm(each, style) for each in sides)
        self.ups = nn.ModuleList(
            nn.Conv2d(each, below, 3, padding=1)
            for each, below in zip(sides, [*sides[1:], outputs], strict=True)
        )

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """(n, latent) normal numbers and (n, condition) to (n, outputs, size, size) in [-1, 1]."""
        style = torch.cat([z, unit_power(self.embed(condition))], dim=1)
        x = self.start(style).view(-1, self.first, _SMALLEST, _SMALLEST)
        for norm, up in zip(self.norms, self.ups, strict=True):
            # A transposed convolution would leave a chequered pattern.
            x = up(functional.interpolate(functional.leaky_relu(norm(x, style), _SLOPE), scale_factor=2.0))
        return torch.tanh(x)


class StyledNorm(nn.Module):
    """Batch norm whose scale and shift come from a vector (Dumoulin et al. 2017)."""

    def __init__(self, channels: int, style: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.affine = nn.Linear(style, 2 * channels)
        nn.init.normal_(self.affine.weight, std=0.02)
        nn.init.zeros_(self.affine.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(n, channels, h, w) and (n, style) to (n, channels, h, w)."""
        scale, shift = self.affine(style)[:, :, None, None].chunk(2, dim=1)
        return torch.addcmul(shift, self.norm(x), 1 + scale)


class Discriminator(nn.Module):
    """How real a pair of a condition and a picture or patch is, and which class the latter shows.

    Args:
        inputs: Channels of what is judged.
        size: Its side.
        condition: Length of the condition.
        classes: Number of classes.
        channels: Of the finest map.

    Example:
        >>> network = Discriminator(3, 32, condition=16, classes=5, channels=8)
        >>> features = network(torch.zeros(4, 3, 32, 32))
        >>> network.judge(features, torch.zeros(4, 16)).shape, network.classes(features).shape
        (torch.Size([4]), torch.Size([4, 5]))
    """

    def __init__(self, inputs: int, size: int, condition: int, classes: int, channels: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for outputs in widths(size, channels):
            layers += [nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.LeakyReLU(_SLOPE)]
            inputs = outputs
        self.maps = nn.Sequential(*layers)
        features = inputs
        self.features = nn.Linear((inputs + 1) * _SMALLEST**2, features)
        self.real = nn.Linear(features, 1)
        self.project = nn.Linear(condition, features, bias=False)
        self.classes = nn.Linear(features, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, inputs, size, size) in [-1, 1] to (n, features)."""
        maps = self.maps(inputs)
        maps = torch.cat([maps, minibatch_deviation(maps)], dim=1)
        return functional.leaky_relu(self.features(maps.flatten(1)), _SLOPE)

    def judge(self, features: Tensor, condition: Tensor) -> Tensor:
        """(n, features) and (n, condition) to (n,): positive where the pair is taken for real."""
        fits = (features * self.project(condition)).sum(dim=1) / math.sqrt(features.shape[1])
        return self.real(features)[:, 0] + fits


def unit_power(x: Tensor) -> Tensor:
    """Rows (n, d) scaled to a mean square of 1."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)
