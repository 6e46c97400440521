"""Networks that have already learnt to see or hear, for distillation.

A picture teacher maps RGB in [0, 1], (N, 3, H, W), to ``(features, scores)``: features (N, F), pooled from
its later stages and concatenated, and class scores (N, C). A music teacher maps mono samples to features
(N, F).
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.encoders.backbones import Backbone, imagenet_weights
from va_space.errors import CheckpointError, ConfigError
from va_space.media.settings import IMAGENET_MEAN, IMAGENET_STD


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
        teacher = MobileNetTeacher()
        _load(teacher, Path(name))
    else:
        raise ConfigError(f"teacher {name!r} is neither 'torchvision:NAME' nor a .safetensors file")
    return teacher.eval().requires_grad_(False)


def music_teacher(path: str | Path) -> "TaggerTeacher":
    """Make a frozen music teacher from a safetensors file with the weights of a convolutional tagger.

    Raises:
        CheckpointError: The file cannot be read or belongs to another network.
    """
    teacher = TaggerTeacher()
    _load(teacher, Path(path), strict=False)
    return teacher.eval().requires_grad_(False)


def _load(module: nn.Module, path: Path, *, strict: bool = True) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
        missing = module.load_state_dict(state, strict=strict).missing_keys
    except (OSError, SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{path}: not the weights of this teacher ({error})") from error
    if missing:
        raise CheckpointError(f"{path}: weights are missing: {', '.join(missing[:5])}")


class TorchvisionTeacher(nn.Module):
    """A torchvision ResNet with ImageNet weights."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.backbone = Backbone(name)
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
    """MobileNet v1 x0.25 (Howard et al. 2017) with leaky rectifiers."""

    def __init__(self) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.LeakyReLU(0.1)),
            *(
                _depthwise(*widths)
                for widths in [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]
            ),
        )
        self.stage2 = nn.Sequential(_depthwise(64, 128, 2), *(_depthwise(128, 128, 1) for _ in range(5)))
        self.stage3 = nn.Sequential(_depthwise(128, 256, 2), _depthwise(256, 256, 1))
        self.fc = nn.Linear(256, 1000)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """RGB in [0, 1], (N, 3, H, W), to features (N, 384) and scores (N, 1000)."""
        second = self.stage2(self.stage1(_imagenet_input(pictures)))
        third = self.stage3(second)
        deep = third.mean(dim=(2, 3))
        return torch.cat([second.mean(dim=(2, 3)), deep], dim=1), self.fc(deep)


def _depthwise(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.LeakyReLU(0.1),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1),
    )


def _imagenet_input(pictures: Tensor) -> Tensor:
    resized = functional.interpolate(pictures, size=(160, 160), mode="bilinear", antialias=True)
    mean = pictures.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    return (resized - mean) / pictures.new_tensor(IMAGENET_STD).view(3, 1, 1)


class TaggerTeacher(nn.Module):
    """The first blocks of a fully convolutional music tagger (Choi et al. 2016): what 10 s suffice for.

    Input is mono sound at :attr:`sample_rate`; the mel spectrogram is part of the teacher.
    """

    sample_rate = 16_000

    def __init__(self) -> None:
        super().__init__()
        import librosa

        self.spec_bn = nn.BatchNorm2d(1)
        self.layer1 = _TaggerBlock(1, 64, (2, 4))
        self.layer2 = _TaggerBlock(64, 128, (2, 4))
        self.layer3 = _TaggerBlock(128, 128, (2, 4))
        self.layer4 = _TaggerBlock(128, 128, (3, 5))
        filters = librosa.filters.mel(
            sr=16_000, n_fft=512, n_mels=96, fmin=0.0, fmax=8_000.0, htk=True, norm=None
        )
        self.filters: Tensor
        self.window: Tensor
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)
        self.register_buffer("window", torch.hann_window(512), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Mono sound (N, samples) at 16 kHz, at least 5.2 s, to features (N, 512).

        These are the means and the maxima over time and frequency of the third and fourth block.
        """
        spectrum = torch.stft(samples, 512, 256, window=self.window, return_complex=True, pad_mode="reflect")
        power = (spectrum.abs().square().transpose(1, 2) @ self.filters.T).transpose(1, 2)
        x = self.spec_bn(10 * torch.log10(power.clamp_min(1e-10))[:, None])
        x = self.layer2(self.layer1(x))
        third = self.layer3(x)
        fourth = self.layer4(third)
        return torch.cat(
            [pool for x in (third, fourth) for pool in (x.mean(dim=(2, 3)), x.amax(dim=(2, 3)))], dim=1
        )


class _TaggerBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, pool: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.bn = nn.BatchNorm2d(outputs)
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(functional.relu(self.bn(self.conv(x))), self.pool)
