"""Loudness as ITU-R BS.1770-4 and EBU R 128 measure it, and bringing sound to it without clipping."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_BLOCK, _STEP = 0.4, 0.1  # seconds
_SILENCE, _RELATIVE = -70.0, -10.0  # LUFS, LU


def weighting(hertz: NDArray[np.floating], sample_rate: int) -> NDArray[np.complex128]:
    """The K-weighting filter at frequencies: a shelf for the head, and a high-pass (BS.1770, annex 1).

    Args:
        hertz: Frequencies, of any shape, at most half the sample rate.
        sample_rate: Of the filter; its design is the same for all of them.
    """
    z = np.exp(-2j * np.pi * hertz / sample_rate)
    response = np.ones_like(z)
    for numerator, denominator in (_shelf(sample_rate), _high_pass(sample_rate)):
        top = numerator[0] + numerator[1] * z + numerator[2] * z * z
        response *= top / (denominator[0] + denominator[1] * z + denominator[2] * z * z)
    return response


def _weighted(sound: Samples, sample_rate: int) -> Iterator[tuple[int, Samples]]:
    """(first sample, K-weighted samples) block by block; each is filtered with what sounded before it."""
    size = 1 << 17
    before = sample_rate // 4  # the high-pass has died away by then
    response = weighting(np.fft.rfftfreq(size, 1 / sample_rate), sample_rate).astype(np.complex64)
    for start in range(0, sound.shape[1], size - before):
        first = max(0, start - before)
        block = sound[:, first : start + size - before]
        # What the last `before` samples of padding would wrap around to is thrown away with the beginning.
        padded = np.zeros((len(sound), size), np.float32)
        padded[:, size - block.shape[1] :] = block
        filtered = np.fft.irfft(np.fft.rfft(padded) * response, size).astype(np.float32, copy=False)
        yield start, filtered[:, size - block.shape[1] + start - first :]


_Biquad = tuple[tuple[float, float, float], tuple[float, float, float]]


def _shelf(sample_rate: int) -> _Biquad:
    frequency, gain, quality = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = np.tan(np.pi * frequency / sample_rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k * k
    top = (high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k)
    return (top[0] / a0, top[1] / a0, top[2] / a0), (
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / quality + k * k) / a0,
    )


def _high_pass(sample_rate: int) -> _Biquad:
    frequency, quality = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * frequency / sample_rate)
    a0 = 1 + k / quality + k * k
    return (1.0, -2.0, 1.0), (1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0)


def integrated_loudness(sound: Samples, sample_rate: int) -> float:
    """Loudness of a whole piece in LUFS, gated; -inf for silence.

    Args:
        sound: (channels, n) samples, at least 0.4 s for a gated measure; shorter ones are one block.
        sample_rate: Samples a second.
    """
    length = sound.shape[1]
    block, step = round(_BLOCK * sample_rate), round(_STEP * sample_rate)
    pieces = max(1, (length - block) // step + 1)
    sums = np.zeros(length + 1)
    energy = np.zeros(length)
    for start, filtered in _weighted(sound, sample_rate):
        energy[start : start + filtered.shape[1]] = np.square(filtered).sum(axis=0)
    np.cumsum(energy, out=sums[1:])
    starts = step * np.arange(pieces)
    ends = np.minimum(starts + block, length)
    power = (sums[ends] - sums[starts]) / np.maximum(1, ends - starts)
    return gated(power)


def gated(power: NDArray[np.floating]) -> float:
    """Loudness in LUFS of (n,) K-weighted mean squares of blocks, summed over channels; -inf for silence.

    Blocks below -70 LUFS do not count, nor those 10 LU below the mean of the rest.
    """
    with np.errstate(divide="ignore"):
        levels = -0.691 + 10 * np.log10(power)
        loud = power[levels > _SILENCE]
        if not len(loud):
            return float("-inf")
        gate = -0.691 + 10 * np.log10(loud.mean()) + _RELATIVE
        return float(-0.691 + 10 * np.log10(power[(levels > _SILENCE) & (levels > gate)].mean()))


def to_loudness(sound: Samples, sample_rate: int, lufs: float, ceiling: float) -> Samples:
    """Bring sound to a loudness; peaks above the ceiling are turned down smoothly, for a few milliseconds.

    Args:
        sound: (channels, n) samples.
        sample_rate: Samples a second.
        lufs: The loudness to reach; the limiter may leave it a little below.
        ceiling: Largest absolute sample of the result.
    """
    for _ in range(2):
        now = integrated_loudness(sound, sample_rate)
        if not np.isfinite(now):
            return sound
        louder = sound * np.float32(10 ** ((lufs - now) / 20))
        sound = limited(louder, sample_rate, ceiling)
        if sound is louder:
            return sound
    return sound  # limiting takes some loudness away; the second time brings most of it back


def limited(sound: Samples, sample_rate: int, ceiling: float) -> Samples:
    """Turn down what is above the ceiling; what is below it stays as it is."""
    window = round(0.005 * sample_rate)
    peak = np.abs(sound).max(axis=0)
    if peak.max(initial=0) <= ceiling:
        return sound
    blocks = -(-len(peak) // window)
    highest = np.pad(peak, (0, blocks * window - len(peak))).reshape(blocks, window).max(axis=1)
    # The gain of a block suits its neighbours too, so that the line between blocks never passes a peak.
    around = np.pad(highest, 1)
    worst = np.maximum(np.maximum(around[:-2], around[1:-1]), around[2:])
    gain = np.minimum(1, ceiling / np.maximum(worst, 1e-9))
    centres = (np.arange(blocks) + 0.5) * window
    curve = np.interp(np.arange(len(peak)), centres, gain).astype(np.float32)
    return np.clip(sound * curve, -ceiling, ceiling)
