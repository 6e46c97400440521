"""3 x 3 convolution by Winograd's minimal filtering, F(2 x 2, 3 x 3) (Lavin and Gray 2016).

Sixteen products of matrices instead of thirty-six: worth it on a processor where channels are many and pixels
few, as in the coarse half of a generator. PyTorch's own convolutions on processors do not do it.
"""

import torch
from torch import Tensor
from torch.nn import functional

_KERNEL = ((1.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0.0, 0.0, 1.0))


def transform_weights(weight: Tensor) -> Tensor:
    """(out, in, 3, 3) to (16, in, out), as :func:`winograd_convolution` takes them."""
    kernel = torch.tensor(_KERNEL, dtype=weight.dtype, device=weight.device)
    spread = torch.einsum("ak,oikl,bl->abio", kernel, weight, kernel)
    return spread.reshape(16, weight.shape[1], weight.shape[0]).contiguous()


def winograd_convolution(x: Tensor, transformed: Tensor) -> Tensor:
    """Convolution with zeros around the picture.

    Args:
        x: (n, in, h, w), h and w even; fastest in channels-last.
        transformed: (16, in, out) from :func:`transform_weights`.

    Returns:
        (n, out, h, w) in channels-last, equal to ``conv2d(x, weight, padding=1)`` up to rounding.
    """
    count, channels, height, width = x.shape
    padded = functional.pad(x.permute(0, 2, 3, 1), [0, 0, 1, 1, 1, 1])
    tiles = torch.stack([tile for rows in _taps(padded, 1) for tile in _taps(rows, 2)])
    products = torch.bmm(tiles.view(16, -1, channels), transformed)
    products = products.view(4, 4, count, height // 2, width // 2, -1)
    columns = [torch.stack(_joined(rows), dim=3) for rows in _joined(products)]
    return torch.stack(columns, dim=2).view(count, height, width, -1).permute(0, 3, 1, 2)


def _taps(x: Tensor, dim: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The four combinations of four neighbours along a dimension, at every second place."""
    pairs = x.unfold(dim, 2, 2).unbind(-1)  # even and odd places
    length = pairs[0].shape[dim] - 1
    a, c = pairs[0].narrow(dim, 0, length), pairs[0].narrow(dim, 1, length)
    b, d = pairs[1].narrow(dim, 0, length), pairs[1].narrow(dim, 1, length)
    return a - c, b + c, c - b, b - d


def _joined(products: Tensor) -> tuple[Tensor, Tensor]:
    """Two neighbouring results from four products, along the first dimension."""
    a, b, c, d = products
    return a + b + c, b - c - d
