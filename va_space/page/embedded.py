"""Pictures and sound for a page, as files that every browser knows and as data: addresses."""

import base64
import io
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image, ImageOps

from va_space.errors import MediaError, MissingExtraError
from va_space.media.audio import load_section

FloatArray = NDArray[np.float32]
# Every browser plays mp3, and not every one ogg. A preview: mono, about 5 kB a second, 7 kB in base64.
_RATE = 32_000
_COMPRESSION = 0.7
_FADE_SECONDS = 0.03


def jpeg_address(picture: Image.Image, side: int) -> str:
    """:func:`jpeg_bytes` as an address."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg_bytes(picture, side)).decode()


def jpeg_bytes(picture: Image.Image, side: int) -> bytes:
    """A picture as JPEG.

    Args:
        picture: In mode RGB.
        side: Pixels that neither side exceeds; larger pictures are scaled down.
    """
    if max(picture.size) > side:
        picture = ImageOps.contain(picture, (side, side))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def mp3_address(samples: FloatArray, sample_rate: int, compression: float = _COMPRESSION) -> str:
    """:func:`mp3_bytes` as an address."""
    sound = mp3_bytes(samples, sample_rate, compression)
    return "data:audio/mpeg;base64," + base64.b64encode(sound).decode()


def mp3_bytes(samples: FloatArray, sample_rate: int, compression: float = _COMPRESSION) -> bytes:
    """Sound as mp3, which every browser plays.

    Args:
        samples: (n,) or (n, channels) in [-1, 1].
        sample_rate: Samples a second.
        compression: 0 is the best quality, 1 the smallest file.

    Raises:
        soundfile.LibsndfileError: libsndfile lacks its mp3 encoder.
    """
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate, format="MP3", compression_level=compression)
    return file.getvalue()


def passage_address(path: str | Path, start: float, length: float) -> str | None:
    """:func:`passage_mp3` as an address; None if it cannot be made."""
    try:
        return "data:audio/mpeg;base64," + base64.b64encode(passage_mp3(path, start, length)).decode()
    except (MediaError, MissingExtraError, soundfile.LibsndfileError):
        return None  # the browser may still be able to play the file, or libsndfile lacks its mp3 encoder


def passage_mp3(path: str | Path, start: float, length: float) -> bytes:
    """A passage of a recording as a small mp3 with short fades.

    Args:
        path: The recording.
        start: Second at which the passage begins.
        length: Seconds.

    Raises:
        MediaError: The recording cannot be read.
        MissingExtraError: Reading it needs an extra.
        soundfile.LibsndfileError: libsndfile lacks its mp3 encoder.
    """
    sound = load_section(path, _RATE, start, length)
    fade = np.linspace(0, 1, min(round(_FADE_SECONDS * _RATE), len(sound) // 2), dtype=np.float32)
    sound[: len(fade)] *= fade
    sound[len(sound) - len(fade) :] *= fade[::-1]
    return mp3_bytes(sound, _RATE)
