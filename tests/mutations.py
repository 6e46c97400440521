"""Files of every format, changed as in the field: cut, padded, joined, with wrong lengths and side data.

Used small and seeded in the tests, and whole by ``scripts/mutate_media.py``.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from PIL import Image
from sounds import encode, tone

RATE, SECONDS = 44_100, 6.0
# Name -> libsndfile's container and encoding.
_SNDFILE = {
    "wav": ("WAV", "PCM_16"),
    "float.wav": ("WAV", "FLOAT"),
    "adpcm.wav": ("WAV", "MS_ADPCM"),
    "rf64": ("RF64", "PCM_16"),
    "w64": ("W64", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
# Name -> FFmpeg's encoder, container, and options.
_FFMPEG: dict[str, tuple[str, str, dict[str, str]]] = {
    "nox.mp3": ("libmp3lame", "mp3", {"write_xing": "0", "id3v2_version": "0"}),
    "mp2": ("mp2", "mp2", {}),
    "m4a": ("aac", "mp4", {}),
    "fast.m4a": ("aac", "mp4", {"movflags": "faststart"}),
    "alac.m4a": ("alac", "mp4", {}),
    "aac": ("aac", "adts", {}),
    "webm": ("libopus", "webm", {}),
    "mka": ("flac", "matroska", {}),
    "ts": ("aac", "mpegts", {}),
    "wv": ("wavpack", "wv", {}),
    "tta": ("tta", "tta", {}),
    "ac3": ("ac3", "ac3", {}),
}
# Name -> Pillow's format and options.
_PILLOW: dict[str, tuple[str, dict[str, object]]] = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 90}),
    "progressive.jpg": ("JPEG", {"quality": 90, "progressive": True}),
    "gif": ("GIF", {}),
    "webp": ("WEBP", {"quality": 90}),
    "lossless.webp": ("WEBP", {"lossless": True}),
    "bmp": ("BMP", {}),
    "tif": ("TIFF", {}),
    "lzw.tif": ("TIFF", {"compression": "tiff_lzw"}),
    "ppm": ("PPM", {}),
    "tga": ("TGA", {}),
    "ico": ("ICO", {}),
    "jp2": ("JPEG2000", {}),
    "avif": ("AVIF", {"quality": 90}),
    "pcx": ("PCX", {}),
    "sgi": ("SGI", {}),
    "qoi": ("QOI", {}),
}


class Mutant(NamedTuple):
    """A changed file.

    Attributes:
        name: Says what was done; ends as the format does.
        data: The file.
        whole: Whether every pixel or sample that was in it still is.
    """

    name: str
    data: bytes
    whole: bool


def sounds(
    folder: Path, rng: np.random.Generator, formats: Sequence[str] = (*_SNDFILE, *_FFMPEG)
) -> Iterator[Mutant]:
    """Changed recordings of six seconds."""
    samples = np.stack([tone(SECONDS, RATE), 0.5 * tone(SECONDS, RATE)], axis=1)
    samples += 0.01 * rng.standard_normal(samples.shape).astype(np.float32)
    for name in formats:
        path = folder / f"base.{name}"
        if name in _SNDFILE:
            container, encoding = _SNDFILE[name]
            rate = 48_000 if encoding == "OPUS" else RATE
            soundfile.write(path, samples, rate, format=container, subtype=encoding)
        else:
            codec, form, options = _FFMPEG[name]
            rate = 48_000 if codec == "libopus" else RATE
            encode(path, samples.T, rate, codec, container=form, layout="stereo", options=options)
        data = path.read_bytes()
        for what, changed, whole in _general(data, rng):
            yield Mutant(f"{what}.{name}", changed, whole)
        for what, changed in _wrong_lengths(name, data):
            yield Mutant(f"{what}.{name}", changed, True)
        yield Mutant(f"id3v1.{name}", data + b"TAG" + bytes(125), True)
        yield Mutant(f"joined.{name}", data + data, True)


def pictures(rng: np.random.Generator) -> Iterator[Mutant]:
    """Changed pictures of 96 x 64 pixels."""
    image = picture()
    Image.init()
    for name, (kind, options) in _PILLOW.items():
        if kind not in Image.SAVE:
            continue
        file = BytesIO()
        image.save(file, kind, **options)
        data = file.getvalue()
        for what, changed, whole in _general(data, rng):
            yield Mutant(f"{what}.{name}", changed, whole)
        for what, changed in _side_data(kind, data, rng):
            yield Mutant(f"{what}.{name}", changed, True)


def picture() -> Image.Image:
    """A ramp of colours with some noise, 96 x 64."""
    y, x = np.mgrid[0:64, 0:96]
    ramp = np.stack([255 * x / 96, 255 * y / 64, np.full((64, 96), 90)], 2)
    noise = np.random.default_rng(1).integers(0, 8, ramp.shape)
    return Image.fromarray((ramp * 0.9 + noise + 10).astype(np.uint8))


def _general(data: bytes, rng: np.random.Generator) -> Iterator[tuple[str, bytes, bool]]:
    for share in (0.03, 0.3, 0.6, 0.95):
        share += float(rng.uniform(-0.02, 0.02))
        yield f"cut{share:.3f}", data[: int(share * len(data))], False
    yield "short1", data[:-1], False
    yield "short17", data[:-17], False
    yield "zeros", data + bytes(int(rng.integers(1, 6000))), True
    yield "noise", data + rng.bytes(int(rng.integers(1, 3000))), True
    yield "text", data + b"\n<html>not found</html>\n" * 20, True
    at = int(rng.integers(len(data) // 3, len(data) // 2))
    yield "hole", data[:at] + bytes(3000) + data[at:], False
    yield "flipped", data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :], False


def _wrong_lengths(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    place = {"wav": (b"data", 4, "<I"), "float.wav": (b"data", 4, "<I"), "au": (b".snd", 8, ">I")}.get(name)
    place = place or {"aiff": (b"COMM", 10, ">I"), "rf64": (b"ds64", 16, "<Q")}.get(name)
    place = place or {"mp3": (b"Xing", 8, ">I"), "nox.mp3": None}.get(name)
    if name == "mp3" and b"Xing" not in data:
        place = (b"Info", 8, ">I")
    if place:
        signature, offset, form = place
        at = data.index(signature) + offset
        (value,) = struct.unpack_from(form, data, at)
        changes = {"len0": 0, "lenhalf": value // 2 & ~3, "lendouble": 2 * value, "lenplus1": value + 1}
        for what, changed in changes.items():
            yield what, data[:at] + struct.pack(form, changed) + data[at + struct.calcsize(form) :]
    if name in ("wav", "float.wav", "aiff"):
        for value in (0, 4, 0xFFFFFFF0):
            yield f"riff{value}", data[:4] + struct.pack(">I" if name == "aiff" else "<I", value) + data[8:]
    if name == "flac":
        packed = int.from_bytes(data[18:26])
        total = packed & (1 << 36) - 1
        for what, changed in {"len0": 0, "lenhalf": total // 2, "lendouble": 2 * total}.items():
            yield what, data[:18] + (packed - total + changed).to_bytes(8) + data[26:]
        other = packed & ((1 << 44) - 1) | 48_000 << 44
        yield "rate", data[:18] + other.to_bytes(8) + data[26:]


def _side_data(kind: str, data: bytes, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    junk = rng.bytes(60)
    if kind == "PNG":
        chunks: dict[str, tuple[bytes, bytes]] = {
            "exif": (b"eXIf", junk),
            "exifzeros": (b"eXIf", bytes(40)),
            "icc": (b"iCCP", b"profile\0\0" + junk),
            "bomb": (b"zTXt", b"k\0\0" + zlib.compress(bytes(90_000_000), 9)),
            "raw": (b"tEXt", b"Raw profile type exif\0\nexif\n  40\nzz" + b"0" * 60),
            "phys": (b"pHYs", b"\1"),
            "itxt": (b"iTXt", b"XML:com.adobe.xmp\0\1"),
            "time": (b"tIME", junk),
            "chrm": (b"cHRM", b"\0"),
            "gama": (b"gAMA", b"\0"),
            "nul": (b"tEXt", b""),
        }
        for what, (name, content) in chunks.items():
            for right in (True, False):
                check = zlib.crc32(name + content) ^ (0 if right else 1)
                chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
                yield f"{what}{'' if right else 'badcrc'}", data[:33] + chunk + data[33:]
    if kind == "JPEG":
        segments = {
            "exif": (0xE1, b"Exif\0\0" + junk),
            "exifcut": (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\x90\1\x12"),
            "icc": (0xE2, b"ICC_PROFILE\0\1\1" + junk),
            "iccpart": (0xE2, b"ICC_PROFILE\0\3\7" + junk),
            "mpf": (0xE2, b"MPF\0" + junk),
            "mpfcut": (0xE2, b"MPF\0MM\0*\0\0\0\x08\0\3\xb0\0\0\7\0\0\0\x040100"),
            "photoshop": (0xED, b"Photoshop 3.0\x008BIM" + junk),
            "comment": (0xFE, junk),
            "xmp": (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x" + junk),
            "jfxx": (0xE0, b"JFXX\0" + junk),
        }
        for what, (marker, content) in segments.items():
            segment = bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
            yield what, data[:2] + segment + data[2:]
            yield f"{what}late", data[:20] + segment + data[20:]
    if kind == "WEBP" and data[12:16] in (b"VP8 ", b"VP8L"):
        extended = b"VP8X" + struct.pack("<I", 10) + b"\x2c\0\0\0" + b"\x5f\0\0\x3f\0\0"
        extended += b"ICCP" + struct.pack("<I", 60) + junk
        body = b"WEBP" + extended + data[12:] + b"EXIF" + struct.pack("<I", 60) + junk
        yield "sidedata", b"RIFF" + struct.pack("<I", len(body)) + body
