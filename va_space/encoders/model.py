"""Both encoders with their predictors: everything that has weights."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.encoders.backbones import Backbone
from va_space.encoders.config import SpaceConfig
from va_space.encoders.predictors import SimilarityPredictor, VAPredictor
from va_space.media.settings import AudioSettings, PictureSettings


class PictureEncoder(nn.Module):
    """Pictures to unit vectors: normalisation, a ResNet, one linear layer."""

    def __init__(self, backbone: str, dimension: int, settings: PictureSettings) -> None:
        super().__init__()
        self.backbone = Backbone(backbone)
        self.project = nn.Linear(self.backbone.features, dimension)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(settings.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(settings.std).view(3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """RGB in [0, 1], (N, 3, H, W), to unit vectors (N, dimension)."""
        features = self.project(self.backbone((pictures - self.mean) / self.std))
        return functional.normalize(features.float(), dim=-1)


class MusicEncoder(nn.Module):
    """Log-mel windows to unit vectors: normalisation, a one-channel ResNet, one linear layer."""

    def __init__(self, backbone: str, dimension: int, settings: AudioSettings) -> None:
        super().__init__()
        self.backbone = Backbone(backbone, channels=1)
        self.project = nn.Linear(self.backbone.features, dimension)
        self.mean, self.std = settings.mean, settings.std

    def forward(self, mel: Tensor) -> Tensor:
        """Log-mel (N, 1, mels, frames) to unit vectors (N, dimension)."""
        features = self.project(self.backbone((mel - self.mean) / self.std))
        return functional.normalize(features.float(), dim=-1)


class SpaceModel(nn.Module):
    """The two encoders and the predictors of valence-arousal and similarity.

    Attributes:
        picture_encoder: (N, 3, H, W) in [0, 1] to (N, dimension).
        music_encoder: (N, 1, mels, frames) to (N, dimension).
        picture_va: (N, dimension) to (N, 2).
        music_va: (N, dimension) to (N, 2).
        similarity: (n, dimension), (m, dimension) to (n, m).
    """

    def __init__(self, config: SpaceConfig) -> None:
        super().__init__()
        self.config = config
        self.picture_encoder = PictureEncoder(config.picture_backbone, config.dimension, config.picture)
        self.music_encoder = MusicEncoder(config.music_backbone, config.dimension, config.audio)
        self.picture_va = VAPredictor(config.dimension, config.hidden)
        self.music_va = VAPredictor(config.dimension, config.hidden)
        self.similarity = SimilarityPredictor(config.dimension, config.hidden)
