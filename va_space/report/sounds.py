"""The part of a track that a result recommends, or a track that was asked with, as a page can play it."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from va_space.errors import MediaError, MissingExtraError
from va_space.media.audio import probe_audio
from va_space.page.embedded import passage_address
from va_space.retrieval.results import Found, Result

_LONGEST = 600.0  # seconds of one sound that are embedded

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


def sound_key(result: Found) -> SoundKey | None:
    """What tells one cue from another: file, start and length; None for a picture."""
    return (result.path, result.start, result.length) if isinstance(result, Result) else None


def whole_sound(track: str | Path) -> SoundKey | None:
    """The same of a whole track; None if it is gone or cannot be read."""
    try:
        duration = probe_audio(track).duration
    except (MediaError, MissingExtraError):
        return None
    return Path(track), 0.0, _LONGEST if duration is None else duration


def make_sounds(
    wanted: Iterable[SoundKey],
    folder: Path,
    *,
    embed_limit: int,
    progress: Callable[[int, int], None] | None = None,
) -> dict[SoundKey, Sound]:
    """Cues, each once: embedded as mp3, or linked if that is too much or impossible.

    Args:
        wanted: Files, with starts and lengths in seconds.
        folder: Where the page will be; links are relative to it.
        embed_limit: Bytes that all embedded cues may have together.
        progress: Called after each cue with (cues done, cues in all).

    Returns:
        By what was wanted. The cue of a file that is not there any more is missing.
    """
    keys = list(dict.fromkeys(wanted))
    sounds: dict[SoundKey, Sound] = {}
    left = embed_limit
    for number, (path, start, length) in enumerate(keys):
        name = f"sound-{number}"
        url = passage_address(path, start, length) if left > 0 and length <= _LONGEST else None
        left -= len(url or "")  # below 0, this one and all that follow are linked
        if url is not None and left >= 0:
            sounds[path, start, length] = Sound(name, url, 0.0, length)
        elif path.is_file():
            sounds[path, start, length] = Sound(name, _linked(path, start, length, folder), start, length)
        if progress:
            progress(number + 1, len(keys))
    return sounds


def _linked(path: Path, start: float, length: float, folder: Path) -> str:
    return f"{address_of(path, folder)}#t={start:g},{start + length:g}"


def address_of(path: Path, folder: Path) -> str:
    """The address of a file for a page in a folder."""
    try:
        # As bytes, since a file's name need not be valid Unicode.
        return quote(os.fsencode(Path(os.path.relpath(path, folder)).as_posix()))
    except ValueError:  # another drive
        return path.absolute().as_uri()
