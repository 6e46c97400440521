"""Where in a track to begin: the passage that answers best, found among the track's windows.

A passage of a given length begins where a window begins and lies wholly inside the track. Its score is the
mean of the scores of the windows that it overlaps, each weighed by the seconds of overlap. The highest score
wins, and the earliest among equals. Of a track that is shorter than the passage, all is taken. Without a
length the passage is one window, and the last, which may reach beyond the end, is as good as the others.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float32]
# Durations and starts have been through float32, and a passage must not be refused for a rounding error.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Cue:
    """A passage of a track.

    Attributes:
        start: Second at which it begins.
        length: Seconds.
        score: Mean score of the windows it overlaps.
        moments: (second, score) of each window of the track, as far as they were looked at.
    """

    start: float
    length: float
    score: float
    moments: tuple[tuple[float, float], ...] = field(default=(), compare=False, repr=False)


def best_cue(
    starts: FloatArray, scores: ArrayLike, *, duration: float, window: float, clip: float | None = None
) -> Cue:
    """The passage with the highest score.

    Args:
        starts: (w,) start of each window in seconds, rising, at least one.
        scores: (w,) score of each window.
        duration: Of the track, in seconds.
        window: Length of a window in seconds.
        clip: Length of the passage in seconds, > 0; None for one window.
    """
    values = np.asarray(scores, np.float64)
    moments = tuple(zip(starts.tolist(), values.tolist(), strict=True))
    if clip is None:
        best = int(np.argmax(values))
        start = float(starts[best])
        return Cue(start, min(window, max(duration - start, 0.0)), float(values[best]), moments)
    begins = passages(starts, duration=duration, clip=clip)
    length = min(clip, duration)
    means = overlaps(starts, begins, window=window, length=length) @ values
    best = int(np.argmax(means))
    return Cue(float(begins[best]), length, float(means[best]), moments)


def passages(starts: FloatArray, *, duration: float, clip: float) -> FloatArray:
    """(c,) seconds at which a passage of `clip` seconds can begin, at least one."""
    inside = starts[starts + clip <= duration + _ROUNDING]
    return inside if len(inside) else starts[:1]


def overlaps(starts: FloatArray, begins: FloatArray, *, window: float, length: float) -> FloatArray:
    """Share of each window in each passage.

    Args:
        starts: (w,) start of each window in seconds.
        begins: (c,) start of each passage in seconds.
        window: Length of a window.
        length: Of a passage.

    Returns:
        (c, w) weights, with 1 as the sum of each row.
    """
    ends = np.minimum(starts + window, (begins + length)[:, None])
    seconds = np.maximum(ends - np.maximum(starts, begins[:, None]), 0.0)
    # A passage may begin in the last seconds of a track, which no window covers.
    nothing = seconds.sum(axis=1) == 0
    seconds[nothing, -1] = 1.0
    return seconds / seconds.sum(axis=1, keepdims=True)
