"""File names as a table can hold them: names need not be valid Unicode, and a table's texts must be.

Each byte that is no part of UTF-8, which Python holds as a lone surrogate, is stored as one character of the
private use area, U+F780 to U+F7FF. Names that hold these characters themselves are stored as their bytes,
likewise, so that every name comes back as the bytes that it was.
"""

import re
from pathlib import Path

_OWN = re.compile("[\uf780-\uf7ff]")
_SURROGATES = re.compile("[\udc80-\udcff]")
_BYTE, _SURROGATE = 0xF700, 0xDC00


def to_stored(name: str) -> str:
    r"""A path as valid Unicode.

    Example:
        >>> to_stored("caf\udce9.mp3") == "caf\uf7e9.mp3"
        True
    """
    own = _OWN.sub(lambda found: "".join(chr(_BYTE + byte) for byte in found[0].encode()), name)
    return _SURROGATES.sub(lambda found: chr(ord(found[0]) - _SURROGATE + _BYTE), own)


def on_disk(root: Path, stored: str) -> Path:
    """The file below a root that a stored path names; the reverse of :func:`to_stored`."""
    return root / _OWN.sub(lambda found: chr(ord(found[0]) - _BYTE + _SURROGATE), stored)
