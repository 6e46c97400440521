"""Changes that leave what a picture or a piece of music feels like as it was."""

import io
from collections.abc import Callable

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from PIL import Image

Sound = tuple[NDArray[np.float32], int]

_CD_RATE = 44100
# libsndfile maps the level 0-1 to 320-32 kbit/s at sample rates of 32 kHz and above: 8/9 are 64 kbit/s.
_64_KBIT = 8 / 9


def gain(decibels: float) -> Callable[[Sound], Sound]:
    """Louder or softer; nothing clips, since samples are floats."""
    factor = np.float32(10 ** (decibels / 20))
    return lambda sound: (sound[0] * factor, sound[1])


def mp3(sound: Sound) -> Sound:
    """Through an mp3 file of 64 kbit/s, constant rate, stereo at 44.1 kHz."""
    samples = soxr.resample(sound[0], sound[1], _CD_RATE)
    file = io.BytesIO()
    soundfile.write(
        file,
        np.stack([samples, samples], axis=1),
        _CD_RATE,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=_64_KBIT,
    )
    file.seek(0)
    return soundfile.read(file, dtype="float32")


def resampled(rate: int) -> Callable[[Sound], Sound]:
    """To another sample rate and back; a lower one takes away what lies above half of it."""
    return lambda sound: (soxr.resample(soxr.resample(sound[0], sound[1], rate), rate, sound[1]), sound[1])


def panned(sound: Sound) -> Sound:
    """Mono as stereo, its right side 6 dB softer."""
    samples, rate = sound
    return np.stack([samples, samples / 2], axis=1), rate


def later(seconds: float) -> Callable[[Sound], Sound]:
    """Begins with silence; if negative, without its beginning."""

    def shifted(sound: Sound) -> Sound:
        samples, rate = sound
        count = round(abs(seconds) * rate)
        return (samples[count:] if seconds < 0 else np.pad(samples, (count, 0))), rate

    return shifted


def jpeg(picture: Image.Image) -> Image.Image:
    """Through a JPEG file of quality 60."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


def halved(picture: Image.Image) -> Image.Image:
    """Half as wide and half as high."""
    width, height = picture.size
    return picture.resize((max(1, width // 2), max(1, height // 2)), Image.Resampling.LANCZOS)


def cropped(share: float) -> Callable[[Image.Image], Image.Image]:
    """Without a share of width and height: of the left and top, or if negative of the right and bottom."""

    def crop(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        x, y = round(abs(share) * width), round(abs(share) * height)
        return picture.crop((x, y, width, height) if share > 0 else (0, 0, width - x, height - y))

    return crop


MUSIC: dict[str, Callable[[Sound], Sound]] = {
    "mp3, 64 kbit/s": mp3,
    "3 dB louder": gain(3),
    "3 dB softer": gain(-3),
    "12 dB softer": gain(-12),
    "16 kHz and back": resampled(16_000),
    "44.1 kHz and back": resampled(_CD_RATE),
    "mono as panned stereo": panned,
    "10 ms later": later(0.01),
    "10 ms earlier": later(-0.01),
}
PICTURES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 60": jpeg,
    "half size": halved,
    "5% off left and top": cropped(0.05),
    "5% off right and bottom": cropped(-0.05),
}
