"""The pages of Ogg: recordings joined in one file, and whether the last one ends as it should."""

import struct
from dataclasses import dataclass, field
from typing import IO

from va_space.media.pieces import FilePart

_HEAD = struct.Struct("<4sBBqIIIB")
_FIRST, _LAST = 2, 4
_SEARCHED = 1 << 16


@dataclass
class Link:
    """One recording of a file, of one stream or several.

    Attributes:
        parts: Where its pages are.
        open: The streams whose last page has not come.
        position: What the last whole page with a position says, in the stream's own unit.
        cut: What a last page says that is not all there; None if all are.
        started: Whether pages of sound have come after the first ones.
    """

    parts: list[FilePart] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    position: int = 0
    cut: int | None = None
    started: bool = False


def find_links(file: IO[bytes]) -> list[Link]:
    """The recordings in an open Ogg file; what is no page is left out."""
    size = file.seek(0, 2)
    links: list[Link] = []
    at = 0
    while at + _HEAD.size <= size:
        file.seek(at)
        head = file.read(_HEAD.size + 255)
        _, version, flags, position, serial, _, _, segments = _HEAD.unpack_from(head)
        if not head.startswith(b"OggS") or version:
            at = _next_page(file, at + 1)
            continue
        end = at + _HEAD.size + segments + sum(head[_HEAD.size : _HEAD.size + segments])
        if flags & _FIRST and (not links or links[-1].started):
            links.append(Link())
        if links:
            _add(links[-1], flags, position, serial, (at, end), size)
        at = end
    return links


def _add(link: Link, flags: int, position: int, serial: int, page: tuple[int, int], size: int) -> None:
    if page[1] > size:
        link.cut = position
        return
    if flags & _FIRST:
        link.open.add(serial)
    else:
        link.started = True
    if flags & _LAST:
        link.open.discard(serial)
    if position > 0:
        link.position = position
    parts = link.parts
    if parts and isinstance(parts[-1], tuple) and parts[-1][1] == page[0]:
        parts[-1] = parts[-1][0], page[1]
    else:
        parts.append(page)


def _next_page(file: IO[bytes], at: int) -> int:
    while True:
        file.seek(at)
        block = file.read(_SEARCHED)
        found = block.find(b"OggS")
        if found >= 0:
            return at + found
        if len(block) < _SEARCHED:
            return at + len(block)
        at += len(block) - 3
