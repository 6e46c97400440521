"""Networks that have already learnt to see or hear, for distillation.

A picture teacher maps RGB in [0, 1], (N, 3, H, W), to ``(features, scores)``: features (N, F), pooled from
its later stages and concatenated, and class scores (N, C). A music teacher maps mono samples to features
(N, F).
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.errors import CheckpointError, ConfigError
from va_space.media.mel import mel_filters
from va_space.media.settings import IMAGENET_MEAN, IMAGENET_STD
from va_space.networks.backbones import load_initial_weights
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet
from va_space.networks.backbones.torchvision import TorchvisionResNet, imagenet_weights
from va_space.networks.tagger import Tagger
from va_space.networks.weights import read_weights


def picture_teacher(name: str) -> nn.Module:
    """Make a frozen picture teacher.

    Args:
        name: "torchvision:resnet50" (or another ResNet; its ImageNet weights are downloaded), or the path of
            a safetensors file with the weights of a MobileNet v1 x0.25.

    Raises:
        ConfigError: The name is of neither kind.
        CheckpointError: The weights cannot be read or downloaded.
    """
    kind, _, network = name.partition(":")
    if kind == "torchvision" and network:
        teacher: nn.Module = TorchvisionTeacher(network)
    elif name.endswith(".safetensors"):
        teacher = MobileNetTeacher(Path(name))
    else:
        raise ConfigError(f"teacher {name!r} is neither 'torchvision:NAME' nor a .safetensors file")
    return teacher.eval().requires_grad_(False)


def music_teacher(path: str | Path) -> "TaggerTeacher":
    """Make a frozen music teacher from a safetensors file with the weights of a convolutional tagger.

    Raises:
        CheckpointError: The file cannot be read or belongs to another network.
    """
    return TaggerTeacher(Path(path)).eval().requires_grad_(False)


class TorchvisionTeacher(nn.Module):
    """A torchvision ResNet with ImageNet weights."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.backbone = TorchvisionResNet(name)
        state = imagenet_weights(name)
        weight, bias = state.pop("fc.weight"), state.pop("fc.bias")
        self.backbone.network.load_state_dict(state)
        self.fc = nn.Linear(self.backbone.features, len(bias))
        self.fc.load_state_dict({"weight": weight, "bias": bias})

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """RGB in [0, 1], (N, 3, H, W), to features (N, F) and scores (N, 1000)."""
        *_, third, fourth = self.backbone.stages(_imagenet_input(pictures))
        return torch.cat([third, fourth], dim=1), self.fc(fourth)


class MobileNetTeacher(nn.Module):
    """A MobileNet v1 x0.25 with its classifier."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        state = read_weights(path)
        if not {"fc.weight", "fc.bias"} <= set(state):
            raise CheckpointError(f"{path}: not the weights of this teacher (it has no classifier fc)")
        self.backbone = MobileNet()
        load_initial_weights(self.backbone, str(path), "mobilenet_v1_x025")
        classes, features = state["fc.weight"].shape
        self.fc = nn.Linear(features, classes)
        self.fc.load_state_dict({"weight": state["fc.weight"], "bias": state["fc.bias"]})

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """RGB in [0, 1], (N, 3, H, W), to features (N, 384) and scores (N, 1000)."""
        _, second, third = self.backbone.stages(_imagenet_input(pictures))
        return torch.cat([second, third], dim=1), self.fc(third)


def _imagenet_input(pictures: Tensor) -> Tensor:
    resized = functional.interpolate(pictures, size=(160, 160), mode="bilinear", antialias=True)
    mean = pictures.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    return (resized - mean) / pictures.new_tensor(IMAGENET_STD).view(3, 1, 1)


class TaggerTeacher(nn.Module):
    """The first blocks of a music tagger on mono sound at :attr:`sample_rate`, with the mel spectrogram."""

    sample_rate = 16_000

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tagger = Tagger()
        load_initial_weights(self.tagger, str(path), "the music tagger")
        filters = mel_filters(self.sample_rate, n_fft=512, count=96, htk=True)
        self.filters: Tensor
        self.window: Tensor
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)
        self.register_buffer("window", torch.hann_window(512), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Mono sound (N, samples), at least 5.2 s, to features (N, 512)."""
        spectrum = torch.stft(samples, 512, 256, window=self.window, return_complex=True, pad_mode="reflect")
        power = (spectrum.abs().square().transpose(1, 2) @ self.filters.T).transpose(1, 2)
        return self.tagger(10 * torch.log10(power.clamp_min(1e-10))[:, None])
