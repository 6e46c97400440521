"""Sound from files: mono float32 at one sample rate, streamed in blocks.

wav, flac, ogg, mp3 and whatever else libsndfile reads come through soundfile; m4a, aac and the sound
of videos through PyAV (extra ``av``). Channels are averaged; resampling is soxr's.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soxr

from va_space.errors import MediaError
from va_space.media import container, sndfile
from va_space.media.files import open_file
from va_space.media.sndfile import AudioInfo

__all__ = ["AudioInfo", "iter_blocks", "load_audio", "load_section", "probe_audio", "resample"]

# Costs a third of decoding the ogg file; the lower qualities save next to nothing.
RESAMPLE_QUALITY = "HQ"
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
LONGEST_SECONDS = 24 * 3600.0
BLOCK_SAMPLES = 1 << 17


def probe_audio(path: str | Path) -> AudioInfo:
    """Read the header of a recording.

    Raises:
        MediaError: The file cannot be read, or holds no sound.
        MissingExtraError: It needs PyAV, which is not installed.
    """
    with _open(Path(path), BLOCK_SAMPLES) as (info, _):
        return info


def iter_blocks(
    path: str | Path,
    sample_rate: int,
    *,
    max_seconds: float = LONGEST_SECONDS,
    block_samples: int = BLOCK_SAMPLES,
) -> Iterator[np.ndarray]:
    """Stream a recording in constant memory; the samples do not depend on the size of the blocks.

    Args:
        path: The file.
        sample_rate: Samples per second to resample to.
        max_seconds: Longer recordings are refused: at once, or where the header does not tell their
            length, when they turn out to be longer.
        block_samples: Samples, over all channels, that are decoded at a time.

    Yields:
        (n,) float32 mono samples; n varies.

    Raises:
        MediaError: The file cannot be read, is damaged, truncated, empty or too long, holds no sound
            or NaN or infinite samples, or has a sample rate outside 8-192 kHz.
        MissingExtraError: It needs PyAV, which is not installed.
    """
    path = Path(path)
    with _open(path, block_samples) as (info, blocks):
        if info.duration is not None and info.duration > max_seconds:
            raise MediaError(path, f"{info.duration:,.0f} s is longer than the limit of {max_seconds:,.0f} s")
        blocks = _not_empty(_limited(blocks, info.sample_rate, max_seconds, path), path)
        yield from resample(blocks, info.sample_rate, sample_rate, path)


def load_audio(path: str | Path, sample_rate: int, *, max_seconds: float = 3600) -> np.ndarray:
    """Read a whole recording into memory.

    Args:
        path: The file.
        sample_rate: Samples per second to resample to.
        max_seconds: Longer recordings are refused.

    Returns:
        (samples,) float32, mono.

    Raises:
        MediaError: As :func:`iter_blocks`.
        MissingExtraError: As :func:`iter_blocks`.
    """
    return np.concatenate(list(iter_blocks(path, sample_rate, max_seconds=max_seconds)))


def load_section(path: str | Path, sample_rate: int, start: float, seconds: float) -> np.ndarray:
    """Read a part of a recording, in memory that grows with the part alone.

    What comes before it is decoded too, since not every format can be entered in the middle exactly;
    what comes after it is not read.

    Args:
        path: The file.
        sample_rate: Samples per second to resample to.
        start: Second at which the part begins, >= 0.
        seconds: Its length, > 0; it is shorter where the recording ends earlier.

    Returns:
        (samples,) float32, mono.

    Raises:
        MediaError: As :func:`iter_blocks`, as far as the file is read; or it ends before the start.
        MissingExtraError: As :func:`iter_blocks`.
    """
    path = Path(path)
    with _open(path, BLOCK_SAMPLES) as (info, blocks):
        first = round(start * info.sample_rate)
        part = _slice(blocks, first, first + round(seconds * info.sample_rate))
        section = np.concatenate(
            [*resample(part, info.sample_rate, sample_rate, path), np.zeros(0, np.float32)]
        )
    if not len(section):
        raise MediaError(path, f"ends before {start:.1f} s")
    return section


def resample(
    blocks: Iterable[np.ndarray], from_rate: float, to_rate: int, name: str | Path
) -> Iterator[np.ndarray]:
    """Resample a stream of (n,) float32 mono blocks; rates are in samples per second.

    Raises:
        MediaError: The stream's rate is outside 8-192 kHz.
    """
    if not LOWEST_RATE <= from_rate <= HIGHEST_RATE:
        limits = f"{LOWEST_RATE:,} to {HIGHEST_RATE:,} Hz"
        raise MediaError(name, f"a sample rate of {from_rate:,} Hz; {limits} can be read")
    if from_rate == to_rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality=RESAMPLE_QUALITY)
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


@contextmanager
def _open(path: Path, block_samples: int) -> Iterator[tuple[AudioInfo, Iterator[np.ndarray]]]:
    with open_file(path) as file:
        sound = sndfile.open_sound(file, path)
    if sound is not None:
        with sound:
            yield sndfile.info_of(sound), sndfile.read_blocks(sound, block_samples, path)
    else:
        with container.open_sound(path) as opened:
            yield opened


def _limited(
    blocks: Iterable[np.ndarray], sample_rate: int, max_seconds: float, path: Path
) -> Iterator[np.ndarray]:
    frames = 0
    for block in blocks:
        frames += len(block)
        if frames > max_seconds * sample_rate:
            raise MediaError(path, f"longer than the limit of {max_seconds:,.0f} s")
        yield block


def _slice(blocks: Iterable[np.ndarray], first: int, last: int) -> Iterator[np.ndarray]:
    """The samples `first` to `last`, without asking for a block behind them."""
    at = 0
    for block in blocks:
        yield block[max(0, first - at) : max(0, last - at)]
        at += len(block)
        if at >= last:
            return


def _not_empty(blocks: Iterable[np.ndarray], path: Path) -> Iterator[np.ndarray]:
    empty = True
    for block in blocks:
        empty = empty and not len(block)
        yield block
    if empty:
        raise MediaError(path, "no sound in it: zero samples")
