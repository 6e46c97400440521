"""When in a track: a number over its windows, and what the track loses without each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from va_space.encoders.results import WindowedTrack
from va_space.explanation.aims import Aim
from va_space.media.windows import SoundSource
from va_space.space import VASpace

FloatArray = NDArray[np.float32]

# Of the length of the model's windows: 3 s beside 10 s. The shorter, the better the place and the worse the
# prediction (docs/benchmarks.md).
SHORT = 0.3


@dataclass(frozen=True, eq=False)
class Curve:
    """A number over a track.

    Attributes:
        starts: (w,) start of each window in seconds; windows overlap by half.
        length: Of a window, in seconds.
        scores: (w,) the number of each window by itself.
        effects: (w,) what the number of the whole track loses without the window and all that overlap it:
            positive where the window raises it; nan where nothing of the track would be left.
    """

    starts: FloatArray
    length: float
    scores: FloatArray
    effects: FloatArray

    @property
    def doubt(self) -> float:
        """What an effect would be off by if windows began elsewhere, by a quarter of their length.

        Half of what effects differ by from one window to the next, which begins half a window later, in the
        mean; 0 where there are no two.
        """
        steps = np.abs(np.diff(self.effects))
        return 0.0 if np.isnan(steps).all() else float(np.nanmean(steps)) / 2

    @property
    def raises(self) -> int | None:
        """The window that raises the track's number most; None for a track that is too short."""
        return None if np.isnan(self.effects).all() else int(np.nanargmax(self.effects))

    @property
    def lowers(self) -> int | None:
        """The window that lowers it most, likewise."""
        return None if np.isnan(self.effects).all() else int(np.nanargmin(self.effects))


def short_windows(
    space: VASpace, track: SoundSource, progress: Callable[[float], None] | None = None
) -> tuple[WindowedTrack, float]:
    """A track in windows short enough to tell moments apart, or the model's own if it takes no shorter ones.

    Args:
        space: The model.
        track: A file, or (samples, sample rate).
        progress: Called with the seconds that are done.

    Returns:
        The windows, which overlap by half, and their length in seconds.

    Raises:
        MediaError: It is not music, or cannot be read.
    """
    usual = space.config.audio.window_seconds
    try:
        length = SHORT * usual
        return _overlapping(space, track, length, progress), length
    except ValueError:  # too short for the music encoder
        return _overlapping(space, track, usual, progress), usual


def curves(space: VASpace, windows: WindowedTrack, length: float, aims: Sequence[Aim]) -> list[Curve]:
    """Curves of a track, one for each aim.

    Args:
        space: The model.
        windows: Of the track.
        length: Of a window, in seconds.
        aims: What is explained.
    """
    vectors = torch.from_numpy(windows.vectors).to(space.device)
    others = torch.from_numpy(apart(windows.starts, length)).float().to(space.device)
    left = others.sum(dim=1)
    without = functional.normalize(others @ vectors, dim=1)
    found = []
    with torch.no_grad():
        for aim in aims:
            whole = aim.of(functional.normalize(vectors.mean(dim=0, keepdim=True), dim=1))
            effects = (whole - aim.of(without)).masked_fill(left == 0, float("nan"))
            scores = aim.of(vectors).cpu().numpy()
            found.append(Curve(windows.starts, length, scores, effects.cpu().numpy()))
    return found


def apart(starts: FloatArray, length: float) -> NDArray[np.bool_]:
    """(w, w) whether two windows of a length, which begin at (w,) seconds, do not overlap."""
    return np.abs(starts[:, None] - starts[None]) >= length - 1e-3


def _overlapping(
    space: VASpace, track: SoundSource, seconds: float, progress: Callable[[float], None] | None
) -> WindowedTrack:
    return space.encode_windows(track, window_seconds=seconds, hop_seconds=seconds / 2, progress=progress)
