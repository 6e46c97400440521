"""MobileNet v1 at a quarter of its width (Howard et al. 2017), with leaky rectifiers."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from va_space.errors import ConfigError
from va_space.networks.backbone import Backbone
from va_space.networks.backbones import BACKBONES
from va_space.networks.weights import load_strictly


@BACKBONES.register("mobilenet-v1-x025")
class MobileNet(Backbone):
    """A MobileNet v1 x0.25: means of its last two stages, and the deviation over the last one.

    Args:
        variant: Nothing: there is one.
        channels: 3.

    Attributes:
        features: Length of the pooled features.
    """

    features = 128 + 256 + 256

    def __init__(self, variant: str = "", channels: int = 3) -> None:
        super().__init__()
        if variant or channels != 3:
            raise ConfigError("mobilenet_v1_x025 takes pictures of 3 channels, and has no variants")
        self.stage1 = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.LeakyReLU(0.1)),
            *(
                _depthwise(*widths)
                for widths in [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]
            ),
        )
        self.stage2 = nn.Sequential(_depthwise(64, 128, 2), *(_depthwise(128, 128, 1) for _ in range(5)))
        self.stage3 = nn.Sequential(_depthwise(128, 256, 2), _depthwise(256, 256, 1))

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 640): means of the last two stages, and the deviation over the last one."""
        second = self.stage2(self.stage1(inputs))
        third = self.stage3(second)
        return torch.cat([second.mean(dim=(2, 3)), third.mean(dim=(2, 3)), third.std(dim=(2, 3))], dim=1)

    def maps(self, inputs: Tensor) -> list[Tensor]:
        """Feature maps of the three stages, each (N, channels of the stage, h, w)."""
        return self._each_stage(inputs, lambda found: found)

    def stages(self, inputs: Tensor) -> list[Tensor]:
        """Pooled features of the three stages, each (N, channels of the stage)."""
        return self._each_stage(inputs, lambda found: found.mean(dim=(2, 3)))

    def _each_stage(self, inputs: Tensor, keep: Callable[[Tensor], Tensor]) -> list[Tensor]:
        """What is kept of each stage's map; the map itself is let go, so that one is held at a time."""
        x = inputs
        kept = []
        for stage in (self.stage1, self.stage2, self.stage3):
            x = stage(x)
            kept.append(keep(x))
        return kept

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take weights with the names of this network; a classifier ``fc`` is ignored.

        Raises:
            CheckpointError: They belong to another network.
        """
        load_strictly(self, {key: value for key, value in state.items() if not key.startswith("fc.")})


def _depthwise(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.LeakyReLU(0.1),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1),
    )
