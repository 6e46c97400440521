"""The shots of a video that is to be graded: where it cuts, and the styles of its frames."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from va_space.media.video.reading import open_video, seconds_of
from va_space.media.video.shots import ShotDetector
from va_space.transfer.video.scenes import Span
from va_space.transfer.video.style_map import StyleMap

if TYPE_CHECKING:
    import av


def read_cuts(video: str | Path) -> tuple[list[float], float]:
    """Seconds at which a video cuts, and its duration.

    Raises:
        MediaError: It is no video, or damaged.
        MissingExtraError: PyAV or PySceneDetect is not installed.
    """
    with open_video(video) as (info, frames):
        detector, last = ShotDetector(info), 0.0
        for frame in frames:
            detector.see(frame)
            last = float(seconds_of(frame, info.time_base))
        return detector.cuts, last + float(1 / info.rate)


def styles_of_spans(
    video: str | Path, spans: Sequence[Span], make: Callable[[Image.Image, Span], StyleMap]
) -> list[StyleMap]:
    """For each span the styles of the frame that is shown in its middle.

    Args:
        video: Read until the last of them; one frame at a time is kept.
        spans: In order.
        make: Finds the styles of a picture in mode RGB.

    Raises:
        MediaError: It is no video, or damaged.
    """
    found: list[StyleMap] = []
    with open_video(video) as (info, frames):
        shown: av.VideoFrame | None = None
        for frame in frames:
            if shown is not None:
                _find(found, shown, spans, float(seconds_of(frame, info.time_base)), make)
            if len(found) == len(spans):
                return found
            shown = frame
        assert shown is not None  # a video has frames
        _find(found, shown, spans, math.inf, make)
        return found


def _find(
    found: list[StyleMap],
    frame: "av.VideoFrame",
    spans: Sequence[Span],
    until: float,
    make: Callable[[Image.Image, Span], StyleMap],
) -> None:
    """Add the styles of the spans whose middles come before a time."""
    while len(found) < len(spans) and spans[len(found)].middle < until:
        found.append(make(frame.to_image(), spans[len(found)]))
