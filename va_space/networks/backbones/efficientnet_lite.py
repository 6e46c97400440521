"""EfficientNet-Lite (Google 2020; Tan & Le 2019): mobile inverted residuals without squeeze-and-excitation.

The batch norms of the published checkpoints are folded into the convolutions before them.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.errors import ConfigError
from va_space.networks.backbone import RGB, Backbone
from va_space.networks.backbones import BACKBONES
from va_space.networks.same_conv import SameConv
from va_space.networks.weights import load_strictly

# (expansion, kernel, stride of the first block, channels, repeats) of each stage, at width and depth 1.
_STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
_STEM = 32
# Name: (width, depth).
SIZES = {"0": (1.0, 1.0), "1": (1.0, 1.1), "2": (1.1, 1.2)}
# How the checkpoints scale RGB: (255 x - 127) / 128 for x in [0, 1].
MEAN, STD = 127 / 255, 128 / 255


@BACKBONES.register("efficientnet-lite")
class EfficientNetLite(Backbone):
    """Up to its seventh stage; the features are the means of its last three stages over the picture.

    Middle stages say more about a feeling than the pooled features that the ImageNet classifier reads.

    Args:
        variant: A key of :data:`SIZES`.
        channels: 3.

    Attributes:
        features: Length of the pooled features.

    Example:
        >>> network = EfficientNetLite("0")
        >>> network(torch.zeros(2, 3, 64, 64)).shape
        torch.Size([2, 624])
    """

    def __init__(self, variant: str, channels: int = 3) -> None:
        super().__init__()
        if variant not in SIZES or channels != 3:
            known = ", ".join(f"efficientnet-lite:{name}" for name in SIZES)
            raise ConfigError(f"EfficientNet-Lite takes pictures of 3 channels, and is one of {known}")
        width, depth = SIZES[variant]
        self.stem = SameConv(3, _STEM, 3, 2)
        stages, width_in = [], _STEM
        for index, (expand, kernel, stride, base, repeats) in enumerate(_STAGES):
            outputs = round_channels(base * width)
            count = repeats if index in (0, len(_STAGES) - 1) else math.ceil(repeats * depth)
            blocks = []
            for block in range(count):
                blocks.append(
                    InvertedResidual(width_in, outputs, expand, kernel, stride if block == 0 else 1)
                )
                width_in = outputs
            stages.append(nn.Sequential(*blocks))
        self.blocks = nn.ModuleList(stages)
        self.features = sum(round_channels(stage[3] * width) for stage in _STAGES[4:])

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, 3, H, W), scaled by :data:`MEAN` and :data:`STD`, to (N, features)."""
        return torch.cat(self.stages(inputs)[4:], dim=1)

    def maps(self, inputs: Tensor) -> list[Tensor]:
        """Feature maps of the seven stages, each (N, channels of the stage, h, w)."""
        return self._each_stage(inputs, lambda found: found)

    def stages(self, inputs: Tensor) -> list[Tensor]:
        """Pooled features of the seven stages, each (N, channels of the stage)."""
        return self._each_stage(inputs, lambda found: found.mean(dim=(2, 3)))

    def _each_stage(self, inputs: Tensor, keep: Callable[[Tensor], Tensor]) -> list[Tensor]:
        """What is kept of each stage's map; the map itself is let go, so that one is held at a time."""
        x = functional.relu6(self.stem(inputs), inplace=True)
        kept = []
        for stage in self.blocks:
            x = stage(x)
            kept.append(keep(x))
        return kept

    @classmethod
    def pretrained_statistics(cls, variant: str) -> tuple[RGB, RGB] | None:
        """As the published checkpoints scale pictures."""
        return (MEAN,) * 3, (STD,) * 3

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take this network's own weights, or a checkpoint with folded batch norms.

        The keys of such a checkpoint are `stem.w`, `b0.dw.w`, `b1.expand.b`, ...; its classifier (`head`,
        `fc`)
        is ignored.

        Raises:
            CheckpointError: They belong to another network.
        """
        load_strictly(self, self._renamed(state) if "stem.w" in state else state)

    def _renamed(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        blocks = [
            f"blocks.{number}.{index}"
            for number, stage in enumerate(self.blocks)
            for index in range(len(stage))  # type: ignore[arg-type]
        ]
        places = {f"b{number}": block for number, block in enumerate(blocks)}
        suffix = {"w": "weight", "b": "bias"}
        renamed = {}
        for key, value in state.items():
            layer, _, kind = key.rpartition(".")
            block, _, rest = layer.partition(".")
            if block not in ("head", "fc"):
                place = ".".join(part for part in (places.get(block, block), rest) if part)
                renamed[f"{place}.{suffix.get(kind, kind)}"] = value.float()
        return renamed


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise convolution, 1x1 projection; with the input added where shapes allow it."""

    def __init__(self, inputs: int, outputs: int, expand: int, kernel: int, stride: int) -> None:
        super().__init__()
        hidden = inputs * expand
        self.expand = SameConv(inputs, hidden, 1) if expand > 1 else None
        self.dw = SameConv(hidden, hidden, kernel, stride, groups=hidden)
        self.proj = SameConv(hidden, outputs, 1)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, ceil(H / stride), ceil(W / stride))."""
        y = x if self.expand is None else functional.relu6(self.expand(x), inplace=True)
        y = self.proj(functional.relu6(self.dw(y), inplace=True))
        return x + y if self.adds else y


def round_channels(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of `divisor` that is not below 90% of `channels`.

    Example:
        >>> [round_channels(1.1 * width) for width in (16, 24, 40, 80, 112, 192, 320)]
        [16, 24, 48, 88, 120, 208, 352]
    """
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded
