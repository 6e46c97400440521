"""The feeling of a video over time, from its pictures. Needs the extra ``av``."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.generation.music.target import Course, percentile
from va_space.space import VASpace

SUFFIXES = (".mp4", ".mov", ".mkv", ".m4v", ".webm", ".avi")
_APART = 2.0  # seconds between the pictures that are seen; more in long videos
_MOST = 120


def video_course(space: VASpace, path: str | Path) -> Course:
    """The feeling of a video over its time: pictures two seconds apart, each smoothed with its neighbours.

    Args:
        space: The model.
        path: The video.

    Raises:
        MediaError: It is no video, or damaged.
        MissingExtraError: PyAV is not installed.
    """
    from va_space.media.video.reading import open_video, seconds_of

    times: list[float] = []
    felt: list[NDArray[np.float32]] = []
    apart = _APART
    with open_video(path) as (info, frames):
        for frame in frames:
            second = float(seconds_of(frame, info.time_base))
            if times and second < times[-1] + apart:
                continue
            if (
                len(times) == _MOST
            ):  # of a long video, every second picture so far, and half as many from here
                times, felt, apart = times[::2], felt[::2], 2 * apart
            times.append(second)
            felt.append(space.predict_va(frame.to_image()))
    places = percentile(space, np.array(felt), "photograph")
    padded = np.concatenate([places[:1], places, places[-1:]])
    smooth = np.round((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4, 3)
    start = times[0]
    return Course(tuple(t - start for t in times), tuple((v, a) for v, a in smooth.tolist()))
