"""A file as some of its parts in a row, for decoders that stumble over the others."""

import io
import os
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import IO, Any

_BUFFER = 1 << 16

FilePart = bytes | tuple[int, int]
"""Bytes as they are, or the range (start, stop) of a file."""


def open_parts(file: IO[bytes], parts: Iterable[FilePart]) -> io.BufferedReader:
    """Parts of an open file, one after the other, as a file to read.

    It reads the file that it is given at that file's own position, so one of them is read at a time.

    Args:
        file: The open file; it is not closed with this one.
        parts: What to read, in order.

    Example:
        >>> open_parts(io.BytesIO(b"0123456789"), [(0, 3), b"-", (8, 10)]).read()
        b'012-89'
    """
    return io.BufferedReader(_Parts(file, parts), _BUFFER)


class _Parts(io.RawIOBase):
    """Parts of an open file; a read ends where one of them does."""

    def __init__(self, file: IO[bytes], parts: Iterable[FilePart]) -> None:
        self._file = file
        self._parts = list(parts)
        self._starts = [0, *accumulate(map(length, self._parts))]
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere, as in any file."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, as far as one part goes."""
        number = bisect_right(self._starts, self._at) - 1
        if number >= len(self._parts):
            return 0
        part, offset = self._parts[number], self._at - self._starts[number]
        wanted = min(len(buffer), length(part) - offset)
        if isinstance(part, bytes):
            found = part[offset : offset + wanted]
        else:
            self._file.seek(part[0] + offset)
            found = self._file.read(wanted)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def length(part: FilePart) -> int:
    """Bytes in a part."""
    return len(part) if isinstance(part, bytes) else part[1] - part[0]
