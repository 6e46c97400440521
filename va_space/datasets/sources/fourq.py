"""Recordings of many genres, of each of which the quadrant is known; joined to another source."""

from va_space.datasets import fourq
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData, no_records


@SOURCES.register("fourq")
def recordings(options: SourceOptions) -> SpaceData:
    """4Q's recordings, all of them to train on: folds by artist measure them."""
    windows = fourq.load(options.root / "fourq", window_seconds=options.audio.window_seconds)
    return SpaceData(quadrants={**no_records(), "train": windows})
