"""Writing a video with its sound: encoded frame by frame, so memory does not grow with its length."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from va_space.atomic import replacing, require_ending
from va_space.errors import MediaError, MissingExtraError
from va_space.media.video.reading import SoundInfo, seconds_of

if TYPE_CHECKING:
    import av

SUFFIXES = (".mp4", ".mov", ".mkv", ".m4v")
_SOUND_BIT_RATE = 192_000
# Constant quality: 18 is what x264's own guide calls visually lossless or nearly so.
_QUALITY = "18"
# ITU-T H.273.
_BT709 = 1
_LIMITED = 1


@dataclass(frozen=True)
class Shape:
    """What the frames of a video have in common.

    Attributes:
        width: In pixels; an odd width or height makes a file that fewer players know.
        height: Likewise.
        rate: Frames per second; on average, where they vary.
        time_base: Seconds in one unit of the frames' timestamps.
        pixel_aspect: Width of a pixel divided by its height.
    """

    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    pixel_aspect: Fraction = Fraction(1)

    @property
    def pixel_format(self) -> str:
        """The coding of colours: with halved chroma, which every player knows, where the sides are even."""
        return "yuv444p" if self.width % 2 or self.height % 2 else "yuv420p"


def write_video(
    path: str | Path,
    frames: "Iterable[av.VideoFrame]",
    shape: Shape,
    sound: "tuple[SoundInfo, Iterator[av.AudioFrame]] | None" = None,
    *,
    quick: bool = False,
) -> float:
    """Write H.264 video with AAC sound, complete or not at all.

    The sound ends with the video. Both are written in turns, by their timestamps.

    Args:
        path: The file; its ending, one of SUFFIXES, says what container it becomes.
        frames: Of this shape, in its pixel format, BT.709 in limited range, with rising timestamps.
        shape: What they have in common.
        sound: As :func:`va_space.media.video.reading.open_soundtrack` yields it.
        quick: Trade size for speed.

    Returns:
        Seconds of video.

    Raises:
        ConfigError: The ending is another.
        MediaError: There are no frames.
        MissingExtraError: PyAV is not installed.
        OSError: The file cannot be written, such as on a full disk.
    """
    path = Path(path)
    check_suffix(path)
    with replacing(path) as beside, open_output(beside, path) as container:
        video = _add_video(container, shape, quick)
        track = None if sound is None else SoundStream(container, *sound)
        end, last, usual = Fraction(0), None, 1 / shape.rate
        for frame in frames:
            time = seconds_of(frame, shape.time_base)
            if last is not None:
                usual = time - last
            last, end = time, time + usual
            for packet in video.encode(frame):
                container.mux(packet)
            if track is not None:
                track.write_until(end)
        if last is None:
            raise MediaError(path, "no frames to write")
        for packet in video.encode(None):
            container.mux(packet)
        if track is not None:
            track.finish()
    return float(end)


def check_suffix(path: Path) -> None:
    """Raise a ConfigError for a file name that does not say one of the containers."""
    require_ending(path, "videos", SUFFIXES)


class SoundStream:
    """The sound stream of a video that is being written: its frames in turns with the pictures.

    Args:
        container: PyAV's output.
        info: What the sound is like.
        frames: With rising timestamps, in samples.
    """

    def __init__(self, container: Any, info: SoundInfo, frames: "Iterator[av.AudioFrame]") -> None:
        self.container, self.frames, self.tick = container, frames, Fraction(1, info.rate)
        self.stream = container.add_stream("aac", rate=info.rate, layout=info.layout)
        self.stream.bit_rate = _SOUND_BIT_RATE
        self.next = next(frames, None)

    def write_until(self, seconds: Fraction) -> None:
        """The frames that begin before a time."""
        while self.next is not None and seconds_of(self.next, self.tick) < seconds:
            for packet in self.stream.encode(self.next):
                self.container.mux(packet)
            self.next = next(self.frames, None)

    def finish(self) -> None:
        """What the coding still holds; frames that were not asked for are left out."""
        for packet in self.stream.encode(None):
            self.container.mux(packet)


def _add_video(container: Any, shape: Shape, quick: bool) -> Any:
    stream = container.add_stream("h264", rate=shape.rate)
    stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, shape.pixel_format
    stream.sample_aspect_ratio = shape.pixel_aspect
    stream.time_base = stream.codec_context.time_base = shape.time_base
    # Without B-frames, which are coded so coarsely that a faint pulse of the whole picture is lost in them.
    stream.options = {"crf": _QUALITY, "preset": "ultrafast" if quick else "veryfast", "bf": "0"}
    coding = stream.codec_context
    coding.colorspace = coding.color_primaries = coding.color_trc = _BT709
    coding.color_range = _LIMITED
    return stream


@contextmanager
def open_output(beside: Path, path: Path) -> Iterator[Any]:
    """Open a file for PyAV to write; what goes wrong is told of `path`, which it becomes.

    Raises:
        MissingExtraError: PyAV is not installed.
        OSError: It cannot be written.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(f"{path}: video", "av") from error
    try:
        # The index first, so that players on the web can start before they have everything.
        options = {"movflags": "+faststart"} if path.suffix.lower() != ".mkv" else {}
        with av.open(str(beside.absolute()), "w", options=options) as container:
            yield container
    except av.FFmpegError as error:
        raise OSError(error.errno or errno.EIO, f"cannot be written ({error.strerror})", str(path)) from error
