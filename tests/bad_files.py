"""Thirty files that cannot be used, each in its own way."""

import struct
import wave
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

RATE = 22_050


def make_bad_files(folder: Path) -> list[Path]:
    """Write 30 bad files into a folder; each must raise MediaError with its name in the message."""
    writers: dict[str, Callable[[Path], object]] = {
        "empty.jpg": Path.touch,
        "empty.png": Path.touch,
        "empty.wav": Path.touch,
        "empty.mp3": Path.touch,
        "text.jpg": lambda path: path.write_text("This is not a picture.\n" * 50),
        "text.png": lambda path: path.write_text("{}"),
        "text.wav": lambda path: path.write_text("This is not sound.\n" * 50),
        "text.mp3": lambda path: path.write_text("<html><body>404 Not Found</body></html>"),
        "noise.jpg": lambda path: path.write_bytes(b"\xff\xd8\xff\xe0" + _noise(4000)),
        "noise.ogg": lambda path: path.write_bytes(b"OggS" + _noise(4000)),
        "truncated.jpg": lambda path: path.write_bytes(_half(_picture("JPEG"))),
        "truncated.png": lambda path: path.write_bytes(_half(_picture("PNG"))),
        "truncated.webp": lambda path: path.write_bytes(_half(_picture("WEBP"))),
        "truncated.gif": lambda path: path.write_bytes(_half(_picture("GIF"))),
        "truncated.tif": lambda path: path.write_bytes(_half(_picture("TIFF"))),
        "truncated.bmp": lambda path: path.write_bytes(_half(_picture("BMP"))),
        "bomb.png": lambda path: path.write_bytes(bomb_png(50_000, 40_000)),
        "bomb.gif": lambda path: path.write_bytes(_bomb_gif()),
        "truncated.wav": lambda path: path.write_bytes(_half(_sound("WAV", "PCM_16"))),
        "truncated.flac": lambda path: path.write_bytes(_half(_sound("FLAC", "PCM_16"))),
        "truncated.ogg": lambda path: path.write_bytes(_half(_sound("OGG", "VORBIS"))),
        "zeros.mp3": lambda path: path.write_bytes(bytes(50_000)),
        "header_only.wav": lambda path: path.write_bytes(_sound("WAV", "PCM_16")[:44]),
        "no_samples.wav": lambda path: soundfile.write(path, np.zeros(0, np.float32), RATE),
        "nan.wav": lambda path: _float_wav(path, np.nan),
        "inf.wav": lambda path: _float_wav(path, np.inf),
        "low_rate.wav": lambda path: _wav_at(path, 4_000),
        "high_rate.wav": lambda path: _wav_at(path, 384_000),
        "silent_video.mp4": write_silent_video,
        "gone.jpg": lambda path: path.symlink_to(path.with_name("nowhere.jpg")),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in writers.items():
        write(folder / name)
    return [folder / name for name in writers]


def bomb_png(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes whose header promises a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def write_silent_video(path: Path) -> None:
    """A video without a sound stream."""
    import av

    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for level in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _noise(count: int) -> bytes:
    return np.random.default_rng(0).bytes(count)


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _picture(kind: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def _bomb_gif() -> bytes:
    data = bytearray(_picture("GIF"))
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(data)


def _sound(container: str, encoding: str) -> bytes:
    samples = 0.1 * np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32)
    file = BytesIO()
    soundfile.write(file, samples, RATE, format=container, subtype=encoding)
    return file.getvalue()


def _float_wav(path: Path, value: float) -> None:
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2] = value
    soundfile.write(path, samples, RATE, subtype="FLOAT")


def _wav_at(path: Path, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(2 * rate))
