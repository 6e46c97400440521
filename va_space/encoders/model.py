"""Both encoders with their predictors: everything that has weights."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.emotion.plane import similarity
from va_space.emotion.reference import Reference
from va_space.encoders.config import SpaceConfig
from va_space.encoders.predictors import SimilarityPredictor, VAPredictor
from va_space.encoders.three_branch import ThreeBranch, check_settings
from va_space.media.settings import AudioSettings, PictureSettings
from va_space.networks.backbones import make_backbone


class PictureEncoder(nn.Module):
    """Pictures to unit vectors: normalisation, a backbone, one linear layer on its standardised features."""

    unit_norm = True  # off only to measure what it does

    def __init__(
        self, backbone: str, dimension: int, settings: PictureSettings, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.backbone = make_backbone(backbone)
        self.head = _head(self.backbone.features, dimension, dropout)
        self.tta_scales = settings.tta_scales
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(settings.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(settings.std).view(3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """RGB in [0, 1], (N, 3, H, W), to unit vectors (N, dimension)."""
        return self.embed(self.features(pictures))

    def features(self, pictures: Tensor) -> Tensor:
        """Features of the backbone, the mean over all views: (N, features)."""
        if not self.tta_scales:
            return self.forward_single_view(pictures)
        both = torch.cat([pictures, pictures.flip(3)])
        views = [
            self.forward_single_view(both, view).unflatten(0, (2, -1)).mean(dim=0)
            for view in range(len(self.tta_scales))
        ]
        return torch.stack(views).mean(dim=0)

    def forward_single_view(self, pictures: Tensor, view: int = 0) -> Tensor:
        """Features of the backbone from one of the views that :meth:`features` averages: (N, features).

        Args:
            pictures: As for :meth:`features`.
            view: Index of the scale, counted round; not mirrored.
        """
        pictures = (pictures - self.mean) / self.std
        scale = self.tta_scales[view % len(self.tta_scales)] if self.tta_scales else 1
        return self.backbone(_shrunk(pictures, scale))

    def stages(self, pictures: Tensor) -> list[Tensor]:
        """Pooled features of each stage of the backbone, (N, channels), in a single look."""
        return self.backbone.stages((pictures - self.mean) / self.std)

    def embed(self, features: Tensor) -> Tensor:
        """Features of the backbone to unit vectors (N, dimension)."""
        vectors = self.head(features).float()
        return functional.normalize(vectors, dim=-1) if self.unit_norm else vectors


class MusicEncoder(nn.Module):
    """Windows, as :func:`va_space.media.mel.make_frontend` prepares them, to unit vectors, likewise."""

    unit_norm = True

    def __init__(
        self, backbone: str, dimension: int, settings: AudioSettings, dropout: float = 0.0, hidden: int = 0
    ) -> None:
        super().__init__()
        self.backbone = make_backbone(backbone, settings.channels)
        if settings.waveform or isinstance(self.backbone, ThreeBranch):
            check_settings(self.backbone, settings)
        self.head = _head(self.backbone.features, dimension, dropout, hidden)
        self.mean, self.std = settings.mean, settings.std

    def forward(self, mel: Tensor) -> Tensor:
        """Log-mel (N, channels, mels, frames) to unit vectors (N, dimension)."""
        return self.embed(self.features(mel))

    def features(self, mel: Tensor) -> Tensor:
        """Features of the backbone: (N, features)."""
        return self.backbone((mel - self.mean) / self.std)

    def embed(self, features: Tensor) -> Tensor:
        """Features of the backbone to unit vectors (N, dimension)."""
        vectors = self.head(features).float()
        return functional.normalize(vectors, dim=-1) if self.unit_norm else vectors


class SpaceModel(nn.Module):
    """The two encoders and the predictors of valence-arousal and similarity.

    Attributes:
        picture_encoder: (N, 3, H, W) in [0, 1] to (N, dimension).
        music_encoder: (N, channels, mels, frames) to (N, dimension).
        picture_va: (N, dimension) to (N, 2).
        music_va: (N, dimension) to (N, 2).
        similarity: (n, dimension), (m, dimension) to (n, m); see :meth:`expected_similarity`.
        reference: What its predictions are compared with on the relative scale, saved beside the weights.
    """

    def __init__(self, config: SpaceConfig) -> None:
        super().__init__()
        self.config = config
        self.picture_encoder = PictureEncoder(
            config.picture_backbone, config.dimension, config.picture, config.dropout
        )
        dropout = config.dropout if config.music_dropout is None else config.music_dropout
        self.music_encoder = MusicEncoder(
            config.music_backbone, config.dimension, config.audio, dropout, config.music_hidden
        )
        self.picture_va = VAPredictor(config.dimension, config.hidden)
        self.music_va = VAPredictor(config.dimension, config.hidden)
        self.similarity = SimilarityPredictor(config.dimension, config.hidden)
        self.reference: Reference | None = None

    def expected_similarity(self, pictures: Tensor, music: Tensor) -> Tensor:
        """(n, dimension) and (m, dimension) unit vectors to (n, m) in [0, 1], by all evidence there is."""
        va_similarity = similarity(self.picture_va(pictures), self.music_va(music), self.config.sigma)
        return self.similarity.fused(pictures, music, va_similarity)


def _shrunk(pictures: Tensor, scale: float) -> Tensor:
    if scale == 1:
        return pictures
    return functional.interpolate(pictures, scale_factor=scale, mode="bilinear")


def _head(features: int, dimension: int, dropout: float, hidden: int = 0) -> nn.Sequential:
    middle = [nn.Linear(features, hidden), nn.GELU()] if hidden else []
    return nn.Sequential(
        nn.BatchNorm1d(features, affine=False),
        nn.Dropout(dropout),
        *middle,
        nn.Linear(hidden or features, dimension),
    )
