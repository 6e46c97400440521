"""JPEG without what is beside its pixels, and how much of one is there that was cut off."""

import re
from typing import IO, Any

from va_space.media.pieces import FilePart

END = b"\xff\xd9"
# Continues a scan with other values than none do: a picture that this changes is not all there.
GARBAGE = b"\x5a\xa5\x3c\xc3" * 64
_ADOBE, _EXIF, _XMP, _ICC = b"Adobe", b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
_SCAN = 0xDA
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xda])")


def pixels_and_meaning(file: IO[bytes]) -> tuple[list[FilePart], dict[str, Any]]:
    """Where in an open JPEG file its pixels are, and what is known of them.

    Returns:
        Parts that make a JPEG file; and ``icc_profile``, ``exif`` and ``xmp`` (bytes), those that are there.
    """
    size = file.seek(0, 2)
    parts: list[FilePart] = [(0, 2)]
    about: dict[str, Any] = {}
    profile: dict[int, bytes] = {}
    at = 2
    while at + 4 <= size:
        file.seek(at)
        head = file.read(4)
        if head[0] != 0xFF or head[1] == _SCAN:
            break
        if head[1] in (0xFF, 0x01) or 0xD0 <= head[1] <= 0xD8:  # filling, and markers without content
            at += 1 if head[1] == 0xFF else 2
            continue
        stop = at + 2 + int.from_bytes(head[2:])
        if stop > size:
            break
        if 0xE0 <= head[1] <= 0xEF or head[1] == 0xFE:
            content = file.read(stop - at - 4)
            if head[1] == 0xE0 or (head[1] == 0xEE and content.startswith(_ADOBE)):
                parts.append((at, stop))  # what the channels are
            elif head[1] == 0xE1 and content.startswith(_EXIF):
                about.setdefault("exif", content)
            elif head[1] == 0xE1 and content.startswith(_XMP):
                about.setdefault("xmp", content[len(_XMP) :])
            elif head[1] == 0xE2 and content.startswith(_ICC) and len(content) > len(_ICC) + 2:
                profile[content[len(_ICC)]] = content[len(_ICC) + 2 :]
        else:
            parts.append((at, stop))
        at = stop
    if profile:
        about["icc_profile"] = b"".join(profile[number] for number in sorted(profile))
    return [*parts, (at, size)], about


def share_of_scans(data: bytes, *, last_is_whole: bool) -> float | None:
    """How much of its values the scans of a progressive JPEG give, 0 to 1; None if it is not progressive.

    Counted are the bits of every coefficient of every channel, as the heads of the scans state them.

    Args:
        data: The file.
        last_is_whole: Whether the last scan counts, too.
    """
    progressive, channels, scans = False, 0, []
    for found in _MARKER.finditer(data):
        kind, at = found[1][0], found.end() + 2
        if kind in (0xC2, 0xC6, 0xCA, 0xCE):
            progressive, channels = True, data[at + 5] if at + 5 < len(data) else 0
        elif kind == _SCAN and at < len(data) and 1 <= data[at] <= 4:
            count = data[at]
            place = at + 1 + 2 * count
            if place + 3 <= len(data):
                bits = data[place + 2] >> 4, data[place + 2] & 15
                scans.append((data[at + 1 : place : 2], data[place], data[place + 1], bits))
    if not progressive or not channels:
        return None
    missing = {(channel, k): 13 for scan in scans for channel in scan[0] for k in range(64)}
    for scanned, first, last, (_, low) in scans if last_is_whole else scans[:-1]:
        missing.update({(channel, k): low for channel in scanned for k in range(first, min(last, 63) + 1)})
    return 1 - sum(missing.values()) / (13 * 64 * channels)
