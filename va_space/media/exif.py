"""Which way up a picture is, out of side data that may be damaged."""

import re
import struct

_ORIENTATION = 0x0112
_INTEGERS = {3: "H", 4: "I"}
_IN_XMP = re.compile(rb"tiff:Orientation(?:=[\"']|>)\s*([1-8])")


def orientation(exif: object, xmp: object = None) -> int:
    r"""The orientation that EXIF data, or else XMP data, state.

    Args:
        exif: A TIFF structure, with or without ``Exif`` and two zeros before it, as far as it is whole; what
            is no bytes counts as nothing.
        xmp: XML, as bytes or text; likewise.

    Returns:
        1 to 8 (EXIF 2.3, tag 0x0112); 1, upright, where nothing is stated or nothing can be understood.

    Example:
        >>> orientation(b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0")
        6
    """
    found = _in_exif(exif) if isinstance(exif, bytes) else None
    text = xmp.encode(errors="replace") if isinstance(xmp, str) else xmp
    if found is None and isinstance(text, bytes) and (match := _IN_XMP.search(text)):
        found = int(match[1])
    return found or 1


def _in_exif(exif: bytes) -> int | None:
    data = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return None
    try:
        (at,) = struct.unpack_from(f"{order}I", data, 4)
        (entries,) = struct.unpack_from(f"{order}H", data, at)
        for number in range(entries):
            place = at + 2 + 12 * number
            tag, kind, count = struct.unpack_from(f"{order}HHI", data, place)
            if tag == _ORIENTATION and kind in _INTEGERS and count == 1:
                (value,) = struct.unpack_from(order + _INTEGERS[kind], data, place + 8)
                return int(value) if 1 <= value <= 8 else None
    except struct.error:
        pass
    return None
