"""4Q's recordings with their quadrants, all of them for training."""

from va_space.datasets import fourq
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData, no_records


@SOURCES.register("fourq")
def recordings(options: SourceOptions) -> SpaceData:
    """Music with quadrants, in windows that do not overlap."""
    windows = fourq.load(options.root / "fourq", window_seconds=options.audio.window_seconds)
    return SpaceData(quadrants={**no_records(), "train": windows})
