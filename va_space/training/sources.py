"""Which records a recipe trains on."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.datasets import emopia, folder, vgmidi
from va_space.datasets.cache import cache_folder, rendered_folder
from va_space.datasets.emotions import EmotionOptions, load_emotions
from va_space.datasets.open_data import open_music, open_pictures
from va_space.datasets.records import Record
from va_space.datasets.score import described_windows
from va_space.datasets.sources import SourceOptions, SpaceData, data_root, load_source
from va_space.errors import DatasetError
from va_space.networks.backbones import AND
from va_space.training.recipe import Data, Initial, Recipe


def root_of(data: Data) -> Path:
    """The folder of data sets that a recipe reads.

    Raises:
        DatasetError: Neither the recipe nor VA_SPACE_DATA names a folder that exists.
    """
    return data_root(data.root)


def cache_of(data: Data) -> Path:
    """The folder for decoded and rendered media."""
    return Path(data.cache) if data.cache else cache_folder()


def resolve_initial_weights(recipe: Recipe) -> Initial:
    """The recipe's first weights, where a file that is not in the working folder is one of the data root."""

    def path(weights: str) -> str:
        if weights in ("none", "imagenet") or Path(weights).exists():
            return weights
        if AND in weights:
            return AND.join(path(part) for part in weights.split(AND))
        return str(root_of(recipe.data) / weights)

    return Initial(path(recipe.initial.picture), path(recipe.initial.music))


def unlabelled(recipe: Recipe) -> list[Record]:
    """Media for distillation: the open training parts and the recipe's folders, never a test part."""
    root, cache = root_of(recipe.data), cache_of(recipe.data)
    window, hop = recipe.model.audio.window_seconds, recipe.data.hop_seconds
    records: list[Record] = []
    if recipe.distillation.modality == "picture":
        if recipe.data.source.split("+")[0] == "open":
            records += open_pictures(root)["train"]
        for name in recipe.data.folders:
            records += folder.load(root / name, modality="picture")
        return records
    if recipe.data.source.split("+")[0] == "open":
        records += open_music(root, cache, window_seconds=window, hop_seconds=hop)["train"]
    for name in recipe.data.folders:
        records += _options(recipe).windows(folder.load(root / name, modality="music"))
    return records


def load_score_windows(
    recipe: Recipe, progress: Callable[[str, int, int], None]
) -> tuple[list[Record], NDArray[np.float32]]:
    """Windows of renderings with what their scores say: VGMIDI's training series, EMOPIA's training songs."""
    root, rendered = root_of(recipe.data), rendered_folder(cache_of(recipe.data))
    training = {record.id for record in open_music(root, cache_of(recipe.data), window_seconds=None)["train"]}
    scores = [piece.midi for piece in vgmidi.pieces(root / "vgmidi") if piece.midi.stem in training]
    scores += emopia.scores(root / "emopia", "train")
    window, hop = recipe.model.audio.window_seconds, recipe.data.hop_seconds
    report = partial(progress, "renderings")
    return described_windows([path for path in scores if path.is_file()], rendered, window, hop, report)


def emotion_records(recipe: Recipe) -> list[Record]:
    """Pictures with words of emotion.

    Raises:
        DatasetError: They are missing or not as published.
    """
    options = EmotionOptions(root_of(recipe.data), recipe.data.tables)
    return load_emotions(recipe.emotions.dataset, options)


def space_data(recipe: Recipe) -> SpaceData:
    """The records of a recipe's source.

    Raises:
        DatasetError: Its data are missing or not as published, or too few to validate on.
    """
    data = load_source(recipe.data.source, _options(recipe))
    for kind, parts in (("pictures", data.pictures), ("windows of music", data.music)):
        if len(parts["validation"]) < 2:
            raise DatasetError(
                f"{recipe.data.source}: of {len(parts['train']) + len(parts['validation'])} {kind} "
                f"{len(parts['validation'])} would be left to validate on, and a correlation needs 2: "
                "more groups are needed"
            )
    return data


def _options(recipe: Recipe) -> SourceOptions:
    data = recipe.data
    return SourceOptions(
        folder=data.root,
        cache=cache_of(data),
        audio=recipe.model.audio,
        hop_seconds=data.hop_seconds,
        quadrant_hop_seconds=data.quadrant_hop_seconds,
        seed=recipe.seed,
        renderings=data.renderings,
        with_quadrants=recipe.schedule.quadrant_batch_size > 0 or recipe.teacher.batch_size > 0,
        tables=data.tables,
        scale=data.scale,
    )
