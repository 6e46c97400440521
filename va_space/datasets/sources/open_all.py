"""The data of "open" with its test parts, for figures over folds of all of it; never for a model to ship."""

from va_space.datasets.open_data import open_music, open_pictures
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData
from va_space.datasets.sources.open import open_data


@SOURCES.register("open-all")
def open_all(options: SourceOptions) -> SpaceData:
    """As "open", whose test groups are added to the training part."""
    data = open_data(options)
    window, hop = options.audio.window_seconds, options.hop_seconds
    tests = (
        open_pictures(options.root)["test"],
        open_music(options.root, options.cache, window_seconds=window, hop_seconds=hop)["test"],
    )
    for side, test in zip((data.pictures, data.music), tests, strict=True):
        side["train"] = side["train"] + test
    return data
