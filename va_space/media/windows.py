"""Recordings in windows of one length: what the music encoder hears."""

from collections.abc import Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from va_space.errors import MediaError
from va_space.media.audio import BLOCK_SAMPLES, iter_blocks, resample
from va_space.media.samples import to_mono
from va_space.media.settings import AudioSettings

if TYPE_CHECKING:
    from torch import Tensor

# The processes that decode files import this module, and have no use for torch.
SoundSource = str | Path | tuple["np.ndarray | Tensor", float]


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

    Example:
        >>> settings = AudioSettings(sample_rate=8000, window_seconds=1.0, n_mels=64)
        >>> sound = np.zeros(2 * 8000, np.float32)
        >>> [start for start, _ in iter_windows((sound, 8000), settings, hop_seconds=0.5)]
        [0.0, 0.5, 1.0, 1.5]
    """
    hop = check_hop(hop_seconds, settings)
    return cut_windows(sound_blocks(source, settings.sample_rate), settings, hop)


def check_hop(hop_seconds: float | None, settings: AudioSettings) -> float:
    """Seconds from one window to the next: the window length if None; ValueError below one sample."""
    hop = settings.window_seconds if hop_seconds is None else hop_seconds
    if not round(hop * settings.sample_rate) >= 1:
        raise ValueError(f"hop_seconds must be at least one sample, not {hop_seconds}")
    return hop


def sound_blocks(
    source: SoundSource, sample_rate: int, notes: list[str] | None = None
) -> Iterator[np.ndarray]:
    """Stream a file or samples as (n,) float32 mono blocks.

    Args:
        source: As for :func:`iter_windows`, and the errors are the same.
        sample_rate: Samples per second to resample to.
        notes: As for :func:`va_space.media.audio.iter_blocks`.
    """
    if isinstance(source, tuple):
        return _blocks_of_samples(*source, sample_rate)
    return iter_blocks(source, sample_rate, notes=notes)


def cut_windows(
    blocks: Iterable[np.ndarray], settings: AudioSettings, hop: float
) -> Iterator[tuple[float, np.ndarray]]:
    """The windows of :func:`iter_windows` from blocks at the settings' sample rate; hop is in seconds."""
    length, sample_rate = settings.window_samples, settings.sample_rate
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
    samples: "np.ndarray | Tensor", from_rate: float, to_rate: int
) -> Iterator[np.ndarray]:
    from torch import Tensor

    if isinstance(samples, Tensor):
        samples = samples.detach().cpu()
        samples = samples.float() if samples.is_floating_point() else samples  # bfloat16 has no array
    array = np.asarray(samples)
    name = f"samples of shape {array.shape}"
    if not isinstance(from_rate, Real):
        raise MediaError(name, f"the sample rate must be a number, not {from_rate!r}")
    if array.ndim not in (1, 2) or array.size == 0:
        raise MediaError(name, "sound has the shape (n,), (n, channels) or (channels, n), and is not empty")
    frames = array[:, None] if array.ndim == 1 else array
    frames = frames if frames.shape[0] >= frames.shape[1] else frames.T
    scale = _full_scale(frames.dtype, name)
    block_frames = max(1, BLOCK_SAMPLES // frames.shape[1])
    parts = (frames[at : at + block_frames] for at in range(0, len(frames), block_frames))
    mono = (to_mono((part / scale).astype(np.float32, copy=False), name) for part in parts)
    yield from resample(mono, from_rate, to_rate, name)


def _full_scale(dtype: np.dtype, name: str) -> np.floating:
    if np.issubdtype(dtype, np.floating):
        return np.float32(1)
    if dtype in (np.int16, np.int32):
        return np.float32(-float(np.iinfo(dtype).min))
    raise MediaError(name, f"samples of type {dtype}: give float, int16 or int32")
