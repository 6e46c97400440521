"""What StyleGAN2's layers compute, in plain PyTorch.

After Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

SLOPE = 0.2
GAIN = math.sqrt(2)  # keeps the variance through the leaky ReLU
EPSILON = 1e-8


def activate(x: Tensor, gain: float = 1.0, clamp: float | None = None) -> Tensor:
    """Leaky ReLU that keeps the variance; may overwrite its input.

    Args:
        x: Any shape.
        gain: Multiplies the result.
        clamp: Largest absolute value before the gain; None for no limit.
    """
    x = functional.leaky_relu(x, SLOPE, inplace=True) * (GAIN * gain)
    return x if clamp is None else x.clamp(-clamp * gain, clamp * gain)


def resample_filter(device: torch.device | None = None) -> Tensor:
    """(4, 4) the separable filter [1, 3, 3, 1] with sum 1, the one that StyleGAN2 resamples with."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], device=device) / 8
    return torch.outer(taps, taps)


def blur(
    x: Tensor,
    padding: int | tuple[int, int],
    *,
    gain: float = 1.0,
    stride: int = 1,
    bias: Tensor | None = None,
) -> Tensor:
    """Filter with :func:`resample_filter`.

    Args:
        x: (n, c, h, w).
        padding: Zeros on each side; (before, after) where they differ.
        gain: Multiplies the result.
        stride: Keeps every such row and column.
        bias: (c,) added at the end; None for none.

    Returns:
        (n, c, h', w') with h' = (h + padding before and after - 4) // stride + 1.
    """
    if isinstance(padding, tuple):
        x, padding = functional.pad(x, [*padding, *padding]), 0
    channels = x.shape[1]
    taps = (resample_filter(x.device) * gain).to(x.dtype).expand(channels, 1, 4, 4)
    return functional.conv2d(x, taps, bias, padding=padding, stride=stride, groups=channels)


def upsample(x: Tensor) -> Tensor:
    """Twice the size: zeros between pixels, then the filter.

    With this filter it is bilinear interpolation that sees zeros beyond the border.

    Args:
        x: (n, c, h, w).

    Returns:
        (n, c, 2h, 2w).

    Example:
        >>> upsample(torch.ones(1, 3, 4, 4)).shape
        torch.Size([1, 3, 8, 8])
    """
    padded = functional.pad(x, [1, 1, 1, 1])
    return functional.interpolate(padded, scale_factor=2, mode="bilinear", align_corners=False)[
        :, :, 2:-2, 2:-2
    ]


def modulated_convolution(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    *,
    factors: Tensor | None = None,
    bias: Tensor | None = None,
    up: bool = False,
) -> Tensor:
    """Convolution whose input and output channels are scaled for each picture.

    For a single picture without gradients, and for colours, the weights take all scales, and no pass over the
    pixels is needed. Otherwise the pixels are scaled. Both are the same function, but only the latter leaves
    the weights as they are: one convolution for the whole batch, and no gradient with respect to scaled
    weights, which would cost as much again as the convolution itself.

    Args:
        x: (n, in, h, w).
        weight: (out, in, k, k).
        styles: (n, in) scale of each input channel.
        factors: (n, out) scale of each output channel; None for none.
        bias: (out,) added at the end; None for none.
        up: Whether the result has twice the size.

    Returns:
        (n, out, h, w), or (n, out, 2h, 2w).
    """
    gradients = torch.is_grad_enabled() and (styles.requires_grad or weight.requires_grad)
    single, colours = len(styles) == 1, weight.shape[2] == 1
    if single and (colours or not gradients) and weight.numel() < x.numel():
        scale = styles[0] if factors is None else torch.outer(factors[0], styles[0])
        return convolution(x, weight * scale[..., None, None], bias, up)
    x = x * styles[:, :, None, None]
    y = convolution(x, weight, None, up)
    if factors is None:
        return y if bias is None else y + bias[:, None, None]
    factors = factors[:, :, None, None]
    return y * factors if bias is None else torch.addcmul(bias[:, None, None], y, factors)


def convolution(x: Tensor, weight: Tensor, bias: Tensor | None = None, up: bool = False) -> Tensor:
    """Convolution that keeps the size, or doubles it.

    Args:
        x: (n, in, h, w).
        weight: (out, in, k, k); k is 3 for twice the size.
        bias: (out,) added at the end; None for none.
        up: Whether the result has twice the size: zeros between pixels, the kernel, the filter.

    Returns:
        (n, out, h, w), or (n, out, 2h, 2w).
    """
    if not up:
        return functional.conv2d(x, weight, bias, padding=weight.shape[2] // 2)
    return blur(functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2), 1, gain=4.0, bias=bias)
