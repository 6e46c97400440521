"""The data of "open" for a model that judges another: what that one does not learn from trains this one."""

from va_space.datasets.open_data import open_music, open_pictures
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData


@SOURCES.register("open-judge")
def open_judge(options: SourceOptions) -> SpaceData:
    """The validation and test groups of "open" to train on, its training groups to validate with."""
    music = open_music(
        options.root,
        options.cache,
        window_seconds=options.audio.window_seconds,
        hop_seconds=options.hop_seconds,
    )
    pictures, tracks = (
        {"train": parts["validation"] + parts["test"], "validation": parts["train"]}
        for parts in (open_pictures(options.root), music)
    )
    return SpaceData(pictures, tracks)
