"""What a space can be trained on, by name: one module here is one data set, or one mixture of some.

A recipe names one (``data.source = "open"``) or several that are joined (``"open+mine"``).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from va_space.datasets.records import Record, windows_of
from va_space.datasets.splits import split_by_group
from va_space.errors import DatasetError
from va_space.media.audio import probe_audio
from va_space.media.settings import AudioSettings
from va_space.registry import Registry

Parts = dict[str, list[Record]]


def no_records() -> Parts:
    """A side without records."""
    return {"train": [], "validation": []}


@dataclass(frozen=True)
class SpaceData:
    """What a space is trained and validated on; no group is on both sides.

    Attributes:
        pictures: "train" and "validation" pictures, each labelled with a point.
        music: "train" and "validation" windows of music, likewise.
        quadrants: Windows of which only the quadrant is known; both parts may be empty. Their data sets
            (say, of
            renderings and of recordings) have equal shares of every batch.
        votes: Windows with listeners' votes for feelings, for an auxiliary loss; both parts may be empty.
        texts: Texts, each labelled with a point; both parts may be empty.
    """

    pictures: Parts = field(default_factory=no_records)
    music: Parts = field(default_factory=no_records)
    quadrants: Parts = field(default_factory=no_records)
    votes: Parts = field(default_factory=no_records)
    texts: Parts = field(default_factory=no_records)

    def joined(self, other: "SpaceData") -> "SpaceData":
        """The records of both."""
        return SpaceData(
            **{
                item.name: {
                    part: getattr(self, item.name)[part] + getattr(other, item.name)[part]
                    for part in ("train", "validation")
                }
                for item in fields(SpaceData)
            }
        )


@dataclass(frozen=True)
class SourceOptions:
    """What a recipe asks of its source.

    Attributes:
        folder: Folder of data sets; empty for the environment variable VA_SPACE_DATA.
        cache: Folder for what is made from them, such as rendered MIDI.
        audio: How music is heard; says how long a window is.
        hop_seconds: Distance of the windows that training music is cut into.
        quadrant_hop_seconds: The same of rendered clips of which only the quadrant is known.
        seed: Of splits that are not published.
        renderings: 1 for MIDI as it is, 2 for another instrument, too.
        with_quadrants: Whether music of which only the quadrant is known is wanted.
        tables: The picture table and the music table of the source "table".
        scale: Lowest and highest rating in them.
    """

    folder: str
    cache: Path
    audio: AudioSettings
    hop_seconds: float = 2.5
    quadrant_hop_seconds: float = 10.0
    seed: int = 0
    renderings: int = 1
    with_quadrants: bool = False
    tables: tuple[str, ...] = ()
    scale: tuple[float, float] = (0.0, 1.0)

    @property
    def root(self) -> Path:
        """The folder of data sets.

        Raises:
            DatasetError: Neither the recipe nor VA_SPACE_DATA names a folder that exists.
        """
        return data_root(self.folder)

    def split(self, records: list[Record]) -> Parts:
        """Records shared out by group."""
        return split_by_group(records, {"train": 0.85, "validation": 0.15}, self.seed)

    def windows(self, tracks: list[Record]) -> list[Record]:
        """Whole tracks cut into windows."""
        window = self.audio.window_seconds
        return [
            piece
            for track in tracks
            for piece in windows_of(
                track, probe_audio(track.path).duration or window, window, self.hop_seconds
            )
        ]


SOURCES: Registry[Callable[[SourceOptions], SpaceData]] = Registry("dataset", "va_space.datasets.sources")


def load_source(name: str, options: SourceOptions) -> SpaceData:
    """The records of a source, or of several with "+" between their names.

    Raises:
        ConfigError: There is no source of that name.
        DatasetError: Its data are missing or not as published.
    """
    first, *others = (SOURCES[part](options) for part in name.split("+"))
    for other in others:
        first = first.joined(other)
    return first


def data_root(folder: str) -> Path:
    """The folder of data sets, as given or from VA_SPACE_DATA.

    Raises:
        DatasetError: Neither names a folder that exists.
    """
    name = folder or os.environ.get("VA_SPACE_DATA", "")
    if not name or not Path(name).is_dir():
        raise DatasetError(
            "this recipe needs data: give data.root=FOLDER, or set VA_SPACE_DATA to the folder of data sets"
        )
    return Path(name)
