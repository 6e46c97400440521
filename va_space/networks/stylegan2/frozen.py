"""A synthesis layer whose weights are fixed, for one picture, with gradients for what is put into it.

The ordinary way passes over the pixels eleven times besides the convolutions, and most passes need memory of
their own. Here all scales are in the weights, and the gradients of scales come out of products that are
formed and summed in one pass: six in all.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.grad import conv2d_input

from va_space.networks.stylegan2.operations import SLOPE, blur, convolution

_TINY = 1e-12


class FrozenLayer(Function):
    """Modulated convolution, noise, bias, leaky ReLU; differentiable once, but for its weights.

    ``FrozenLayer.apply(x, weight, styles, factors, bias, noise, up)`` with

    - x: (1, in, h, w);
    - weight: (out, in, 3, 3), no gradient;
    - styles: (1, in) scale of each input channel;
    - factors: (1, out) positive scale of each output channel;
    - bias: (out,), no gradient;
    - noise: (r, r) or (1, 1, r, r) what is added to all channels; None for none;
    - up: whether the result has twice the size;

    gives (1, out, r, r) with r = h or 2h.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        styles: Tensor,
        factors: Tensor,
        bias: Tensor,
        noise: Tensor | None,
        up: bool,
    ) -> Tensor:
        """See the class."""
        # The gradient of a scale is divided by it in the end.
        styles = styles.where(styles.abs() > _TINY, _TINY)
        scaled = weight * torch.outer(factors[0], styles[0])[..., None, None]
        y = convolution(x, scaled, bias, up)
        if noise is not None:
            y.add_(noise)
        y = functional.leaky_relu(y, SLOPE, inplace=True)
        ctx.save_for_backward(x, scaled, styles, factors, bias, noise, y)
        ctx.up = up
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients for x, styles, factors and noise."""
        x, scaled, styles, factors, bias, noise, y = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        before = torch.ops.aten.leaky_relu_backward(gradient, y, SLOPE, True)
        into_x = _input_gradient(before, scaled, x, ctx.up)
        # Slopes cancel: gradient * y is the gradient before the ReLU times the value before it, which is the
        # convolution, the noise and the bias.
        along = _channel_products(gradient, y)
        pixels = before.permute(0, 2, 3, 1).reshape(-1, before.shape[1])  # (r r, out)
        rows = torch.ones_like(pixels[None, :, 0])
        if noise is None:
            along = along - bias * (rows @ pixels)[0]
        else:
            total, noisy = torch.cat([rows, noise.view(1, -1)]) @ pixels
            along = along - bias * total - noisy
        # Noise is the same in all channels.
        into_noise = before.sum(dim=1).view(noise.shape) if ctx.needs_input_grad[5] else None
        into_styles = _channel_products(into_x, x) / styles[0]
        return into_x, None, into_styles[None], (along / factors[0])[None], None, into_noise, None


def _input_gradient(gradient: Tensor, weight: Tensor, x: Tensor, up: bool) -> Tensor:
    if up:
        # The filter is symmetric, and its border zeros: its gradient is the filter with more of them.
        spread = blur(gradient, 2, gain=4.0)
        return functional.conv2d(spread, weight.transpose(0, 1), stride=2)
    return conv2d_input(x.shape, weight, gradient, padding=weight.shape[2] // 2)


def _channel_products(first: Tensor, second: Tensor) -> Tensor:
    """Sum of the products of two maps, by channel: (1, c, h, w) twice to (c,)."""
    zeros, ones = first.new_zeros(first.shape[1]), first.new_ones(first.shape[1])
    # The gradient of a batch normalisation's weight is this sum, and PyTorch forms it in one pass.
    _, products, _ = torch.ops.aten.native_batch_norm_backward(
        first, second, ones, None, None, zeros, ones, True, 0.0, [False, True, False]
    )
    return products
