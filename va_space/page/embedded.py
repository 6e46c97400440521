"""Pictures and sound inside a page, as data: addresses."""

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
    """A picture as JPEG.

    Args:
        picture: In mode RGB.
        side: Pixels that neither side exceeds; larger pictures are scaled down.
    """
    if max(picture.size) > side:
        picture = ImageOps.contain(picture, (side, side))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def mp3_address(samples: FloatArray, sample_rate: int, compression: float = _COMPRESSION) -> str:
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
    return "data:audio/mpeg;base64," + base64.b64encode(file.getvalue()).decode()


def passage_address(path: str | Path, start: float, length: float) -> str | None:
    """A passage of a recording as a small mp3 with short fades; None if it cannot be made.

    Args:
        path: The recording.
        start: Second at which the passage begins.
        length: Seconds.
    """
    try:
        sound = load_section(path, _RATE, start, length)
        fade = np.linspace(0, 1, min(round(_FADE_SECONDS * _RATE), len(sound) // 2), dtype=np.float32)
        sound[: len(fade)] *= fade
        sound[len(sound) - len(fade) :] *= fade[::-1]
        return mp3_address(sound, _RATE)
    except (MediaError, MissingExtraError, soundfile.LibsndfileError):
        return None  # the browser may still be able to play the file, or libsndfile lacks its mp3 encoder
