"""Emotify's recordings with their listeners' votes, all of them for training."""

from va_space.datasets import emotify
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData, no_records


@SOURCES.register("emotify")
def recordings(options: SourceOptions) -> SpaceData:
    """Music with votes."""
    windows = options.windows(emotify.load(options.root / "emotify"))
    return SpaceData(votes={**no_records(), "train": windows})
