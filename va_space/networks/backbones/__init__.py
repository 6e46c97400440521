"""Backbones by name, and their first weights: one module here is one family.

A name is the family alone ("two-branch") or with one of its networks ("timm:convnext_atto"). A plain name of
torchvision, such as "resnet18", needs no family.
"""

from pathlib import Path

from va_space.errors import CheckpointError
from va_space.networks.backbone import RGB, Backbone
from va_space.networks.weights import read_weights
from va_space.registry import Registry

BACKBONES: Registry[type[Backbone]] = Registry("backbone", "va_space.networks.backbones")
AND = " + "


def make_backbone(name: str, channels: int = 3) -> Backbone:
    """A backbone with random weights.

    Args:
        name: "mobilenet_v1_x025" for pictures, "two-branch" for music; "resnet18" (of torchvision),
            "timm:NAME" and others for either.
        channels: Input channels.

    Raises:
        ConfigError: There is none of that name, or it has another number of channels.

    Example:
        >>> make_backbone("mobilenet_v1_x025").features
        640
    """
    family, variant = _parse(name)
    return BACKBONES[family](variant, channels)


def pretrained_statistics(name: str) -> tuple[RGB, RGB] | None:
    """Mean and deviation of RGB in [0, 1] that the published weights were trained with; None: ImageNet's."""
    family, variant = _parse(name)
    return BACKBONES[family].pretrained_statistics(variant)


def load_initial_weights(backbone: Backbone, weights: str, name: str) -> None:
    """Fill a backbone in place before training.

    Args:
        backbone: The network to fill.
        weights: "none" (stay random), "imagenet" (the published weights, downloaded), or the path of a local
            ``.safetensors`` or ``.pth`` file, or of several joined by :data:`AND`, each for a part of the
            network. A classifier of pictures in it is ignored.
        name: Name of the backbone, for messages.

    Raises:
        CheckpointError: The download or the file failed, or the file belongs to another network.
    """
    if weights == "none":
        return
    for part in weights.split(AND):
        try:
            if part == "imagenet":
                backbone.load_pretrained()
            else:
                backbone.load_weights(read_weights(Path(part)))
        except CheckpointError as error:
            raise CheckpointError(f"{part} as first weights of {name}: {error}") from error


def _parse(name: str) -> tuple[str, str]:
    family, colon, variant = name.partition(":")
    family = family.replace("_", "-")
    return (family, variant) if colon or family in BACKBONES else ("torchvision", name)
