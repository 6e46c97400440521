"""The configuration that is saved with the weights and says how to rebuild and feed the model."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from va_space.errors import ConfigError
from va_space.media.settings import AudioSettings, PictureSettings


@dataclass(frozen=True)
class SpaceConfig:
    """Everything a model needs besides its weights.

    Attributes:
        picture_backbone: "efficientnet_lite0" to "2", "mobilenet_v1_x025", or the name of a torchvision ResNet.
        music_backbone: "three_branch" (needs ``audio.waveform``), "listener" (needs ``audio.semitones``), or the
            name of a torchvision ResNet.
        dimension: Length of the unit vectors of the space.
        hidden: Width of the predictors' hidden layer.
        dropout: Share of the backbones' features that is dropped in training.
        sigma: Scale of the similarity S = exp(-distance / sigma): mean valence-arousal distance over all
            picture-music combinations of the training set.
        picture: What the picture encoder sees.
        audio: What the music encoder hears.
    """

    picture_backbone: str = "resnet50"
    music_backbone: str = "resnet18"
    dimension: int = 512
    hidden: int = 256
    dropout: float = 0.0
    sigma: float = 0.3
    picture: PictureSettings = field(default_factory=PictureSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary that :meth:`from_dict` reads."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "SpaceConfig":
        """Read what :meth:`to_dict` wrote.

        Raises:
            ConfigError: A key is unknown: the file was made by another version.
        """
        nested = {"picture": PictureSettings, "audio": AudioSettings}
        values = {
            key: _strict(nested[key], value) if key in nested else value for key, value in values.items()
        }
        return _strict(cls, values)


def _strict(cls: type[Any], values: Mapping[str, Any]) -> Any:
    unknown = set(values) - {known.name for known in fields(cls)}
    if unknown:
        raise ConfigError(f"unknown {cls.__name__} keys: {', '.join(sorted(unknown))}")
    return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
