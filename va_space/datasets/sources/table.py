"""A user's own pictures and music, rated in two tables."""

from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData
from va_space.datasets.table import load
from va_space.emotion.plane import Scale


@SOURCES.register("table")
def tables(options: SourceOptions) -> SpaceData:
    """What the tables name."""
    root, scale = options.root, Scale(*options.scale)
    pictures, tracks = (load(root / name, scale) for name in options.tables)
    return SpaceData(options.split(pictures), options.split(options.windows(tracks)))
