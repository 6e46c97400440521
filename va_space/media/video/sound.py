"""Stereo sound as arrays: passages of files, and what is made of them as the sound of a video."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from va_space.media.video.reading import SoundInfo, open_soundtrack

if TYPE_CHECKING:
    import av

RATE = 48_000
STEREO = SoundInfo(RATE, "stereo")
_FRAME = 1024

Samples = NDArray[np.float32]


def iter_stereo(path: str | Path, *, start: Fraction | None = None) -> Iterator[Samples]:
    """Stream the sound of a file, of music or of a video, in constant memory.

    Args:
        path: The file.
        start: The moment on the file's clock, in seconds, that becomes 0; None is that of the first sample.

    Yields:
        (2, n) float32 samples at RATE, one block behind the other; gaps are silence.

    Raises:
        MediaError: The file cannot be read, holds no sound, or is damaged.
        MissingExtraError: PyAV is not installed.
    """
    with open_soundtrack(path, start=start, wanted=STEREO) as (_, frames):
        for frame in frames:
            yield np.asarray(frame.to_ndarray(), np.float32)


def read_stereo(path: str | Path, start: float, seconds: float) -> Samples:
    """A passage of a recording; what comes before it is decoded too, what comes after is not.

    Args:
        path: The file.
        start: Second at which it begins, >= 0, counted from the first sample.
        seconds: Its length; it is shorter where the recording ends before.

    Returns:
        (2, n) float32 samples at RATE.

    Raises:
        MediaError: As :func:`iter_stereo`.
        MissingExtraError: As :func:`iter_stereo`.
    """
    first, last = round(start * RATE), round((start + seconds) * RATE)
    parts, at = [np.zeros((2, 0), np.float32)], 0
    for block in iter_stereo(path):
        parts.append(block[:, max(0, first - at) : max(0, last - at)])
        at += block.shape[1]
        if at >= last:
            break
    return np.concatenate(parts, axis=1)


def sound_frames(blocks: Iterable[Samples]) -> "Iterator[av.AudioFrame]":
    """Blocks of (2, n) samples at RATE, n varying, as frames for a video that is written."""
    import av

    kept, at = np.zeros((2, 0), np.float32), 0
    for block in _with_end(blocks):
        if block is not None:
            kept = np.concatenate([kept, block], axis=1) if kept.shape[1] else block
        whole = kept.shape[1] if block is None else kept.shape[1] - kept.shape[1] % _FRAME
        for first in range(0, whole, _FRAME):
            part = np.ascontiguousarray(kept[:, first : min(first + _FRAME, whole)], np.float32)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            at += part.shape[1]
            yield frame
        kept = kept[:, whole:]


def _with_end(blocks: Iterable[Samples]) -> Iterator[Samples | None]:
    yield from blocks
    yield None
