"""Which records a recipe trains on."""

import os
from pathlib import Path

from va_space.datasets import folder
from va_space.datasets.cache import cache_folder
from va_space.datasets.open_data import open_music, open_pictures, open_quadrants
from va_space.datasets.records import Record, windows_of
from va_space.errors import ConfigError, DatasetError
from va_space.media.audio import probe_audio
from va_space.training.cache import Progress
from va_space.training.recipe import Data, Recipe


def root_of(data: Data) -> Path:
    """The folder of data sets that a recipe reads.

    Raises:
        DatasetError: Neither the recipe nor VA_SPACE_DATA names a folder that exists.
    """
    root = Path(data.root or os.environ.get("VA_SPACE_DATA", ""))
    if not str(data.root or os.environ.get("VA_SPACE_DATA", "")) or not root.is_dir():
        raise DatasetError(
            "this recipe needs data: give data.root=FOLDER, or set VA_SPACE_DATA to the folder of data sets"
        )
    return root


def cache_of(data: Data) -> Path:
    """The folder for decoded and rendered media."""
    return Path(data.cache) if data.cache else cache_folder()


def unlabelled(recipe: Recipe, progress: Progress) -> list[Record]:
    """Media for distillation: the open training parts and the recipe's folders, never a test part."""
    root, cache = root_of(recipe.data), cache_of(recipe.data)
    window, hop = recipe.model.audio.window_seconds, recipe.data.hop_seconds
    records: list[Record] = []
    if recipe.distillation.modality == "picture":
        if recipe.data.source == "open":
            records += open_pictures(root)["train"]
        for name in recipe.data.folders:
            records += folder.load(root / name, modality="picture")
        return records
    if recipe.data.source == "open":
        records += open_music(root, cache, window_seconds=window, hop_seconds=hop)["train"]
        records += open_quadrants(root, cache, window_seconds=window, hop_seconds=hop)["train"]
    for name in recipe.data.folders:
        for record in folder.load(root / name, modality="music"):
            records += windows_of(record, probe_audio(record.path).duration or window, window, hop)
    return records
