"""Lyrics from files: plain text, or .lrc with times."""

import codecs
import re
from pathlib import Path

from va_space.errors import MediaError
from va_space.generation.tags.description import LyricLine

LARGEST = 1 << 20
"""Bytes of a file at most."""
_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_WORD_STAMP = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
# "[ar: Someone]" of an .lrc file, "[Chorus]" of a page of lyrics: neither is sung.
_ABOUT = re.compile(r"\[([^\]]*)\]")
_OFFSET = re.compile(r"offset:\s*([+-]?\d+)", re.I)


def read_lyrics(path: str | Path) -> tuple[LyricLine, ...]:
    """The lines of a text or .lrc file, in order; of an .lrc file by time.

    Empty lines, and what stands in square brackets alone, are left out. ``[offset:]`` is applied: positive
    milliseconds let lines come earlier.

    Raises:
        MediaError: The file is missing, too large, no text, or empty.
    """
    path = Path(path)
    text = _text(path)
    offset = _OFFSET.search(text)
    earlier = int(offset[1]) / 1000 if offset else 0.0
    timed: list[LyricLine] = []
    plain: list[LyricLine] = []
    for line in text.splitlines():
        stamps = _STAMP.findall(line)
        sung = " ".join(_clean(_WORD_STAMP.sub(" ", _ABOUT.sub(" ", line))).split())
        if not sung:
            continue
        timed += [LyricLine(sung, max(0.0, round(_seconds(*stamp) - earlier, 3))) for stamp in stamps]
        if not stamps:
            plain.append(LyricLine(sung))
    if not timed and not plain:
        raise MediaError(path, "no lyrics in it: it is empty")
    return tuple(sorted(timed, key=lambda line: line.start or 0.0)) if timed else tuple(plain)


def _seconds(minutes: str, seconds: str, fraction: str) -> float:
    return 60 * int(minutes) + int(seconds) + (int(fraction) / 10 ** len(fraction) if fraction else 0)


def _clean(line: str) -> str:
    """Without signs that are no text, such as orders to a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in line)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise MediaError(path, f"{size:,} bytes are too many for lyrics; {LARGEST:,} can be read")
        content = path.read_bytes()
    except OSError as error:
        reason = (
            "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        )
        raise MediaError(path, reason) from error
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise MediaError(path, "not a text file: lyrics are read from .txt and .lrc")
    return text
