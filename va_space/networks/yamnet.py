"""YAMNet (Plakal & Ellis, Google 2019): a MobileNet v1, trained on AudioSet to name 521 classes of sound."""

from functools import cache
from importlib.resources import files

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.same_conv import SameConv
from va_space.networks.weights import load_strictly

CLASSES = 521
# (output channels, stride) of layers 2 to 14.
_LAYERS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
    (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
_MIDDLE = (8, 12)  # the layers whose means are the features


class YAMNet(nn.Module):
    """The network with its classifier.

    Attributes:
        features: Length of the features, 1024: the means of layers 8 and 12.

    Example:
        >>> network = YAMNet().eval()
        >>> network.middle(torch.zeros(2, 96, 64)).shape, network(torch.zeros(2, 96, 64)).shape
        (torch.Size([2, 1024]), torch.Size([2, 521]))
    """

    features = 512 + 512

    def __init__(self) -> None:
        super().__init__()
        self.first = SameConv(1, 32, 3, 2)
        blocks, channels = [], 32
        for outputs, stride in _LAYERS:
            blocks.append(DepthwiseSeparable(channels, outputs, stride))
            channels = outputs
        self.blocks = nn.ModuleList(blocks)
        self.to_classes = nn.Linear(channels, CLASSES)

    def middle(self, patches: Tensor) -> Tensor:
        """Log-mel patches (N, 96 frames, 64 bands) to features (N, 1024)."""
        means, x = [], functional.relu(self.first(patches[:, None]), inplace=True)
        for layer, block in enumerate(self.blocks[: _MIDDLE[-1] - 1], start=2):
            x = block(x)
            if layer in _MIDDLE:
                means.append(x.mean(dim=(2, 3)))  # (N, 512)
        return torch.cat(means, dim=1)

    def forward(self, patches: Tensor) -> Tensor:
        """Log-mel patches (N, 96 frames, 64 bands) to the logits (N, 521) of :func:`class_names`."""
        x = functional.relu(self.first(patches[:, None]), inplace=True)
        for block in self.blocks:
            x = block(x)
        return self.to_classes(x.mean(dim=(2, 3)))

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take this network's own weights, or published ones under short names: `layer1.w`, `fc.b`, ...

        The filters `mel` are ignored: :class:`va_space.media.yamnet_mel.YAMNetMel` makes them.

        Raises:
            CheckpointError: They belong to another network.
        """
        load_strictly(self, _renamed(state) if "layer1.w" in state else state)


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    places = {"layer1": "first", "fc": "to_classes"}
    places |= {f"layer{layer}": f"blocks.{layer - 2}" for layer in range(2, len(_LAYERS) + 2)}
    suffix = {"w": "weight", "b": "bias"}
    renamed = {}
    for key, value in state.items():
        if key != "mel":
            layer, *rest, kind = key.split(".")
            renamed[".".join([places.get(layer, layer), *rest, suffix.get(kind, kind)])] = value.float()
    return renamed


class DepthwiseSeparable(nn.Module):
    """Depthwise 3x3, rectifier, 1x1, rectifier."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.dw = SameConv(inputs, inputs, 3, stride, groups=inputs)
        self.pw = SameConv(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, ceil(H / stride), ceil(W / stride))."""
        return functional.relu(self.pw(functional.relu(self.dw(x), inplace=True)), inplace=True)


@cache
def class_names() -> tuple[str, ...]:
    """Names of the 521 classes, in the order of the classifier."""
    text = (files("va_space.networks") / "yamnet_classes.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())
