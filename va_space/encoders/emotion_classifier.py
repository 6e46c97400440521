"""A classifier of the emotion of pictures, as a file that says all about itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from va_space.atomic import replacing
from va_space.encoders.config import from_known_keys
from va_space.encoders.tensors import read_tensors
from va_space.encoders.vectors import FloatArray
from va_space.errors import CheckpointError, ConfigError
from va_space.media.pictures import PictureSource, load_picture, picture_to_tensor
from va_space.media.settings import PictureSettings
from va_space.networks.backbones import make_backbone
from va_space.networks.emotion import RowAttention, map_rows

FILE = "classifier.safetensors"
_FORMAT = "va-space-emotion-classifier"


@dataclass(frozen=True)
class EmotionConfig:
    """What a classifier of emotions is made of.

    Attributes:
        labels: Its classes.
        backbone: As :func:`va_space.networks.backbones.make_backbone` names it.
        stages: How many of the backbone's last stages give rows.
        picture: How pictures are prepared.
        hidden: Width of the GRU.
        dropout: See :class:`va_space.networks.emotion.RowAttention`.
    """

    labels: tuple[str, ...]
    backbone: str = "resnet50"
    stages: int = 1
    picture: PictureSettings = field(default_factory=PictureSettings)
    hidden: int = 128
    dropout: float = 0.5

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary that :meth:`from_dict` reads."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "EmotionConfig":
        """Read what :meth:`to_dict` wrote.

        Raises:
            ConfigError: A key is unknown: the file was made by another version.
        """
        picture = from_known_keys(PictureSettings, values["picture"])
        return from_known_keys(cls, {**values, "picture": picture})


class EmotionModel(nn.Module):
    """Pictures to classes of emotion.

    Args:
        config: What it is made of.
    """

    def __init__(self, config: EmotionConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = make_backbone(config.backbone)
        with torch.no_grad():
            size = config.picture.size
            features = map_rows(self.backbone.eval(), torch.zeros(1, 3, size, size), config.stages).shape[2]
        self.head = RowAttention(features, len(config.labels), config.hidden, config.dropout)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(config.picture.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.picture.std).view(3, 1, 1), persistent=False)

    def rows(self, pictures: Tensor) -> Tensor:
        """RGB in [0, 1], (N, 3, H, W), to rows of the feature map (N, rows, features)."""
        return map_rows(self.backbone, (pictures - self.mean) / self.std, self.config.stages)

    def forward(self, pictures: Tensor) -> Tensor:
        """RGB in [0, 1], (N, 3, H, W), to class scores (N, classes)."""
        scores: Tensor = self.head(self.rows(pictures))
        return scores


class EmotionClassifier:
    """Names the emotion of pictures.

    Args:
        model: The network.
        device: Where it computes; None takes a GPU if there is one.
    """

    def __init__(self, model: EmotionModel, device: str | torch.device | None = None) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.model = model.eval().requires_grad_(False).to(self.device)

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes."""
        return self.model.config.labels

    def classify(self, pictures: Sequence[PictureSource], batch_size: int = 16) -> FloatArray:
        """Probabilities (n, classes) of each class, in the order of :attr:`labels`.

        Args:
            pictures: Files, images, arrays or tensors.
            batch_size: How many are computed at once.

        Raises:
            MediaError: One cannot be read.
        """
        size = self.model.config.picture.size
        found = [torch.zeros((0, len(self.labels)))]
        for first in range(0, len(pictures), batch_size):
            batch = [
                picture_to_tensor(load_picture(each, min_side=size), size)
                for each in pictures[first : first + batch_size]
            ]
            with torch.inference_mode():
                scores = self.model(torch.stack(batch).to(self.device).float() / 255)
            found.append(scores.softmax(dim=1).cpu())
        return torch.cat(found).numpy()

    def save(self, folder: str | Path) -> None:
        """Write ``classifier.safetensors`` into a folder, which is made if it is missing."""
        save_emotion_model(self.model, folder)

    @classmethod
    def load(cls, folder: str | Path, *, device: str | torch.device | None = None) -> "EmotionClassifier":
        """Read a classifier.

        Args:
            folder: What :meth:`save`, or a training, wrote to.
            device: See the class.

        Raises:
            CheckpointError: It is not there, damaged, or something else.
        """
        return cls(load_emotion_model(folder), device)


def save_emotion_model(model: EmotionModel, folder: str | Path) -> None:
    """Write the network with its configuration; the file is complete or not there."""
    from safetensors.torch import save

    state = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    metadata = {"format": _FORMAT, "config": json.dumps(model.config.to_dict())}
    with replacing(Path(folder) / FILE) as beside:
        beside.write_bytes(save(state, metadata))


def load_emotion_model(folder: str | Path) -> EmotionModel:
    """Read what :func:`save_emotion_model` wrote; raises as :meth:`EmotionClassifier.load` does."""
    path = Path(folder) / FILE
    if not path.is_file():
        raise CheckpointError(f"{folder} holds no classifier of emotions: it has no {FILE}")
    state, metadata = read_tensors(path, _FORMAT, "no classifier of emotions")
    try:
        model = EmotionModel(EmotionConfig.from_dict(json.loads(metadata["config"])))
        model.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError, ConfigError) as error:
        raise CheckpointError(f"{path}: damaged, or of another version ({error})") from error
    return model
