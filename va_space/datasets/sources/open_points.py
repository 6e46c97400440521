"""The data of "open" that are labelled with points: OASIS and VGMIDI."""

from dataclasses import replace

from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData
from va_space.datasets.sources.open import open_data


@SOURCES.register("open-points")
def open_points(options: SourceOptions) -> SpaceData:
    """As "open", without the clips of which only the quadrant is known."""
    return open_data(replace(options, with_quadrants=False))
