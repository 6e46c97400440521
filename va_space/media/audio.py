"""Sound from files: mono float32 at one sample rate, streamed in blocks.

wav, flac, ogg, mp3 and whatever else libsndfile reads come through soundfile; m4a, aac and the sound
of videos through PyAV (extra ``av``). Channels are averaged; resampling is soxr's. A stated length is a
hint: what is there is read to its end, and it is an error where a reliable count says that more should be.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import soxr

from va_space.errors import MediaError
from va_space.media import audio_formats, container, sndfile
from va_space.media.files import open_file
from va_space.media.sndfile import AudioInfo, Block

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
    notes: list[str] | None = None,
) -> Iterator[np.ndarray]:
    """Stream a recording in constant memory; the samples do not depend on the size of the blocks.

    Args:
        path: The file.
        sample_rate: Samples per second to resample to.
        max_seconds: Longer recordings are refused: at once, or where the header does not tell their
            length, when they turn out to be longer.
        block_samples: Samples, over all channels, that are decoded at a time.
        notes: Gets, by the end, what is to be said about a file that is used all the same.

    Yields:
        (n,) float32 mono samples; n varies.

    Raises:
        MediaError: The file cannot be read, is damaged, truncated, empty or too long, holds no sound
            or NaN or infinite samples, or has a sample rate outside 8-192 kHz.
        MissingExtraError: It needs PyAV, which is not installed.
    """
    path = Path(path)
    with _open(path, block_samples, notes) as (info, blocks):
        if info.duration is not None and info.duration > max_seconds:
            raise MediaError(path, f"{info.duration:,.0f} s is longer than the limit of {max_seconds:,.0f} s")
        yield from _at_one_rate(_not_empty(_limited(blocks, max_seconds, path), path), sample_rate, path)


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

    Example:
        >>> from va_space.demo.music import clips
        >>> samples = load_audio(clips()[0].path, sample_rate=16_000)
        >>> samples.dtype, samples.ndim
        (dtype('float32'), 1)
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
    with _open(path, BLOCK_SAMPLES) as (_, blocks):
        part = _at_one_rate(_slice(blocks, start, start + seconds), sample_rate, path)
        section = np.concatenate([*part, np.zeros(0, np.float32)])
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
def _open(
    path: Path, block_samples: int, notes: list[str] | None = None
) -> Iterator[tuple[AudioInfo, Iterator[Block]]]:
    open_file(path).close()
    remarks = [] if notes is None else notes
    with ExitStack() as stack:
        yield (
            sndfile.open_sound(path, block_samples, remarks, stack)
            or audio_formats.open_sound(path, block_samples, remarks, stack)
            or container.open_sound(path, remarks, stack)
        )


def _at_one_rate(blocks: Iterable[Block], sample_rate: int, path: Path) -> Iterator[np.ndarray]:
    for rate, section in groupby(blocks, key=itemgetter(0)):
        yield from resample((samples for _, samples in section), rate, sample_rate, path)


def _limited(blocks: Iterable[Block], max_seconds: float, path: Path) -> Iterator[Block]:
    frames: dict[int, int] = defaultdict(int)  # by their rate: counted in whole samples, which add up exactly
    for rate, block in blocks:
        frames[rate] += len(block)
        if sum(count / each for each, count in frames.items()) > max_seconds:
            raise MediaError(path, f"longer than the limit of {max_seconds:,.0f} s")
        yield rate, block


def _slice(blocks: Iterable[Block], first: float, last: float) -> Iterator[Block]:
    """What lies between two moments in seconds, without asking for a block behind them."""
    before = 0.0  # seconds of earlier rates
    for rate, section in groupby(blocks, key=itemgetter(0)):
        at, start, stop = 0, round((first - before) * rate), round((last - before) * rate)
        for _, block in section:
            yield rate, block[max(0, start - at) : max(0, stop - at)]
            at += len(block)
            if at >= stop:
                return
        before += at / rate


def _not_empty(blocks: Iterable[Block], path: Path) -> Iterator[Block]:
    empty = True
    for rate, block in blocks:
        empty = empty and not len(block)
        yield rate, block
    if empty:
        raise MediaError(path, "no sound in it: zero samples")
