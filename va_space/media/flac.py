"""FLAC: how many samples are there, whatever the header says, and recordings joined in one file.

libFLAC stops where the header says, and fails at anything behind the last frame, such as an ID3v1 tag.
"""

import re
from dataclasses import dataclass
from functools import reduce
from typing import IO, NamedTuple

from va_space.media.pieces import FilePart

_BEGINNING = b"fLaC"
_STREAMINFO = 34
_RATES = (0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000)
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_SEARCHED = 1 << 20


def _table(polynomial: int, bits: int) -> list[int]:
    top, mask = 1 << bits - 1, (1 << bits) - 1

    def step(value: int, _: int) -> int:
        return (value << 1 ^ (polynomial if value & top else 0)) & mask

    return [reduce(step, range(8), byte << bits - 8) for byte in range(256)]


_CRC8, _CRC16 = _table(0x07, 8), _table(0x8005, 16)


class _Frame(NamedTuple):
    first: int  # sample
    samples: int
    rate: int  # 0: as in the header
    channels: int


@dataclass
class Section:
    """One recording of a file.

    Attributes:
        rate: Samples per second.
        samples: Samples that are there.
        stated: Samples that the header states; 0 if it does not.
        parts: The recording with a header that is right.
        even: Whether its first and last frame have the same rate and number of channels.
        clean: Whether its header is right, and nothing follows.
    """

    rate: int
    samples: int
    stated: int
    parts: list[FilePart]
    even: bool
    clean: bool


def find_sections(file: IO[bytes]) -> list[Section]:
    """The recordings in an open FLAC file; those without a whole frame are left out."""
    size = file.seek(0, 2)
    starts = _beginnings(file)
    sections = (_section(file, *span) for span in zip(starts, [*starts[1:], size], strict=True))
    return [section for section in sections if section is not None]


def _beginnings(file: IO[bytes]) -> list[int]:
    starts, at, signature = [], 0, _BEGINNING + bytes([0, 0, 0, _STREAMINFO])
    last = _BEGINNING + bytes([0x80, 0, 0, _STREAMINFO])  # no other metadata follow
    while True:
        file.seek(at)
        block = file.read(_SEARCHED)
        starts += [
            at + found.start() for found in re.finditer(re.escape(signature) + b"|" + re.escape(last), block)
        ]
        if len(block) < _SEARCHED:
            return sorted(set(starts))
        at += len(block) - len(signature) + 1


def _section(file: IO[bytes], start: int, stop: int) -> Section | None:
    file.seek(start)
    header = file.read(8 + _STREAMINFO)
    if len(header) < 8 + _STREAMINFO:
        return None
    packed = int.from_bytes(header[18:26])
    rate, channels, stated = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    block = int.from_bytes(header[10:12])
    body = _body(file, start)
    first = _first_frame(file, body, block)
    found = _last_frame(file, body, stop, block, max(_SEARCHED, 2 * int.from_bytes(header[15:18])))
    if first is None or found is None:
        return None
    last, end = found
    samples = last.first + last.samples
    true_rate = first.rate or rate
    packed = packed & ~(((1 << 20) - 1) << 44) & ~((1 << 36) - 1) | true_rate << 44 | samples
    even = (first.rate, first.channels) == (last.rate, last.channels) and first.channels == channels
    parts: list[FilePart] = [header[:18] + packed.to_bytes(8) + header[26:], (start + len(header), end)]
    clean = (true_rate, samples, end) == (rate, stated, stop)
    return Section(true_rate, samples, stated, parts, even, clean)


def _body(file: IO[bytes], start: int) -> int:
    """Where the frames begin, behind all metadata."""
    at = start + 4
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4:
            return at
        at += 4 + int.from_bytes(head[1:])
        if head[0] & 0x80:
            return at


def _first_frame(file: IO[bytes], body: int, block: int) -> _Frame | None:
    file.seek(body)
    data = file.read(_SEARCHED)
    frames = (_parse(data, found.start(), block) for found in _SYNC.finditer(data))
    return next((frame for frame in frames if frame), None)


def _last_frame(file: IO[bytes], body: int, stop: int, block: int, reach: int) -> tuple[_Frame, int] | None:
    """The last whole frame, and where it ends."""
    stop = _without_zeros(file, body, stop)
    begin = max(body, stop - reach)
    file.seek(begin)
    data = file.read(stop - begin)
    for found in reversed(list(_SYNC.finditer(data))):
        frame = _parse(data, found.start(), block)
        if frame and (end := _end(data, found.start())):
            return frame, begin + end
    return None


def _without_zeros(file: IO[bytes], start: int, stop: int) -> int:
    while stop > start:
        file.seek(max(start, stop - _SEARCHED))
        block = file.read(stop - file.tell())
        if kept := len(block.rstrip(b"\0")):
            return min(stop, stop - len(block) + kept + 2)  # a check sum may end with zeros
        stop -= len(block)
    return stop


def _end(data: bytes, start: int) -> int | None:
    """Where the frame ends that starts here: where the check sum over it, with its own, is 0."""
    check, end = 0, None
    for at in range(start, len(data)):
        before, check = check, (check << 8 & 0xFF00) ^ _CRC16[check >> 8 ^ data[at]]
        if not check and (before or data[at]):  # zeros behind a frame leave the sum at 0
            end = at + 1
    return end


def _parse(data: bytes, at: int, block: int) -> _Frame | None:
    """A frame's header (RFC 9639, 9.1), if it is one."""
    head = data[at : at + 16]
    if len(head) < 6 or head[3] & 1:
        return None
    size_code, rate_code, channel_code = head[2] >> 4, head[2] & 15, head[3] >> 4
    number, used = _number(head[4:])
    if not used or not size_code or rate_code == 15 or channel_code > 10:
        return None
    at = 4 + used
    extra = {6: 1, 7: 2}.get(size_code, 0)
    samples = (
        int.from_bytes(head[at : at + extra]) + 1
        if extra
        else 192
        if size_code == 1
        else 576 << size_code - 2
        if size_code < 6
        else 256 << size_code - 8
    )
    at += extra
    extra = {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    unit = {12: 1000, 13: 1, 14: 10}.get(rate_code, 0)
    rate = int.from_bytes(head[at : at + extra]) * unit if extra else _RATES[rate_code]
    at += extra
    if at >= len(head) or reduce(lambda sum_, byte: _CRC8[sum_ ^ byte], head[:at], 0) != head[at]:
        return None
    first = number if head[1] & 1 else number * block
    return _Frame(first, samples, rate, channel_code + 1 if channel_code < 8 else 2)


def _number(coded: bytes) -> tuple[int, int]:
    """A number coded as in UTF-8, and how many bytes it took; (0, 0) if it is none."""
    first = coded[0]
    if first < 0x80:
        return first, 1
    count = 8 - (first ^ 0xFF).bit_length()
    if not 2 <= count <= 7 or len(coded) < count:
        return 0, 0
    value = first & (0x7F >> count)
    for byte in coded[1:count]:
        if byte >> 6 != 2:
            return 0, 0
        value = value << 6 | byte & 0x3F
    return value, count
