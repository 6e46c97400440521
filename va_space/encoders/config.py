"""The configuration that is saved with the weights and says how to rebuild and feed the model."""

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from va_space.errors import ConfigError
from va_space.media.settings import AudioSettings, PictureSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Known = TypeVar("_Known", bound="DataclassInstance")


@dataclass(frozen=True)
class SpaceConfig:
    """Everything a model needs besides its weights.

    Attributes:
        picture_backbone: Such as "mobilenet_v1_x025", "resnet50" or "timm:convnext_atto"; see
            :func:`va_space.networks.backbones.make_backbone`.
        music_backbone: Likewise; "two-branch" needs ``audio.semitones``, "three-branch" the settings that
            :mod:`va_space.encoders.three_branch` names.
        dimension: Length of the unit vectors of the space.
        hidden: Width of the predictors' hidden layer.
        dropout: Share of the backbones' features that is dropped in training.
        music_hidden: Width of a hidden layer between the music backbone and the vector; 0 for none.
        music_dropout: As ``dropout``, for the music alone; None for the same.
        sigma: Scale of the similarity S = exp(-distance / sigma): mean valence-arousal distance over all
            picture-music combinations of the training set.
        picture: Size, normalisation and test-time augmentation of pictures.
        audio: Windows and log-mel of music.
    """

    picture_backbone: str = "resnet50"
    music_backbone: str = "resnet18"
    dimension: int = 512
    hidden: int = 256
    dropout: float = 0.0
    music_hidden: int = 0
    music_dropout: float | None = None
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

        Example:
            >>> config = SpaceConfig(dimension=64)
            >>> SpaceConfig.from_dict(config.to_dict()) == config
            True
        """
        nested: dict[str, type[Any]] = {"picture": PictureSettings, "audio": AudioSettings}
        values = renamed(values)
        values = {
            key: from_known_keys(nested[key], value) if key in nested else value
            for key, value in values.items()
        }
        return from_known_keys(cls, values)


def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration as a file has it, with today's words for older ones.

    Warns:
        DeprecationWarning: It has an old word.
    """
    values = dict(values)
    if values.get("music_backbone") == "listener":
        _warn('music_backbone = "listener"', '"two-branch"')
        values["music_backbone"] = "two-branch"
    picture = values.get("picture")
    if isinstance(picture, Mapping) and "looks" in picture:
        _warn("picture.looks", "picture.tta_scales")
        values["picture"] = {"tta_scales" if key == "looks" else key: item for key, item in picture.items()}
    return values


def _warn(old: str, new: str) -> None:
    warnings.warn(f"{old} of a model's configuration is now {new}", DeprecationWarning, stacklevel=4)


def from_known_keys(cls: type[_Known], values: Mapping[str, Any]) -> _Known:
    """A dataclass from a file's dictionary, lists as tuples.

    Raises:
        ConfigError: A key is unknown.
    """
    unknown = set(values) - {known.name for known in fields(cls)}
    if unknown:
        raise ConfigError(f"unknown {cls.__name__} keys: {', '.join(sorted(unknown))}")
    return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
