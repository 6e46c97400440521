"""A music tagger's first blocks."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.backbone import Backbone
from va_space.networks.weights import load_strictly


class Tagger(Backbone):
    """The first blocks of a fully convolutional music tagger (Choi et al. 2016): what 10 s suffice for."""

    features = 512

    def __init__(self) -> None:
        super().__init__()
        self.spec_bn = nn.BatchNorm2d(1)
        self.layer1 = _TaggerBlock(1, 64, (2, 4))
        self.layer2 = _TaggerBlock(64, 128, (2, 4))
        self.layer3 = _TaggerBlock(128, 128, (2, 4))
        self.layer4 = _TaggerBlock(128, 128, (3, 5))

    def forward(self, inputs: Tensor) -> Tensor:
        """Mel power in dB, (N, 1, 96, frames), at least 320 frames, to features (N, 512).

        These are the means and the maxima over time and frequency of the third and fourth block.
        """
        third = self.layer3(self.layer2(self.layer1(self.spec_bn(inputs))))
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
