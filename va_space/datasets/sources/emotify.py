"""Recordings with listeners' votes for feelings; joined to another source."""

from va_space.datasets import emotify
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData, no_records


@SOURCES.register("emotify")
def recordings(options: SourceOptions) -> SpaceData:
    """Emotify's recordings, all of them to train on: folds by artist measure them."""
    windows = options.windows(emotify.load(options.root / "emotify"))
    return SpaceData(votes={**no_records(), "train": windows})
