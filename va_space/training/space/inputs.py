"""The inputs of a space's training, with backbones that learn and with backbones that do not."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from va_space.datasets.records import Record
from va_space.datasets.sources import SpaceData
from va_space.encoders.model import MusicEncoder, PictureEncoder, SpaceModel
from va_space.errors import ConfigError
from va_space.media.settings import AudioSettings
from va_space.training.engine.augment import augment_mel, augment_picture
from va_space.training.engine.cache import Progress, cached_mels, cached_pictures
from va_space.training.recipe import Recipe
from va_space.training.space.examples import (
    CACHED_SIDE,
    Decoded,
    Examples,
    Views,
    frozen,
    frozen_view,
    music_views,
    picture_views,
    subset,
)

_STATISTICS = 256  # windows that the mean and deviation of the log-mel are taken over


@dataclass(frozen=True)
class Inputs:
    """What a space learns from and is validated on.

    Attributes:
        audio: Settings of the music, with the statistics of what is heard.
        pictures: For training, labelled with points.
        music: Likewise.
        quadrant_music: Of which only the quadrant is known; None if there is none.
        held_pictures: For validation.
        held_music: Likewise.
        held_quadrant_music: Likewise; None if there is none.
        votes_music: For training, with listeners' votes; None if there is none.
        held_votes_music: Likewise, for validation.
    """

    audio: AudioSettings
    pictures: Examples
    music: Examples
    quadrant_music: Examples | None
    held_pictures: Examples
    held_music: Examples
    held_quadrant_music: Examples | None = None
    votes_music: Examples | None = None
    held_votes_music: Examples | None = None


def decoded_inputs(recipe: Recipe, data: SpaceData, cache: Path, progress: Progress) -> Inputs:
    """Decoded media, augmented anew each time.

    The statistics of the log-mel are measured, but for the two-branch encoder, which needs none.
    """
    config, options = recipe.model, recipe.augmentation
    if config.audio.waveform:
        raise ConfigError("a backbone that takes sound itself does not learn: backbone_learning_rate must be 0")
    side = config.picture.size
    pictures = cached_pictures(data.pictures["train"], round(side * CACHED_SIDE), cache, progress)
    held_pictures = cached_pictures(data.pictures["validation"], side, cache, progress)
    mels = partial(cached_mels, settings=config.audio, folder=cache, progress=progress)
    music, held_music = mels(data.music["train"]), mels(data.music["validation"])
    audio = config.audio
    if config.music_backbone != "two-branch":
        chosen = np.linspace(0, len(music.records) - 1, _STATISTICS).astype(int)
        values = np.asarray(music.values[chosen], np.float32)
        mean, std = (round(float(value), 4) for value in (values.mean(), values.std()))
        audio = replace(audio, mean=mean, std=std)

    def see(picture: Tensor, rng: torch.Generator) -> Tensor:
        return augment_picture(picture, side, options, rng)

    def hear(mel: Tensor, rng: torch.Generator) -> Tensor:
        return augment_mel(mel.float(), options, rng)

    return Inputs(
        audio,
        Decoded(pictures, see, lambda picture: picture),
        Decoded(music, hear, Tensor.float),
        Decoded(mels(data.quadrants["train"]), hear, Tensor.float) if data.quadrants["train"] else None,
        Decoded(held_pictures, see, lambda picture: picture),
        Decoded(held_music, hear, Tensor.float),
        votes_music=Decoded(mels(data.votes["train"]), hear, Tensor.float) if data.votes["train"] else None,
    )


def stored_inputs(
    recipe: Recipe, model: SpaceModel, data: SpaceData, cache: Path, progress: Progress
) -> Inputs:
    """What the model's backbones, which do not learn, make of augmented views."""
    config, options, precision = recipe.model, recipe.augmentation, recipe.precision
    seen = partial(
        picture_views,
        size=config.picture.size,
        features=frozen(model.picture_encoder, precision),
        single_view=frozen_view(model.picture_encoder, precision),
        length=model.picture_encoder.backbone.features,
        key={**_key(model.picture_encoder, precision), "tta_scales": config.picture.tta_scales, "views": "single"},
        options=options,
        cache=cache,
        progress=progress,
    )
    heard = partial(
        music_views,
        audio=config.audio,
        features=frozen(model.music_encoder, precision),
        length=model.music_encoder.backbone.features,
        key=_key(model.music_encoder, precision),
        options=options,
        cache=cache,
        progress=progress,
    )
    # Both parts as one store, in an order of their own: however groups are shared out, it is the same.
    pictures, music = (seen(_all(data.pictures)), heard(_all(data.music)))
    quadrant_music, held_quadrant_music = _both(heard, data.quadrants)
    votes_music, held_votes_music = _both(heard, data.votes)
    training = [_groups(side["train"]) for side in (data.pictures, data.music)]
    return Inputs(
        config.audio,
        subset(pictures, lambda record: record.group in training[0]),
        subset(music, lambda record: record.group in training[1]),
        quadrant_music,
        subset(pictures, lambda record: record.group not in training[0]),
        subset(music, lambda record: record.group not in training[1]),
        held_quadrant_music,
        votes_music,
        held_votes_music,
    )


def _both(
    heard: Callable[[list[Record]], Views], side: dict[str, list[Record]]
) -> tuple[Views | None, Views | None]:
    """Examples for training and for validation, where there are some."""
    if not side["train"]:
        return None, None
    views, training = heard(_all(side)), _groups(side["train"])
    held = subset(views, lambda record: record.group not in training) if side["validation"] else None
    return subset(views, lambda record: record.group in training), held


def _all(side: dict[str, list[Record]]) -> list[Record]:
    records = side["train"] + side["validation"]
    return sorted(records, key=lambda record: (str(record.path), record.start))


def _groups(records: list[Record]) -> set[str]:
    return {record.group for record in records}


def _key(encoder: PictureEncoder | MusicEncoder, precision: str) -> dict[str, object]:
    state = hashlib.sha256()
    for name, value in sorted(encoder.backbone.state_dict().items()):
        state.update(name.encode() + value.cpu().numpy().tobytes())
    return {"backbone": state.hexdigest(), "precision": precision}
