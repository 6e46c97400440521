"""What music sounds like, frame by frame: mel bands, pitch classes and level. Needs the extra ``video``."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from va_space.errors import MissingExtraError
from va_space.media.loudness import weighting
from va_space.media.windows import SoundSource, sound_blocks

SAMPLE_RATE = 22_050
N_FFT = 2048
HOP = 512
FRAME_RATE = SAMPLE_RATE / HOP
"""Frames a second."""
MELS = 64
# Frames whose spectra are computed at once.
_AT_ONCE = 1024
# Below this share of the loudest power nothing is heard: -70 dB.
_FLOOR_DB = 70.0
_SILENT = 1e-10

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Spectra:
    """A recording in frames; frame i is centred on i / FRAME_RATE seconds.

    Attributes:
        mel: (MELS, n) power in mel bands.
        chroma: (12, n) power in pitch classes, from C; tuned to 440 Hz.
        rms: (n,) root mean square of the samples.
        weighted: (n,) their mean square, K-weighted (ITU-R BS.1770) and under a Hann window; of what lies
            below half of SAMPLE_RATE.
        duration: In seconds.
    """

    mel: Floats
    chroma: Floats
    rms: Floats
    weighted: Floats
    duration: float

    @property
    def log_mel(self) -> Floats:
        """(MELS, n) decibels below the loudest value, from -70 to 0; -70 throughout where all is silent."""
        loudest = float(self.mel.max(initial=0))
        if loudest <= _SILENT:
            return np.full_like(self.mel, -_FLOOR_DB)
        return 10 * np.log10(np.maximum(self.mel / loudest, 10 ** (-_FLOOR_DB / 10)))


def read_spectra(source: SoundSource) -> Spectra:
    """Read a recording from beginning to end; 15 kB a second are kept.

    Args:
        source: A file, or (samples, sample rate).

    Raises:
        MediaError: It cannot be read.
        MissingExtraError: librosa is not installed; or reading it needs PyAV, which is not.
    """
    check_librosa()
    from librosa.feature import chroma_stft, melspectrogram

    count = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal count
        for block in sound_blocks(source, SAMPLE_RATE):
            count += len(block)
            yield block

    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    heard = _heard_share(window)
    mel, chroma, rms, weighted = [], [], [], []
    for frames in _frames(counted()):  # (f, N_FFT)
        power = np.abs(np.fft.rfft(frames * window)).T.astype(np.float32) ** 2  # (N_FFT // 2 + 1, f)
        mel.append(melspectrogram(S=power, sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=MELS))
        chroma.append(chroma_stft(S=power, sr=SAMPLE_RATE, n_fft=N_FFT, norm=None, tuning=0.0))
        rms.append(np.sqrt(np.square(frames).mean(axis=1)))
        weighted.append(heard @ power)
    levels = np.concatenate(rms).astype(np.float32)
    return Spectra(_joined(mel), _joined(chroma), levels, np.concatenate(weighted), count / SAMPLE_RATE)


def check_librosa(what: str = "Following music over time", extra: str = "video") -> None:
    """Report a missing library before the work, not after it; `extra` is one that brings it."""
    try:
        import scipy.ndimage  # noqa: F401

        _load_librosa()
    except ImportError as error:
        raise MissingExtraError(what, extra, f"({error})") from error


@cache
def _load_librosa() -> None:
    """Import what is compiled of librosa while no other process does.

    numba compiles these modules when they are imported first, into a cache beside them. Two processes that
    fill it at once can leave a mixture there, and every process that reads it later ends by a segmentation
    fault.
    """
    user = getattr(os, "getuid", int)()
    with FileLock(Path(tempfile.gettempdir()) / f"va-space-librosa-{user}.lock"):
        import librosa.beat
        import librosa.core
        import librosa.util  # noqa: F401


def _heard_share(window: Floats) -> Floats:
    """(N_FFT // 2 + 1,) what each bin's power adds to the K-weighted mean square, by Parseval's theorem."""
    gain = np.abs(weighting(np.fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE), SAMPLE_RATE)) ** 2
    gain[1:-1] *= 2  # negative frequencies
    return (gain / (N_FFT * np.square(window).sum())).astype(np.float32)


def _frames(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """(f, N_FFT) frames of a stream, centred on 0, HOP, 2 HOP, ...; silence is around it."""
    buffer = np.zeros(N_FFT // 2, np.float32)
    for block in blocks:
        buffer = np.concatenate([buffer, block])
        while len(buffer) >= N_FFT + (_AT_ONCE - 1) * HOP:
            yield _cut(buffer, _AT_ONCE)
            buffer = buffer[_AT_ONCE * HOP :]
    buffer = np.concatenate([buffer, np.zeros(N_FFT // 2, np.float32)])
    yield _cut(buffer, 1 + (len(buffer) - N_FFT) // HOP)


def _cut(samples: np.ndarray, count: int) -> np.ndarray:
    views = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)
    return views[: count * HOP : HOP][:count]


def _joined(parts: list[np.ndarray]) -> Floats:
    return np.concatenate(parts, axis=1).astype(np.float32)
