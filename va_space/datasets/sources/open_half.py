"""The data of "open" with the pictures of half of the themes, for a model whose edits another half judges."""

from dataclasses import replace

from va_space.datasets.open_data import picture_halves
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData
from va_space.datasets.sources.open import open_data


@SOURCES.register("open-half")
def open_half(options: SourceOptions) -> SpaceData:
    """Pictures of one half of OASIS' themes; the other half is the judge's of ``va-space benchmark restyle``."""
    learnt, _ = picture_halves(options.root)
    return replace(open_data(options), pictures=options.split(learnt))
