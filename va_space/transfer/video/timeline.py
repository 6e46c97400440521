"""What music feels like over time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.encoders.vectors import unit_rows
from va_space.errors import MediaError, MissingExtraError
from va_space.space import FloatArray, VASpace
from va_space.transfer.targets import SILENCE, SILENT

SMOOTHING_SECONDS = 2.0
SECTION_SECONDS = 20.0
_WINDOWS_AT_ONCE = 64
# Share of the loudest window's level below which a window holds a pause: -60 dB.
_PAUSE = 1e-3


@dataclass(frozen=True)
class Timeline:
    """A recording over time.

    Attributes:
        times: (w,) seconds: the middle of each window's sound.
        vectors: (w, dimension) unit vectors of the music around that time.
        va: (w, 2) predicted valence and arousal in [0, 1].
        sections: (s,) seconds at which the sections begin; the first is 0.
        duration: Of the recording, in seconds.
    """

    times: NDArray[np.float64]
    vectors: FloatArray
    va: FloatArray
    sections: NDArray[np.float64]
    duration: float

    def vectors_at(self, seconds: ArrayLike) -> FloatArray:
        """(n,) times to (n, dimension) unit vectors; before the first and after the last time, theirs."""
        return unit_rows(_interpolated(self.times, self.vectors, np.asarray(seconds)))

    def va_at(self, seconds: ArrayLike) -> FloatArray:
        """(n,) times to (n, 2) valence and arousal."""
        return _interpolated(self.times, self.va, np.asarray(seconds))

    def section_at(self, seconds: ArrayLike) -> NDArray[np.int64]:
        """(n,) times to (n,) numbers of the sections they lie in."""
        return (np.searchsorted(self.sections, np.asarray(seconds), side="right") - 1).clip(0)

    def until(self, seconds: float) -> "Timeline":
        """The first so many seconds, > 0; all of it if it is shorter."""
        heard = max(1, int(np.searchsorted(self.times, seconds)))
        last = self.times[heard - 1]
        return replace(
            self,
            times=self.times[:heard],
            vectors=self.vectors[:heard],
            va=self.va[:heard],
            sections=self.sections[self.sections <= last],
            duration=min(self.duration, seconds),
        )


def read_timeline(
    space: VASpace,
    music: str | Path,
    *,
    hop_seconds: float | None = None,
    smoothing_seconds: float = SMOOTHING_SECONDS,
    section_seconds: float = SECTION_SECONDS,
    progress: Callable[[float], None] | None = None,
) -> Timeline:
    """Listen to a recording from beginning to end, in memory that does not depend on its sound.

    Windows overlap; each speaks for the time in its middle. What it says is smoothed by a Gaussian filter,
    which is symmetric and so does not delay anything: a change in the music becomes a change around the same
    moment, about as long as a window. In pauses, which feel like nothing, the music before passes over into
    the music after. Sections come from agglomerative clustering of the windows in their order
    (:func:`librosa.segment.agglomerative`).

    Args:
        space: The model that listens.
        music: The file.
        hop_seconds: From one window to the next; more than 0, at most half a window. By default a tenth.
        smoothing_seconds: Standard deviation of the filter; 0 smooths nothing.
        section_seconds: How long sections are on average.
        progress: Called with the seconds that were heard.

    Raises:
        MediaError: The file cannot be read, or is silent.
        MissingExtraError: librosa and scipy are not installed; or reading it needs PyAV, which is not.
        ValueError: A number of seconds is out of range.
    """
    _check_extra()
    settings = space.config.audio
    hop_seconds = settings.window_seconds / 10 if hop_seconds is None else hop_seconds
    if not 0 < hop_seconds <= settings.window_seconds / 2 or smoothing_seconds < 0 or section_seconds <= 0:
        limit = settings.window_seconds / 2
        raise ValueError(f"hop_seconds must lie in (0, {limit:g}], and the others must not be negative")
    track = space.encode_windows(
        music, hop_seconds=hop_seconds, batch_size=_WINDOWS_AT_ONCE, progress=progress
    )
    if track.peaks.max() <= SILENCE:
        raise MediaError(music, SILENT)
    # The last window is filled up; its sound ends with the recording.
    starts = track.starts.astype(np.float64)
    times = (starts + np.minimum(starts + settings.window_seconds, track.duration)) / 2
    sounds = track.levels > _PAUSE * track.levels.max()
    filled = _interpolated(times[sounds], track.vectors[sounds], times)
    smooth = unit_rows(gaussian(filled, smoothing_seconds / hop_seconds))
    count = int(np.clip(round(track.duration / section_seconds), 1, len(times)))
    va = space.predict_va_from_vectors(smooth, "music")
    return Timeline(times, smooth, va, _sections(times, smooth, count), track.duration)


def _check_extra() -> None:
    """Missing libraries are reported before the work, not after it."""
    try:
        import librosa.segment  # noqa: F401
        import scipy.ndimage  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("Following music over time", "video", f"({error})") from error


def gaussian(values: NDArray[np.floating], sigma: float) -> NDArray[np.float64]:
    """Smooth (n, d) values along the first axis by a Gaussian; the ends are thought to go on as they are.

    The filter is symmetric and its weights are positive: it shifts nothing, and no value it returns moves
    about more than the given ones did.

    Args:
        values: At even distances.
        sigma: Standard deviation in units of that distance; 0 changes nothing.
    """
    from scipy.ndimage import gaussian_filter1d

    exact = np.asarray(values, np.float64)
    return gaussian_filter1d(exact, sigma, axis=0, mode="nearest") if sigma else exact


def _interpolated(times: np.ndarray, values: np.ndarray, at: np.ndarray) -> FloatArray:
    columns = [np.interp(at, times, column) for column in values.T]
    return np.stack(columns, axis=-1).astype(np.float32)


def _sections(times: np.ndarray, vectors: np.ndarray, count: int) -> NDArray[np.float64]:
    if count == 1:
        return np.zeros(1)
    from librosa.segment import agglomerative

    first = np.asarray(agglomerative(vectors.T, count))[1:]
    return np.concatenate([[0.0], (times[first - 1] + times[first]) / 2])
