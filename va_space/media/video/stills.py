"""A few pictures out of a video, without decoding all of it; through PyAV (extra ``av``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from va_space.errors import MediaError
from va_space.media.video.reading import moving_pictures, open_container


def read_stills(path: str | Path, count: int = 12, *, side: int = 640) -> list[Image.Image]:
    """Pictures from all over a video: its key frames that are nearest before evenly spaced moments.

    Args:
        path: The video.
        count: How many at most; a video with fewer key frames gives fewer.
        side: Pixels that neither side exceeds.

    Returns:
        Upright pictures in mode RGB, in order of time, at least one.

    Raises:
        MediaError: It is no video, or damaged.
        MissingExtraError: PyAV is not installed.
    """
    path = Path(path)
    with open_container(path, "not a video that can be read") as container:
        stream = moving_pictures(container, path)
        stream.codec_context.skip_frame = "NONKEY"
        found = {frame.pts: frame for frame in _frames(container, stream, path, count)}
        if not found:
            raise MediaError(path, "a video without frames")
        return [_picture(frame, side) for frame in found.values()]


def _frames(container: Any, stream: Any, path: Path, count: int) -> Iterator[Any]:
    import av

    length = container.duration or 0  # in FFmpeg's unit, as seek takes it
    try:
        for number in range(count if length else 1):
            container.seek(int((container.start_time or 0) + length * (number + 0.5) / count))
            frame = next(iter(container.decode(stream)), None)
            if frame is not None:
                yield frame
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(path, "damaged or truncated video") from error


def _picture(frame: Any, side: int) -> Image.Image:
    picture = frame.to_image()
    if max(picture.size) > side:
        picture = ImageOps.contain(picture, (side, side))
    turn = round(frame.rotation) % 360  # counter-clockwise, as Pillow turns
    return picture.rotate(turn, expand=True) if turn else picture
