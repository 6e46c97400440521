"""Data that anyone can have: OASIS by theme, VGMIDI by series, and EMOPIA's training part."""

from va_space.datasets.midi import drawn_program
from va_space.datasets.open_data import open_music, open_pictures, open_quadrants
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData, no_records


@SOURCES.register("open")
def open_data(options: SourceOptions) -> SpaceData:
    """Pictures and music with points, and music with quadrants."""
    root, cache, window = options.root, options.cache, options.audio.window_seconds
    music, quadrants = no_records(), no_records()
    for program in (None, drawn_program)[: options.renderings]:
        parts = open_music(
            root, cache, window_seconds=window, hop_seconds=options.hop_seconds, program=program
        )
        for name, records in music.items():
            records += parts[name]
        if options.with_quadrants:
            hop = options.quadrant_hop_seconds
            parts = open_quadrants(root, cache, window_seconds=window, hop_seconds=hop, program=program)
            quadrants["train"] += parts["train"]  # its validation part is the benchmark's
    return SpaceData(open_pictures(root), music, quadrants)
