"""The frames of MPEG audio (mp1, mp2, mp3), counted; what its headers say of their number is never reliable.

libsndfile stops where a Xing header says, at a change of format, and at a kilobyte of anything that is no
frame. Given the frames alone, section by section and with the number that is there, it reads all of them.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from va_space.media.pieces import FilePart

_VERSIONS = {3: 1, 2: 2, 0: 2.5}
_RATES = {1: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 2.5: (11_025, 12_000, 8_000)}
# Bit rates in kbit/s by (MPEG 1 or later, layer); index 0 is "free" and 15 is forbidden.
_KILOBITS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SEARCHED = 1 << 16
NO_METADATA = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
"""An empty ID3 tag, which libsndfile needs to see that frames follow."""


class _Frame(NamedTuple):
    """What four bytes say: length in bytes, and what a decoder is set up for."""

    size: int
    samples: int
    rate: int
    channels: int
    layer: int
    version: float

    @property
    def kind(self) -> tuple[int, int, int, float]:
        return self.rate, self.channels, self.layer, self.version


@dataclass
class Section:
    """Frames of one format.

    Attributes:
        rate: Samples per second.
        channels: 1 or 2.
        frame_samples: Samples in a frame.
        frames: Number of frames that sound; a header of Xing or VBRI is none.
        parts: Where they are in the file.
        stated: Number of frames that a Xing or VBRI header states; None without one.
        padding: Samples before and behind the sound, as LAME's part of that header says.
    """

    rate: int
    channels: int
    frame_samples: int
    frames: int = 0
    parts: list[FilePart] = field(default_factory=list)
    stated: int | None = None
    padding: int = 0

    @property
    def seconds(self) -> float:
        """Length of the sound in the frames that are there."""
        return max(0, self.frames * self.frame_samples - self.padding) / self.rate


def begins(file: IO[bytes]) -> bool:
    """Whether an open file begins with MPEG audio, behind nothing but metadata and zeros."""
    size, at = file.seek(0, 2), 0
    while block := _at(file, at, _SEARCHED):
        sound = len(block) - len(block.lstrip(b"\0"))
        at += sound
        if sound == len(block):
            continue
        if not (skipped := _tag_length(block[sound:][:32])):
            break
        at += skipped
    frame = _parse(_at(file, at, 4))
    return frame is not None and _is_confirmed(file, at, frame, size)


def find_sections(file: IO[bytes]) -> tuple[list[Section], bool]:
    """All MPEG audio frames of an open file, in sections of one format.

    Returns:
        The sections, and whether the file ends within a frame, which is left out.
    """
    size = file.seek(0, 2)
    sections: list[Section] = []
    last, cut = None, False
    for at, frame in _frames(file, size):
        if cut := at + frame.size > size:
            break
        if frame.kind != last:
            sections.append(Section(frame.rate, frame.channels, frame.samples))
            last = frame.kind
            if _state_count(file, at, frame, sections[-1]):
                continue
        section = sections[-1]
        section.frames += 1
        parts = section.parts
        if parts and isinstance(parts[-1], tuple) and parts[-1][1] == at:
            parts[-1] = parts[-1][0], at + frame.size
        else:
            parts.append((at, at + frame.size))
    for section in sections:
        _correct_count(section)
    return sections, cut


def _frames(file: IO[bytes], size: int) -> Iterator[tuple[int, _Frame]]:
    at, kind = 0, None
    while at < size:
        frame = _parse(_at(file, at, 4))
        # A change of format counts if what follows confirms it; chance makes headers, too.
        if frame and (frame.kind == kind or _is_confirmed(file, at, frame, size)):
            yield at, frame
            at, kind = at + frame.size, frame.kind
        elif skipped := _tag_length(_at(file, at, 32)):
            at += skipped
        else:
            at, kind = _next_sync(file, at + 1), None


def _at(file: IO[bytes], at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _parse(head: bytes) -> _Frame | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer = _VERSIONS.get(head[1] >> 3 & 3), 4 - (head[1] >> 1 & 3)
    index, rate_index = head[2] >> 4, head[2] >> 2 & 3
    if version is None or layer == 4 or index in (0, 15) or rate_index == 3:
        return None
    rate = _RATES[version][rate_index]
    bits = _KILOBITS[version == 1, layer][index - 1] * 1000
    padding = head[2] >> 1 & 1
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 1 else 1152
    length = (12 * bits // rate + padding) * 4 if layer == 1 else samples // 8 * bits // rate + padding
    return _Frame(length, samples, rate, 1 if head[3] >> 6 == 3 else 2, layer, version)


def _is_confirmed(file: IO[bytes], at: int, frame: _Frame, size: int) -> bool:
    """Whether two more frames of its format follow, or as many as the file or a tag leaves room for."""
    for _ in range(2):
        at += frame.size
        if at >= size:
            return at == size or frame.size < at  # not a lone header in a few bytes
        head = _at(file, at, 32)
        following = _parse(head)
        if following is None:
            return _tag_length(head) > 0
        if following.kind != frame.kind:
            return False
        frame = following
    return True


def _tag_length(head: bytes) -> int:
    """Bytes of the metadata that begins here; 0 if none does."""
    if head.startswith(b"ID3") and len(head) >= 10 and max(head[6:10]) < 0x80:
        footer = 10 if head[5] & 0x10 else 0
        return 10 + footer + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
    if head.startswith(b"TAG"):
        return 128
    if head.startswith(b"APETAGEX") and len(head) == 32:
        header = 32 if head[23] & 0x20 else 0  # the size counts the items and the footer
        return header + int(struct.unpack_from("<I", head, 12)[0])
    return 0


def _next_sync(file: IO[bytes], at: int) -> int:
    while block := _at(file, at, _SEARCHED):
        found = block.find(b"\xff")
        if found >= 0:
            return at + found
        at += len(block)
    return at


def _state_count(file: IO[bytes], at: int, frame: _Frame, section: Section) -> bool:
    """Note what a section's first frame states, if it is a header of that kind."""
    content = _at(file, at, frame.size)
    wide = frame.channels == 2
    xing = 4 + ((32 if wide else 17) if frame.version == 1 else (17 if wide else 9))
    is_xing = content[xing : xing + 4] in (b"Xing", b"Info")
    place = xing + 8 if is_xing else 36 + 14
    if frame.layer != 3 or not (is_xing or content[36:40] == b"VBRI") or place + 4 > len(content):
        return False
    section.parts = [content]
    if not is_xing or content[xing + 7] & 1:
        section.stated = struct.unpack_from(">I", content, place)[0]
        section.parts = [content[:place], b"", content[place + 4 :]]
    flags = content[xing + 7] if is_xing else 0
    lame = xing + 8 + sum(size for bit, size in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & bit)
    if is_xing and content[lame : lame + 4] in (b"LAME", b"Lavf", b"Lavc"):
        delays = int.from_bytes(content[lame + 21 : lame + 24])
        section.padding = (delays >> 12) + (delays & 0xFFF)
    return True


def _correct_count(section: Section) -> None:
    if section.stated is not None:
        section.parts[1] = struct.pack(">I", section.frames)
