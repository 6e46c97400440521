"""The part of a track that a result recommends, as something a page can play."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from va_space.page.embedded import passage_address
from va_space.retrieval.search import Result

SoundKey = tuple[Path, float, float]


@dataclass(frozen=True)
class Sound:
    """A sound to play.

    Attributes:
        id: Of the element of the page that holds the address.
        url: A data: address of the part alone, or a link to the whole file that names the part.
        start: Second at which the part begins in what the address holds.
        length: Of the part, in seconds.
    """

    id: str
    url: str
    start: float
    length: float


def sound_key(result: Result) -> SoundKey:
    """What tells one cue from another: file, start and length."""
    return result.path, result.start, result.length


def make_sounds(
    results: Iterable[Result],
    folder: Path,
    *,
    embed_limit: int,
    progress: Callable[[int, int], None] | None = None,
) -> dict[SoundKey, Sound]:
    """The cues of results, each once: embedded as mp3, or linked if that is too much or impossible.

    Args:
        results: What was found.
        folder: Where the page will be; links are relative to it.
        embed_limit: Bytes that all embedded cues may have together.
        progress: Called after each cue with (cues done, cues in all).

    Returns:
        By :func:`sound_key`. The cue of a file that is not there any more is missing.
    """
    keys = list(dict.fromkeys(map(sound_key, results)))
    sounds: dict[SoundKey, Sound] = {}
    left = embed_limit
    for number, (path, start, length) in enumerate(keys):
        name = f"sound-{number}"
        url = passage_address(path, start, length) if left > 0 else None
        left -= len(url or "")  # below 0, this one and all that follow are linked
        if url is not None and left >= 0:
            sounds[path, start, length] = Sound(name, url, 0.0, length)
        elif path.is_file():
            sounds[path, start, length] = Sound(name, _linked(path, start, length, folder), start, length)
        if progress:
            progress(number + 1, len(keys))
    return sounds


def _linked(path: Path, start: float, length: float, folder: Path) -> str:
    try:
        # As bytes, since a file's name need not be valid Unicode.
        address = quote(os.fsencode(Path(os.path.relpath(path, folder)).as_posix()))
    except ValueError:  # another drive
        address = path.absolute().as_uri()
    return f"{address}#t={start:g},{start + length:g}"
