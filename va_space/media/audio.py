"""Sound from files: mono float32 at one sample rate, streamed in blocks.

wav, flac, ogg, mp3 and whatever else libsndfile reads come through soundfile; m4a, aac and the sound
of videos through PyAV (extra ``av``). Channels are averaged; resampling is soxr's.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from va_space.errors import MediaError
from va_space.media.pictures import open_regular_file

RESAMPLE_QUALITY = "MQ"
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
LONGEST_SECONDS = 24 * 3600.0
# Far beyond any scale that people store samples in, far below what overflows when squared.
_LOUDEST = 1e9
_BLOCK_FRAMES = 1 << 17
# libsndfile formats that are not recordings: headerless ones, and matrices.
NOT_SOUND = frozenset({"RAW", "MAT4", "MAT5", "HTK"})


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a recording says.

    Attributes:
        duration: Seconds; None where the header does not tell.
        sample_rate: Samples per second.
        channels: Number of channels.
    """

    duration: float | None
    sample_rate: int
    channels: int


def probe_audio(path: str | Path) -> AudioInfo:
    """Read the header of a recording.

    Raises:
        MediaError: The file cannot be read or holds no sound.
        MissingExtraError: It needs PyAV, which is not installed.
    """
    with _open(Path(path)) as (info, _):
        return info


def iter_blocks(
    path: str | Path,
    sample_rate: int,
    *,
    block_frames: int = _BLOCK_FRAMES,
    max_seconds: float = LONGEST_SECONDS,
) -> Iterator[np.ndarray]:
    """Stream a recording in constant memory; the samples do not depend on the size of the blocks.

    Args:
        path: The file.
        sample_rate: Samples per second to resample to.
        block_frames: Samples per channel that are decoded at a time.
        max_seconds: Longer recordings are refused, as late as they turn out to be longer.

    Yields:
        (n,) float32 mono samples; n varies.

    Raises:
        MediaError: The file cannot be read, is damaged, truncated, empty or too long, holds no sound
            or NaN or infinite samples, or has a sample rate outside 8-192 kHz.
        MissingExtraError: It needs PyAV, which is not installed.
    """
    path = Path(path)
    with _open(path, block_frames) as (info, blocks):
        if info.duration is not None and info.duration > max_seconds:
            raise MediaError(path, f"{info.duration:,.0f} s is longer than the limit of {max_seconds:,.0f} s")
        limited = _checked(blocks, path, round(max_seconds * info.sample_rate))
        yield from resample(limited, info.sample_rate, sample_rate, path)


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


def resample(
    blocks: Iterable[np.ndarray], from_rate: int, to_rate: int, name: str | Path
) -> Iterator[np.ndarray]:
    """Resample a stream of mono float32 blocks, both rates in samples per second.

    Raises:
        MediaError: The stream's rate is outside 8-192 kHz.
    """
    if not LOWEST_RATE <= from_rate <= HIGHEST_RATE:
        raise MediaError(
            name, f"a sample rate of {from_rate} Hz; {LOWEST_RATE} to {HIGHEST_RATE} Hz can be read"
        )
    if from_rate == to_rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality=RESAMPLE_QUALITY)
    for block in blocks:
        resampled = stream.resample_chunk(block)
        if resampled.size:
            yield resampled
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def check_samples(block: np.ndarray, name: str | Path) -> None:
    """Refuse NaN, infinite and absurdly large samples.

    Raises:
        MediaError: There are some.
    """
    if block.size and not np.abs(block).max() < _LOUDEST:  # a NaN fails this comparison too
        raise MediaError(name, "NaN, infinite or absurdly large samples")


def _checked(blocks: Iterable[np.ndarray], path: Path, max_frames: int) -> Iterator[np.ndarray]:
    frames = 0
    for block in blocks:
        check_samples(block, path)
        frames += len(block)
        if frames > max_frames:
            raise MediaError(path, "longer than the limit")
        yield block
    if frames == 0:
        raise MediaError(path, "no sound in it: zero samples")


@contextmanager
def _open(path: Path, block_frames: int = _BLOCK_FRAMES) -> Iterator[tuple[AudioInfo, Iterator[np.ndarray]]]:
    with open_regular_file(path) as file:
        try:
            # By descriptor: by name, libsndfile trusts the extension where the content says nothing.
            sound = soundfile.SoundFile(os.dup(file.fileno()), closefd=True)
        except (soundfile.LibsndfileError, TypeError, ValueError):
            sound = None
        if sound is not None and sound.format not in NOT_SOUND:
            with sound:
                duration = sound.frames / sound.samplerate
                info = AudioInfo(duration, sound.samplerate, sound.channels)
                yield info, _sndfile_blocks(sound, block_frames, path)
            return
    from va_space.media import container

    with container.open_sound(path) as (info, blocks):
        yield info, blocks


def _sndfile_blocks(sound: soundfile.SoundFile, block_frames: int, path: Path) -> Iterator[np.ndarray]:
    frames = 0
    try:
        while len(block := sound.read(block_frames, dtype="float32", always_2d=True)):
            frames += len(block)
            yield block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
    except soundfile.LibsndfileError as error:
        raise MediaError(path, f"damaged sound ({error.error_string})") from error
    if frames < sound.frames:
        raise MediaError(
            path, f"truncated: {frames / sound.samplerate:.1f} s of {sound.frames / sound.samplerate:.1f} s"
        )
