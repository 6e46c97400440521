"""A room: decaying noise, different left and right, by one convolution."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from va_space.generation.music.synthesis.voices import SAMPLE_RATE, Samples

_SECONDS = 1.3
_BLOCK = 1 << 18


@cache
def _response() -> NDArray[np.float32]:
    """(2, n) impulse responses: sparse early reflections, then noise that decays and darkens."""
    length = round(_SECONDS * SAMPLE_RATE)
    random = np.random.Generator(np.random.PCG64(20))
    time = np.arange(length) / SAMPLE_RATE
    late = random.standard_normal((2, length)) * np.exp(-6.9 * time / _SECONDS)
    late *= 1 - np.exp(-time / 0.03)
    spectrum = np.fft.rfft(late)
    hertz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    spectrum *= 1 / (1 + (hertz / 3000) ** 2) * (hertz**2 / (hertz**2 + 150.0**2))
    response = np.fft.irfft(spectrum, length)
    response /= np.sqrt(np.square(response).sum(axis=1, keepdims=True))
    for delay, gain in ((0.011, 0.5), (0.019, -0.35), (0.029, 0.3), (0.041, -0.2)):
        for side in (0, 1):
            response[side, round((delay + 0.0017 * side) * SAMPLE_RATE)] += 0.4 * gain
    return response.astype(np.float32)


def add_room(dry: Samples, wet: float) -> Samples:
    """Sound in the room.

    Args:
        dry: (2, n) samples.
        wet: Level of the room beside the sound.

    Returns:
        (2, n): what rings on after the end is cut off.
    """
    response = _response()
    size = 1
    while size < min(_BLOCK, dry.shape[1]) + response.shape[1]:
        size *= 2
    filters = np.fft.rfft(response, size)
    step = size - response.shape[1] + 1
    out = np.array(dry, np.float32)
    mono = dry.mean(axis=0)
    for start in range(0, dry.shape[1], step):
        block = np.fft.rfft(mono[start : start + step], size)
        ringing = np.fft.irfft(filters * block, size)
        stop = min(dry.shape[1], start + size)
        out[:, start:stop] += wet * ringing[:, : stop - start].astype(np.float32)
    return out
