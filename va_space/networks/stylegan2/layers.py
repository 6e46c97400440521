"""Layers of StyleGAN2's generator and discriminator; parameters are named as in public checkpoints.

After Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020) and "Training Generative
Adversarial Networks with Limited Data" (2020).
"""

import math
from typing import Literal

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from va_space.networks.stylegan2.frozen import FrozenLayer
from va_space.networks.stylegan2.operations import (
    EPSILON,
    GAIN,
    SLOPE,
    activate,
    blur,
    convolution,
    modulated_convolution,
    resample_filter,
    upsample,
)

Noise = Literal["const", "random", "none"] | Tensor


class FullyConnected(nn.Module):
    """Linear layer whose weights are scaled at run time, so that all learn at the same speed.

    Args:
        inputs: Numbers in.
        outputs: Numbers out.
        activation: Whether a leaky ReLU follows.
        learning_rate: Factor on the learning speed of this layer.
        bias: Value that the bias starts with.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        activation: bool = False,
        learning_rate: float = 1.0,
        bias: float = 0.0,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / learning_rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / learning_rate))
        self.activation, self.learning_rate = activation, learning_rate

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs) to (n, outputs)."""
        scale = self.learning_rate / math.sqrt(self.weight.shape[1])
        x = torch.addmm(self.bias * self.learning_rate, x, self.weight.T, alpha=scale)
        return activate(x) if self.activation else x


class Convolution(nn.Module):
    """Convolution with weights scaled at run time, with optional resampling by a factor of two.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        size: Side of the kernel.
        bias: Whether there is a bias.
        activation: Whether a leaky ReLU follows.
        up: Whether the result has twice the size.
        down: Whether the result has half the size.
        gain: Multiplies the result.
        clamp: Largest absolute value of the result before the gain; None for no limit.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int,
        *,
        bias: bool = True,
        activation: bool = False,
        up: bool = False,
        down: bool = False,
        gain: float = 1.0,
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.register_buffer("resample_filter", resample_filter())
        self.activation, self.up, self.down, self.gain, self.clamp = activation, up, down, gain, clamp

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h, w), or twice or half that size."""
        size = self.weight.shape[2]
        gain = 1.0 if self.activation else self.gain
        weight = self.weight * (gain / math.sqrt(self.weight[0].numel()))
        if self.up:
            # A 1 x 1 kernel commutes with resampling, and is cheaper on the smaller side.
            x = upsample(functional.conv2d(x, weight)) if size == 1 else convolution(x, weight, up=True)
        elif self.down and size == 1:
            x = functional.conv2d(blur(x, 1, stride=2), weight)
        elif self.down:
            x = functional.conv2d(blur(x, 2), weight, stride=2)
        else:
            x = functional.conv2d(x, weight, padding=size // 2)
        if self.bias is not None:
            x = x + (self.bias if self.activation else self.bias * gain)[:, None, None]
        if self.activation:
            return activate(x, self.gain, self.clamp)
        return x if self.clamp is None else x.clamp(-self.clamp * gain, self.clamp * gain)


class SynthesisLayer(nn.Module):
    """Modulated convolution, noise, bias, leaky ReLU.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        w_dim: Numbers of a latent.
        resolution: Side of the result.
        up: Whether the input has half that side.
        clamp: Largest absolute value of the result before the gain; None for no limit.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        *,
        up: bool = False,
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.affine = FullyConnected(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.noise_const: Tensor
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.register_buffer("resample_filter", resample_filter())
        self.resolution, self.up, self.clamp = resolution, up, clamp
        self._kept: tuple[object, tuple[Tensor, Tensor]] | None = None

    def forward(
        self, x: Tensor, w: Tensor, noise: Noise, gain: float = 1.0, generator: Generator | None = None
    ) -> Tensor:
        """One layer.

        Args:
            x: (n, inputs, h, w).
            w: (n, w_dim).
            noise: "const", "random", "none", or a map (resolution, resolution) or (n, 1, resolution,
                resolution).
            gain: Multiplies the result.
            generator: Source of random noise; None for PyTorch's own.

        Returns:
            (n, outputs, resolution, resolution).
        """
        # A leaky ReLU passes a gain on: here it costs no pass over the pixels.
        gain *= GAIN
        styles, (weight, energy) = self.affine(w), self._prepared()
        factors = torch.rsqrt(styles.square() @ energy.T + EPSILON) * gain
        bias = self.bias * gain
        added = None
        if isinstance(noise, Tensor) or noise != "none":
            added = self._noise_map(noise, len(x), x.device, generator) * (self.noise_strength * gain)
        if self._is_frozen(x):
            y = FrozenLayer.apply(x, weight, styles, factors, bias, added, self.up)
        else:
            y = modulated_convolution(x, weight, styles, factors=factors, bias=bias, up=self.up)
            y = y if added is None else y.add_(added)
            y = functional.leaky_relu(y, SLOPE, inplace=True)
        return y if self.clamp is None else y.clamp(-self.clamp * gain / GAIN, self.clamp * gain / GAIN)

    def _is_frozen(self, x: Tensor) -> bool:
        """Whether there are gradients, though not for weights, and more pixels than weights."""
        own = (self.weight, self.bias, self.noise_strength)
        few = self.weight.numel() < x.numel() * (4 if self.up else 1)
        return len(x) == 1 and few and torch.is_grad_enabled() and not any(each.requires_grad for each in own)

    def _prepared(self) -> tuple[Tensor, Tensor]:
        """The weights as the convolution wants them in memory, and their energy (out, in).

        Kept for as long as the weights stay as they are, since each costs a pass over all of them. (PyTorch
        counts changes in place; those made behind its back, through ``weight.data``, are not seen.)
        """
        weight = self.weight
        if (torch.is_grad_enabled() and weight.requires_grad) or weight.is_inference():
            return weight, weight.square().sum(dim=(2, 3))
        state = (weight.data_ptr(), weight._version, weight.dtype)
        if self._kept is None or self._kept[0] != state:
            # What is kept must serve later calls with gradients, too, which inference tensors cannot.
            with torch.inference_mode(False), torch.no_grad():
                energy = weight.square().sum(dim=(2, 3))
                self._kept = state, (self._ordered(weight.detach()), energy)
        return self._kept[1]

    def order_weights(self) -> None:
        """Lay the weights out in memory as the convolution wants them, so that no second copy is kept."""
        self.weight.data = self._ordered(self.weight.data)

    def _ordered(self, weight: Tensor) -> Tensor:
        if not self.up:
            return weight.contiguous(memory_format=torch.channels_last)
        return weight.transpose(0, 1).contiguous(memory_format=torch.channels_last).transpose(0, 1)

    def _noise_map(
        self, noise: Noise, count: int, device: torch.device, generator: Generator | None
    ) -> Tensor:
        if isinstance(noise, Tensor):
            return noise
        if noise == "const":
            return self.noise_const
        return torch.randn(count, 1, self.resolution, self.resolution, device=device, generator=generator)


class ToRGB(nn.Module):
    """Modulated 1 x 1 convolution to the picture's channels.

    Args:
        inputs: Channels in.
        outputs: Channels of the picture.
        w_dim: Numbers of a latent.
        clamp: Largest absolute value of the result; None for no limit.
    """

    def __init__(self, inputs: int, outputs: int, w_dim: int, *, clamp: float | None = None) -> None:
        super().__init__()
        self.affine = FullyConnected(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.clamp = clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """(n, inputs, h, w) and (n, w_dim) to (n, outputs, h, w)."""
        styles = self.affine(w) / math.sqrt(self.weight.shape[1])
        y = modulated_convolution(x, self.weight, styles, bias=self.bias)
        return y if self.clamp is None else y.clamp(-self.clamp, self.clamp)
