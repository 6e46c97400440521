"""Recordings in windows of one length: what the music encoder hears."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from torch import Tensor

from va_space.errors import MediaError
from va_space.media.audio import check_samples, iter_blocks, resample
from va_space.media.settings import AudioSettings

SoundSource = str | Path | tuple[np.ndarray | Tensor, int]


def iter_windows(
    source: SoundSource, settings: AudioSettings, *, hop_seconds: float | None = None
) -> Iterator[tuple[float, np.ndarray]]:
    """Cut a recording into windows, streaming, in constant memory.

    Windows start at 0, hop, 2 hop, ... The first that reaches beyond the end is the last; it is kept
    if it holds at least half a window of sound or is the only one, and is then filled by repeating
    its own sound from its beginning, so that filling does not make it quieter.

    Args:
        source: A file; or (samples, sample rate) with samples of shape (n,), (n, channels) or
            (channels, n), float or integer.
        settings: Sample rate and window length.
        hop_seconds: From one start to the next; by default the window length.

    Yields:
        Start in seconds, and (window_samples,) float32.

    Raises:
        MediaError: As :func:`va_space.media.audio.iter_blocks`.
        MissingExtraError: As :func:`va_space.media.audio.iter_blocks`.
        ValueError: hop_seconds is not positive.
    """
    hop = settings.window_seconds if hop_seconds is None else hop_seconds
    if round(hop * settings.sample_rate) < 1:
        raise ValueError(f"hop_seconds must be at least one sample, not {hop_seconds}")
    if isinstance(source, tuple):
        blocks = _blocks_of_samples(*source, settings.sample_rate)
    else:
        blocks = iter_blocks(source, settings.sample_rate)
    return _cut(blocks, settings.window_samples, settings.sample_rate, hop)


def _cut(
    blocks: Iterator[np.ndarray], length: int, sample_rate: int, hop: float
) -> Iterator[tuple[float, np.ndarray]]:
    number = 0  # of the window
    start = 0  # of the window, in samples
    offset = 0  # of the buffer, in samples
    buffer = np.zeros(0, np.float32)
    for block in blocks:
        buffer = np.concatenate([buffer, block])
        while offset + len(buffer) >= start + length:
            yield number * hop, buffer[start - offset : start - offset + length].copy()
            number += 1
            start = round(number * hop * sample_rate)
        drop = min(start - offset, len(buffer))
        buffer, offset = buffer[drop:], offset + drop
    rest = buffer[start - offset :]
    if len(rest) and (number == 0 or 2 * len(rest) >= length):
        yield number * hop, np.resize(rest, length)


def _blocks_of_samples(
    samples: np.ndarray | Tensor, from_rate: int, to_rate: int, block_frames: int = 1 << 17
) -> Iterator[np.ndarray]:
    array = samples.detach().cpu().numpy() if isinstance(samples, Tensor) else np.asarray(samples)
    name = f"samples of shape {array.shape}"
    if array.ndim not in (1, 2) or array.size == 0:
        raise MediaError(name, "sound has the shape (n,), (n, channels) or (channels, n), and is not empty")
    if array.ndim == 2:
        array = array if array.shape[0] >= array.shape[1] else array.T
    mono = (_mono(array[at : at + block_frames], name) for at in range(0, len(array), block_frames))
    yield from resample(mono, from_rate, to_rate, name)


def _mono(block: np.ndarray, name: str) -> np.ndarray:
    if np.issubdtype(block.dtype, np.signedinteger):
        block = block / np.float32(-float(np.iinfo(block.dtype).min))
    elif not np.issubdtype(block.dtype, np.floating):
        raise MediaError(name, f"samples of type {block.dtype}: give float, or signed integers")
    block = np.ascontiguousarray(block if block.ndim == 1 else block.mean(axis=1), dtype=np.float32)
    check_samples(block, name)
    return block
