"""WAV and AU whose header was never completed, or states less sound than is there."""

import struct
from collections.abc import Iterator
from typing import IO

from va_space.media.pieces import FilePart

_ORDERS = {b"RIFF": "<", b"RIFX": ">"}


def completed(file: IO[bytes]) -> list[FilePart] | None:
    """An open WAV file with the length of its sound filled in; None if it needs no filling."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    order = _ORDERS.get(head[:4])
    if order is None or head[8:] != b"WAVE":
        return None
    for name, start, length in _chunks(file, 12, size, order):
        if name == b"data" and not length and start < size and not _is_complete(file, start, size, order):
            there = struct.pack(f"{order}I", min(size - start, 0xFFFFFFFF))
            return [(0, start - 4), there, (start, size)]
    return None


def completed_au(file: IO[bytes]) -> list[FilePart] | None:
    """An open AU file with the true length of its sound, which players take to its end; None if it has it."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    order = {b".snd": ">", b"dns.": "<"}.get(head[:4])
    if order is None or len(head) < 12:
        return None
    start, stated = struct.unpack(f"{order}II", head[4:])
    there = size - start
    return [(0, 8), struct.pack(f"{order}I", there), (12, size)] if stated < there < 0xFFFFFFFF else None


def _chunks(file: IO[bytes], at: int, size: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and length of each chunk, as far as they lie in the file."""
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        yield name, at + 8, length
        at += 8 + length + length % 2


def _is_complete(file: IO[bytes], at: int, size: int, order: str) -> bool:
    """Whether chunks with names of letters fill the rest of the file: then the sound is really empty."""
    end = at
    for name, start, length in _chunks(file, at, size, order):
        if not name.replace(b" ", b"").isalnum():
            return False
        end = start + length
    return end in (size, size + 1) or (end == size - 1 and at != end)
