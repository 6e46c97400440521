"""Which records a recipe trains on."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.datasets import deam, emopia, emotic, emotify, folder, fourq, iaps, imemnet, naps, table, vgmidi
from va_space.datasets.cache import cache_folder, rendered_folder
from va_space.datasets.midi import drawn_program
from va_space.datasets.open_data import open_music, open_pictures, open_quadrants
from va_space.datasets.records import Record, windows_of
from va_space.datasets.score import described_windows
from va_space.datasets.splits import split_by_group
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError
from va_space.media.audio import probe_audio
from va_space.networks.backbones import AND
from va_space.training.recipe import Data, Initial, Recipe
from va_space.training.space import synthetic


def root_of(data: Data) -> Path:
    """The folder of data sets that a recipe reads.

    Raises:
        DatasetError: Neither the recipe nor VA_SPACE_DATA names a folder that exists.
    """
    name = data.root or os.environ.get("VA_SPACE_DATA", "")
    if not name or not Path(name).is_dir():
        raise DatasetError(
            "this recipe needs data: give data.root=FOLDER, or set VA_SPACE_DATA to the folder of data sets"
        )
    return Path(name)


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
        if recipe.data.source == "open":
            records += open_pictures(root)["train"]
        for name in recipe.data.folders:
            records += folder.load(root / name, modality="picture")
        return records
    if recipe.data.source == "open":
        records += open_music(root, cache, window_seconds=window, hop_seconds=hop)["train"]
    for name in recipe.data.folders:
        records += _windows(folder.load(root / name, modality="music"), recipe)
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


_NONE: dict[str, list[Record]] = {"train": [], "validation": []}


@dataclass(frozen=True)
class SpaceData:
    """What a space is trained and validated on; no group is on both sides.

    Attributes:
        pictures: "train" and "validation" pictures, each labelled with a point.
        music: "train" and "validation" windows of music, likewise.
        quadrants: Windows of which only the quadrant is known; both parts may be empty. Their sources (say,
            renderings and recordings) have equal shares of every batch.
        votes: Windows with listeners' votes for feelings, for an auxiliary loss; both parts may be empty.
    """

    pictures: dict[str, list[Record]]
    music: dict[str, list[Record]]
    quadrants: dict[str, list[Record]]
    votes: dict[str, list[Record]] = field(default_factory=lambda: {"train": [], "validation": []})


def space_data(recipe: Recipe) -> SpaceData:
    """The records of a recipe's source.

    Raises:
        DatasetError: Its data are missing or not as published.
    """
    sources = {
        "open": _open,
        "open-judge": _open_judge,
        "paper": _paper,
        "table": _table,
        "synthetic": _synthetic,
    }
    return sources[recipe.data.source](recipe)


def _open(recipe: Recipe) -> SpaceData:
    """OASIS by theme, VGMIDI by series, EMOPIA's training part, and the recipe's sets of recordings."""
    root, cache, data = root_of(recipe.data), cache_of(recipe.data), recipe.data
    window = recipe.model.audio.window_seconds
    music: dict[str, list[Record]] = {"train": [], "validation": []}
    quadrants: dict[str, list[Record]] = {"train": [], "validation": []}
    for program in (None, drawn_program)[: data.renderings]:
        parts = open_music(root, cache, window_seconds=window, hop_seconds=data.hop_seconds, program=program)
        for name, records in music.items():
            records += parts[name]
        if recipe.schedule.quadrant_batch_size:
            hop = data.quadrant_hop_seconds
            parts = open_quadrants(root, cache, window_seconds=window, hop_seconds=hop, program=program)
            quadrants["train"] += parts["train"]  # its validation part is the benchmark's
    votes: dict[str, list[Record]] = {"train": [], "validation": []}
    for name in data.recordings:
        if name == "fourq":
            quadrants["train"] += fourq.load(root / name, window_seconds=window)
        elif name == "emotify":
            votes["train"] += _windows(emotify.load(root / name), recipe)
        else:
            raise ConfigError(f"data.recordings has {name!r}; known: fourq, emotify")
    return SpaceData(open_pictures(root), music, quadrants, votes)


def _open_judge(recipe: Recipe) -> SpaceData:
    """The same data for a model that judges another: what that one does not learn from trains this one."""
    root, cache = root_of(recipe.data), cache_of(recipe.data)
    window = recipe.model.audio.window_seconds
    music = open_music(root, cache, window_seconds=window, hop_seconds=recipe.data.hop_seconds)
    pictures, tracks = (
        {"train": parts["validation"] + parts["test"], "validation": parts["train"]}
        for parts in (open_pictures(root), music)
    )
    return SpaceData(pictures, tracks, _NONE)


def _paper(recipe: Recipe) -> SpaceData:
    """NAPS, IAPS and EMOTIC by their norms, DEAM by its half-second ratings.

    What IMEMNet's published lists name is not trained on: its validation list validates, its test list stays
    for the benchmark.
    """
    root = root_of(recipe.data)
    pictures = [
        record
        for name, source in (("naps", naps), ("iaps", iaps), ("emotic", emotic))
        for record in source.load(root / name)
    ]
    music = deam.load(root / "deam", window_seconds=recipe.model.audio.window_seconds)
    validation = imemnet.read_matches(root / "imemnet" / "val_matching.txt")
    test = imemnet.read_matches(root / "imemnet" / "test_matching.txt")
    return SpaceData(
        _by_list(pictures, {m.picture for m in validation}, {m.picture for m in test}, lambda r: r.path.stem),
        _by_list(music, {m.song for m in validation}, {m.song for m in test}, lambda r: r.group),
        _NONE,
    )


def _by_list(
    records: list[Record], validation: set[str], test: set[str], name: Callable[[Record], str]
) -> dict[str, list[Record]]:
    listed = {record.group for record in records if name(record) in validation | test}
    return {
        "train": [record for record in records if record.group not in listed],
        "validation": [record for record in records if name(record) in validation],
    }


def _table(recipe: Recipe) -> SpaceData:
    """A user's own pictures and music."""
    scale = Scale(*recipe.data.scale)
    root = root_of(recipe.data)
    pictures, tracks = (table.load(root / name, scale) for name in recipe.data.tables)
    return SpaceData(_split(pictures, recipe.seed), _split(_windows(tracks, recipe), recipe.seed), _NONE)


def _synthetic(recipe: Recipe) -> SpaceData:
    """Pictures and tones that are made here, for trying the whole path without any data."""
    pictures, tracks = synthetic.make(cache_of(recipe.data) / "synthetic", recipe.model.audio)
    return SpaceData(_split(pictures, recipe.seed), _split(_windows(tracks, recipe), recipe.seed), _NONE)


def _windows(tracks: list[Record], recipe: Recipe) -> list[Record]:
    window, hop = recipe.model.audio.window_seconds, recipe.data.hop_seconds
    return [
        piece
        for track in tracks
        for piece in windows_of(track, probe_audio(track.path).duration or window, window, hop)
    ]


def _split(records: list[Record], seed: int) -> dict[str, list[Record]]:
    return split_by_group(records, {"train": 0.85, "validation": 0.15}, seed)
