"""The part of a track that a result recommends, or a track that was asked with, as a page can play it."""

import base64
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import soundfile

from va_space.errors import MediaError, MissingExtraError
from va_space.media.audio import load_section, probe_audio
from va_space.retrieval.results import Found, Result

# Every browser plays mp3, and not every one ogg. A preview: mono, about 5 kB a second, 7 kB in base64.
_RATE = 32_000
_COMPRESSION = 0.7
_FADE_SECONDS = 0.03
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
        url = _embedded(path, start, length) if left > 0 and length <= _LONGEST else None
        left -= len(url or "")  # below 0, this one and all that follow are linked
        if url is not None and left >= 0:
            sounds[path, start, length] = Sound(name, url, 0.0, length)
        elif path.is_file():
            sounds[path, start, length] = Sound(name, _linked(path, start, length, folder), start, length)
        if progress:
            progress(number + 1, len(keys))
    return sounds


def _embedded(path: Path, start: float, length: float) -> str | None:
    file = io.BytesIO()
    try:
        sound = load_section(path, _RATE, start, length)
        fade = np.linspace(0, 1, min(round(_FADE_SECONDS * _RATE), len(sound) // 2), dtype=np.float32)
        sound[: len(fade)] *= fade
        sound[len(sound) - len(fade) :] *= fade[::-1]
        soundfile.write(file, sound, _RATE, format="MP3", compression_level=_COMPRESSION)
    except (MediaError, MissingExtraError, soundfile.LibsndfileError):
        return None  # the browser may still be able to play the file, or libsndfile lacks its mp3 encoder
    return "data:audio/mpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _linked(path: Path, start: float, length: float, folder: Path) -> str:
    return f"{address_of(path, folder)}#t={start:g},{start + length:g}"


def address_of(path: Path, folder: Path) -> str:
    """The address of a file for a page in a folder."""
    try:
        # As bytes, since a file's name need not be valid Unicode.
        return quote(os.fsencode(Path(os.path.relpath(path, folder)).as_posix()))
    except ValueError:  # another drive
        return path.absolute().as_uri()
