"""Convolutions padded as TensorFlow pads them, for networks that were trained there."""

from torch import Tensor, nn
from torch.nn import functional


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "SAME" padding: the smaller half comes first (left and top)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, ceil(H / stride), ceil(W / stride))."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        if stride == 1:  # the kernels are odd: both halves are alike
            half = kernel // 2
            return functional.conv2d(x, self.weight, self.bias, 1, half, 1, self.groups)
        height, width = (same_padding(size, kernel, stride) for size in x.shape[2:])
        return super().forward(functional.pad(x, (*width, *height)))


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis so that ceil(size / stride) values come out.

    Example:
        >>> same_padding(224, 3, 2)
        (0, 1)
    """
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2
