"""PNG without what is beside its pixels: damaged side data are no reason to refuse a picture."""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

from va_space.media.pieces import FilePart

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
# Side data that say what the pixels mean, read here if they are whole.
_MEANINGS = frozenset({b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"eXIf", b"iTXt", b"tEXt", b"zTXt"})
_END = b"\0\0\0\0IEND\xaeB`\x82"
_LARGEST_SIDE_DATA = 1 << 24
_HEXADECIMAL = re.compile(rb"\s*\w+\s+\d+\s+([0-9a-fA-F\s]+)")


def pixels_and_meaning(file: IO[bytes]) -> tuple[list[FilePart], dict[str, Any]]:
    """Where in an open PNG file its pixels are, and what is known of them.

    Returns:
        Parts that make a PNG file; and ``icc_profile``, ``exif``, ``xmp`` (bytes) and ``gamma`` (the
        exponent of the samples, 0.45 for most), those that are there and whole.
    """
    parts: list[FilePart] = [SIGNATURE]
    about: dict[str, Any] = {}
    ended = False
    for name, start, stop, whole in _chunks(file):
        if name in _PIXELS or (name == b"tRNS" and whole and _content(file, start, stop) is not None):
            parts.append((start - 8, stop + 4))
        elif name in _MEANINGS and whole and (content := _content(file, start, stop)) is not None:
            about.update(_meaning(name, content))
        ended = name == b"IEND" or (not whole and name in _PIXELS)
        if ended:
            break
    if "icc_profile" in about or about.pop("srgb", False):
        about.pop("gamma", None)
    return parts if ended else [*parts, _END], about


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int, bool]]:
    """Name, first and last place of each chunk's content, and whether all of it is there."""
    size, at = file.seek(0, 2), len(SIGNATURE)
    while at + 8 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        at += 12 + length
        yield name, at - 4 - length, at - 4, at <= size


def _content(file: IO[bytes], start: int, stop: int) -> bytes | None:
    """A chunk of side data, if its check sum is right."""
    if stop - start > _LARGEST_SIDE_DATA:
        return None
    file.seek(start - 4)
    data = file.read(stop - start + 8)
    return data[4:-4] if zlib.crc32(data[:-4]) == int.from_bytes(data[-4:]) else None


def _meaning(name: bytes, content: bytes) -> dict[str, Any]:
    if name == b"gAMA" and len(content) == 4:
        return {"gamma": int.from_bytes(content) / 100_000}
    if name == b"sRGB":
        return {"srgb": True}
    if name == b"eXIf":
        return {"exif": content}
    keyword, _, rest = content.partition(b"\0")
    if name == b"iCCP":
        profile = _inflated(rest[1:])
        return {"icc_profile": profile} if profile else {}
    if keyword == b"XML:com.adobe.xmp" and name == b"iTXt":
        text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # behind language and translated keyword
        return {"xmp": (_inflated(text) or b"") if rest[:1] == b"\1" else text}
    if keyword in (b"Raw profile type exif", b"Raw profile type APP1"):
        coded = _HEXADECIMAL.fullmatch((_inflated(rest[1:]) or b"") if name == b"zTXt" else rest)
        digits = b"".join(coded[1].split()) if coded else b""
        return {"exif": bytes.fromhex(digits.decode())} if digits and len(digits) % 2 == 0 else {}
    return {}


def _inflated(data: bytes) -> bytes | None:
    try:
        found = zlib.decompressobj().decompress(data, _LARGEST_SIDE_DATA)
    except zlib.error:
        return None
    return found if len(found) < _LARGEST_SIDE_DATA else None
