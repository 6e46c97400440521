"""Slide shows: pictures in time with a track, as a video with its sound.

Each picture is shown whole, before a dark and blurred copy of itself that fills the frame, and fades into the
next one around the moment at which that appears. Frames are made one after the other, and of the pictures two
are in memory at a time, so memory does not grow with the length. Needs the extra ``video``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from va_space.errors import MediaError, MissingExtraError
from va_space.media.pictures import load_picture
from va_space.media.video.muxing import Shape, write_video
from va_space.media.video.reading import open_soundtrack
from va_space.retrieval.picture_story import Slide
from va_space.space import Failure

if TYPE_CHECKING:
    import av

SIZE = (1280, 720)
FADE = 1.0
_RATE = 25
_COARSE, _BLUR, _DARK = 16, 2.0, 0.4  # of what fills the frame: reduction, pixels of that, brightness

Planes = NDArray[np.uint8]


@dataclass(frozen=True)
class _Change:
    """A picture that appears, as the planes of a frame, after a fade of so many seconds around its start."""

    start: float
    fade: float
    planes: Planes


def write_slide_show(
    path: str | Path,
    track: str | Path,
    slides: Sequence[Slide],
    *,
    size: tuple[int, int] = SIZE,
    fade: float = FADE,
    progress: Callable[[int, int], None] | None = None,
) -> list[Failure]:
    """Write pictures in time with a track as a video; it is complete or not there.

    Args:
        path: The video; its ending is .mp4, .mov, .mkv or .m4v.
        track: The recording that is heard.
        slides: In order, at least one, as :func:`va_space.retrieval.picture_story.picture_story` gives them.
        size: Width and height of the frames in pixels, both even.
        fade: Seconds from one picture to the next; where a picture stays shorter, only so long.
        progress: Called after each frame with (frames done, frames in all).

    Returns:
        The pictures that cannot be read; the one before, or the next readable one, stays in their place.

    Raises:
        ConfigError: The ending is another.
        MediaError: The track, or no picture, can be read.
        MissingExtraError: PyAV is not installed.
        OSError: The file cannot be written.
        ValueError: There are no slides, or a size is odd.
    """
    if not slides:
        raise ValueError("a slide show needs at least one picture")
    if any(side < 2 or side % 2 for side in size):
        raise ValueError(f"a size of {size[0]} x {size[1]}: both must be even")
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("A slide show", "video") from error
    failures: list[Failure] = []
    seconds = slides[-1].start + slides[-1].length
    count = max(1, round(seconds * _RATE))
    shape = Shape(*size, Fraction(_RATE), Fraction(1, _RATE))
    changes = _changes(slides, size, fade, failures)
    with open_soundtrack(track) as sound:
        write_video(path, _frames(changes, count, progress), shape, sound)
    return failures


def framed(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture, whole, in a frame of (width, height) pixels that a dark blurred copy of it fills."""
    front = ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
    if front.size == size:
        return front
    coarse = max(2, size[0] // _COARSE), max(2, size[1] // _COARSE)
    blurred = ImageOps.fit(picture, coarse).filter(ImageFilter.GaussianBlur(_BLUR))
    whole = ImageEnhance.Brightness(blurred.resize(size, Image.Resampling.BICUBIC)).enhance(_DARK)
    whole.paste(front, ((size[0] - front.width) // 2, (size[1] - front.height) // 2))
    return whole


def _changes(
    slides: Sequence[Slide], size: tuple[int, int], fade: float, failures: list[Failure]
) -> Iterator[_Change]:
    """The pictures that can be read, one after the other; what is wrong with the others is appended."""
    before = float("inf")
    for index, slide in enumerate(slides):
        try:
            picture = load_picture(slide.path, min_side=max(size))
        except (MediaError, MissingExtraError) as error:
            reason = error.reason if isinstance(error, MediaError) else str(error)
            failures.append(Failure(index, slide.path, reason))
            continue
        yield _Change(slide.start, min(fade, before, slide.length), _planes(framed(picture, size)))
        before = slide.length
    if len(failures) == len(slides):
        raise MediaError(slides[0].path, f"{failures[0].reason}; no picture of the slide show can be read")


def _frames(
    changes: Iterator[_Change], count: int, progress: Callable[[int, int], None] | None
) -> "Iterator[av.VideoFrame]":
    shown, coming = next(changes), next(changes, None)
    still = _frame(shown.planes)
    for number in range(count):
        frame = still
        if coming is not None:
            share = _share(number / _RATE, coming)
            if share >= 1:
                shown, coming = coming, next(changes, None)
                frame = still = _frame(shown.planes)
            elif share > 0:
                frame = _frame(_mixed(shown.planes, coming.planes, share))
        frame.pts = number
        yield frame
        if progress:
            progress(number + 1, count)


def _share(seconds: float, coming: _Change) -> float:
    """How much of the coming picture is seen at a time, below 0 before its fade, above 1 after it."""
    if coming.fade <= 0:
        return float(seconds >= coming.start)
    return (seconds - coming.start) / coming.fade + 0.5


def _mixed(first: Planes, second: Planes, share: float) -> Planes:
    weight = np.uint16(round(256 * share))
    mixed = first * np.uint16(256 - weight) + second * weight  # at most 255 * 256
    return (mixed >> 8).astype(np.uint8)


def _planes(picture: Image.Image) -> Planes:
    """The planes of an RGB picture in BT.709, limited range, with halved chroma: (3 / 2 height, width)."""
    import av
    from av.video.reformatter import ColorRange, Colorspace

    frame = av.VideoFrame.from_image(picture)
    planes: Planes = frame.reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    ).to_ndarray()
    return planes


def _frame(planes: Planes) -> "av.VideoFrame":
    import av

    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.time_base = Fraction(1, _RATE)
    return frame
