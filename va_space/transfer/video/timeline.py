"""What music feels like over time, section by section."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.emotion.reference import KINDS_OF, Kind
from va_space.encoders.results import Encoded
from va_space.encoders.vectors import unit_rows
from va_space.errors import MediaError
from va_space.media.spectra import check_librosa
from va_space.media.structure import Structure, read_structure
from va_space.space import FloatArray, VASpace
from va_space.transfer.targets import SILENCE, SILENT

WINDOW_SECONDS = 3.0
HOPS = 3
SMOOTHING_SECONDS = 2.0
_WINDOWS_AT_ONCE = 64
# Below the loudest moment by so much there is a pause.
_PAUSE_DB = -60.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """A recording over time.

    Attributes:
        times: (w,) seconds: the middle of each window's sound. Each section has at least one window.
        vectors: (w, dimension) unit vectors of the music around that time.
        va: (w, 2) predicted valence and arousal in [0, 1].
        sections: (s,) seconds at which the sections begin; the first is 0.
        duration: Of the recording, in seconds.
        widths: (s,) seconds that the transition into each section takes, around its start; 0 is sudden.
        kind: What it is compared with.
        structure: Its loudness, onsets and beats; None if it was not read from a recording.
    """

    times: Floats
    vectors: FloatArray
    va: FloatArray
    sections: Floats
    duration: float
    widths: Floats = field(default_factory=lambda: np.zeros(0))
    kind: Kind = "recording"
    structure: Structure | None = None

    def __post_init__(self) -> None:
        if not len(self.widths):
            object.__setattr__(self, "widths", np.zeros(len(self.sections)))

    def vectors_at(self, seconds: ArrayLike) -> FloatArray:
        """(n,) times to (n, dimension) unit vectors, each of the section that its time lies in."""
        return unit_rows(self.interpolated(self.vectors, seconds).astype(np.float32))

    def va_at(self, seconds: ArrayLike) -> FloatArray:
        """(n,) times to (n, 2) valence and arousal, likewise."""
        return self.interpolated(self.va, seconds).astype(np.float32)

    def section_at(self, seconds: ArrayLike) -> NDArray[np.int64]:
        """(n,) times to (n,) numbers of the sections they lie in."""
        return (np.searchsorted(self.sections, np.asarray(seconds), side="right") - 1).clip(0)

    def until(self, seconds: float) -> "Timeline":
        """The first so many seconds, > 0; all of it if it is shorter."""
        heard = max(1, int(np.searchsorted(self.times, seconds)))
        kept = self.sections <= self.times[heard - 1]
        return replace(
            self,
            times=self.times[:heard],
            vectors=self.vectors[:heard],
            va=self.va[:heard],
            sections=self.sections[kept],
            widths=self.widths[kept],
            duration=min(self.duration, seconds),
        )

    def interpolated(self, values: NDArray[np.floating], seconds: ArrayLike) -> Floats:
        """(n,) times to (n, d) of the windows' values (w, d): linear between the windows of a section.

        Before its first window and after its last, theirs hold.
        """
        at = np.asarray(seconds, np.float64)
        found = np.empty((len(at), values.shape[1]))
        own, asked = self.section_at(self.times), self.section_at(at)
        for section in np.unique(asked):
            rows = own == section
            found[asked == section] = interpolated(self.times[rows], values[rows], at[asked == section])
        return found


def read_timeline(
    space: VASpace,
    music: str | Path,
    *,
    window_seconds: float = WINDOW_SECONDS,
    hop_seconds: float | None = None,
    smoothing_seconds: float = SMOOTHING_SECONDS,
    progress: Callable[[float], None] | None = None,
) -> Timeline:
    """Encode a recording from beginning to end, in memory that does not depend on its sound.

    Sections are those of :func:`va_space.media.structure.read_structure`. Windows overlap, and each speaks
    for the time in its middle; those that reach from one section into the next are left out, so that a change
    in the music is a change at that moment. Within a section they are smoothed by a Gaussian filter. A pause
    is no section of its own: in it the music before goes on.

    Args:
        space: The model that encodes it.
        music: The file.
        window_seconds: Length of the windows, > 0; never longer than those of the model.
        hop_seconds: From one window to the next; more than 0, at most half a window. By default a third.
        smoothing_seconds: Standard deviation of the filter; 0 smooths nothing.
        progress: Called with the seconds that are done.

    Raises:
        MediaError: The file cannot be read, or is silent.
        MissingExtraError: librosa and scipy are not installed; or reading it needs PyAV, which is not.
        ValueError: A number of seconds is out of range.
    """
    check_librosa()
    window_seconds = min(window_seconds, space.config.audio.window_seconds)
    hop_seconds = window_seconds / HOPS if hop_seconds is None else hop_seconds
    if not 0 < hop_seconds <= window_seconds / 2 or smoothing_seconds < 0:
        limit = window_seconds / 2
        raise ValueError(f"hop_seconds must lie in (0, {limit:g}], and smoothing_seconds not be negative")
    track = space.encode_windows(
        music,
        hop_seconds=hop_seconds,
        window_seconds=window_seconds,
        batch_size=_WINDOWS_AT_ONCE,
        progress=progress,
    )
    if track.peaks.max() <= SILENCE:
        raise MediaError(music, SILENT)
    structure = read_structure(music)
    starts = track.starts.astype(np.float64)
    # The last window is filled up; its sound ends with the recording.
    ends = np.minimum(starts + window_seconds, track.duration)
    times = (starts + ends) / 2
    sounds = _sounding(structure, starts, ends)
    sections, widths = _sections(structure, times, sounds)
    rows, smooth = [], []
    for own in _windows(sections, starts, ends):
        heard = own[sounds[own]] if sounds[own].any() else own
        filled = interpolated(times[heard], track.vectors[heard], times[own]).astype(np.float32)
        rows.append(own)
        smooth.append(unit_rows(gaussian(filled, smoothing_seconds / hop_seconds)))
    vectors = np.concatenate(smooth)
    va = space.predict_va_from_vectors(vectors, "music")
    kept, kind = np.concatenate(rows), _kind(space, music)
    return Timeline(times[kept], vectors, va, sections, track.duration, widths, kind, structure)


def gaussian(values: NDArray[np.floating], sigma: float) -> Floats:
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


def interpolated(times: Floats, values: NDArray[np.floating], at: Floats) -> Floats:
    """(n,) times to (n, d) values: linear between rows of (w, d) values, and beyond the ends theirs."""
    columns = [np.interp(at, times, column) for column in values.T]
    return np.stack(columns, axis=-1)


def _sounding(structure: Structure, starts: Floats, ends: Floats) -> NDArray[np.bool_]:
    """Which windows are no pauses for more than half of their time."""
    loudness = structure.loudness
    loud = np.concatenate([[0], np.cumsum(loudness.values > _PAUSE_DB)])
    first, last = (np.searchsorted(loudness.times, each) for each in (starts, ends))
    return np.asarray(2 * (loud[last] - loud[first]) > last - first)


def _sections(structure: Structure, times: Floats, sounds: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Starts and widths of the sections in which anything sounds."""
    starts, widths = [0.0], [0.0]
    for boundary, (first, last) in zip(structure.boundaries, structure.sections[1:], strict=True):
        own = (times >= first) & (times < last)
        if sounds[own].any():
            starts.append(boundary.seconds)
            widths.append(boundary.width)
    return np.array(starts), np.array(widths)


def _windows(sections: Floats, starts: Floats, ends: Floats) -> list[NDArray[np.int64]]:
    """For each section the windows that lie in it; of a short one, the window that has most of it."""
    borders, middles = np.append(sections, np.inf), (starts + ends) / 2
    found = []
    for first, last in pairwise(borders):
        shared = np.minimum(ends, last) - np.maximum(starts, first)
        whole = np.flatnonzero(shared >= ends - starts - 1e-6)
        inside = (middles >= first) & (middles < last)
        found.append(whole if len(whole) else np.array([np.where(inside, shared, -1.0).argmax()]))
    return found


def _kind(space: VASpace, music: str | Path) -> Kind:
    """Whether it is a recording or played by a program."""
    if space.reference is None:
        return KINDS_OF["music"][0]
    whole = next(space.encode_iter([music]))
    return space.kind_of(whole) if isinstance(whole, Encoded) else KINDS_OF["music"][0]
