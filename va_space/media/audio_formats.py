"""Sound formats that other distributions add, by the ending of the file's name.

What libsndfile reads goes before them, what FFmpeg reads after.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from va_space.media.sndfile import AudioInfo, Block
from va_space.registry import Registry

OpenSound = Callable[[Path, int, list[str], ExitStack], tuple[AudioInfo, Iterator[Block]]]
"""Opens a file.

It is called with the path, the samples over all channels to decode at a time, a list for remarks about a
file that is used all the same, and a stack that closes what was opened. It returns the header, and the
blocks: each the samples per second and (n,) float32 mono samples. It raises MediaError for a file that cannot
be read.
"""

AUDIO_FORMATS: Registry[OpenSound] = Registry("audio format")
"""The formats, by ending without the dot; the entry point group ``va_space.audio_formats``."""


def open_sound(
    path: Path, block_samples: int, notes: list[str], stack: ExitStack
) -> tuple[AudioInfo, Iterator[Block]] | None:
    """Open a file of one of these formats; None for any other."""
    ending = path.suffix.lower()
    if ending not in extensions():
        return None
    return AUDIO_FORMATS[ending[1:]](path, block_samples, notes, stack)


@cache  # asked for every file, and entry points are looked for on the disk
def extensions() -> frozenset[str]:
    """Endings of file names, with the dot."""
    return frozenset(f".{name}" for name in AUDIO_FORMATS)
