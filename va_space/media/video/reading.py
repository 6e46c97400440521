"""Videos frame by frame, and sound with all its channels, both on one clock; through PyAV (extra ``av``).

Frames and samples come as PyAV's, so that what goes from one file to another is never copied into arrays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from va_space.errors import MediaError, MissingExtraError
from va_space.media.container import FORMATS, SNDFILE_FORMATS, UNKNOWN
from va_space.media.files import open_file

if TYPE_CHECKING:
    import av

# Transfer functions of high dynamic range (ITU-T H.273): PQ and HLG. Read as if they were ordinary, such
# pictures look washed out, and so would everything made from them.
_HIGH_DYNAMIC_RANGE = (16, 18)
_SOUND_RATES = (44_100, 48_000)
_SOUND_FRAME = 1024
_TURNS = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}


@dataclass(frozen=True)
class VideoInfo:
    """What a video is like.

    Attributes:
        width: Of the upright frames, in pixels.
        height: Likewise.
        rate: Frames per second; on average, where they vary.
        time_base: Seconds in one unit of the frames' timestamps.
        start: When the first frame is shown, in seconds on the file's own clock.
        pixel_aspect: Width of a pixel divided by its height.
    """

    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    start: Fraction
    pixel_aspect: Fraction


@dataclass(frozen=True)
class SoundInfo:
    """What a sound track is like.

    Attributes:
        rate: Samples per second: 44,100 or 48,000.
        layout: "mono" or "stereo".
    """

    rate: int
    layout: str


def seconds_of(frame: "av.VideoFrame | av.AudioFrame", time_base: Fraction) -> Fraction:
    """When a frame that has a timestamp begins."""
    assert frame.pts is not None
    return frame.pts * time_base


@contextmanager
def open_video(path: str | Path) -> Iterator[tuple[VideoInfo, "Iterator[av.VideoFrame]"]]:
    """Open the first picture stream of a video.

    Frames are upright, as players show them, and their timestamps begin at 0 and rise. A frame that is not
    later than the one before it, which no player would show, is left out.

    Yields:
        What it is like, and its frames, to be taken one after the other.

    Raises:
        MediaError: It is no video, has no frames, has high dynamic range, or is damaged.
        MissingExtraError: PyAV is not installed.
    """
    path = Path(path)
    with open_container(path, "not a video that can be read") as container:
        stream = moving_pictures(container, path)
        stream.thread_type = "AUTO"
        frames = _decode(container, stream, path)
        first = next(frames, None)
        if first is None:
            raise MediaError(path, "a video without frames")
        if first.color_trc in _HIGH_DYNAMIC_RANGE:
            raise MediaError(path, "high dynamic range (PQ or HLG) cannot be graded: convert it to SDR first")
        turn = round(first.rotation) % 360
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        width, height = first.width, first.height
        if turn in (90, 270):
            width, height, aspect = height, width, 1 / aspect
        rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
        start = Fraction(first.pts or 0) * first.time_base
        info = VideoInfo(width, height, rate, first.time_base, start, aspect)
        upright = _turned(chain([first], frames), first, _TURNS.get(turn))
        yield info, _in_order(upright, first.pts or 0, max(1, round(1 / (rate * first.time_base))))


@contextmanager
def open_soundtrack(
    path: str | Path, *, start: Fraction | None = None, wanted: SoundInfo | None = None
) -> Iterator[tuple[SoundInfo, "Iterator[av.AudioFrame]"]]:
    """Open the first sound stream of a file, as mono or stereo.

    Timestamps begin at 0 and have no gaps: what is missing is silence.

    Args:
        path: The file.
        start: The moment on the file's clock, in seconds, that becomes 0; None is that of the first sample.
        wanted: What it is converted to; by default what is nearest to what it is.

    Yields:
        What it is like, and frames of 1,024 samples, float.

    Raises:
        MediaError: The file cannot be read, holds no sound, or is damaged.
        MissingExtraError: PyAV is not installed.
    """
    path = Path(path)
    with open_container(path, UNKNOWN) as container:
        if not container.streams.audio:
            raise MediaError(path, "no sound in it")
        stream = container.streams.audio[0]
        if stream.codec_context is None or not stream.rate:
            raise MediaError(path, "sound in a coding that cannot be read")
        rate = stream.rate if stream.rate in _SOUND_RATES else _SOUND_RATES[-1]
        info = wanted or SoundInfo(rate, "mono" if stream.channels == 1 else "stereo")
        yield info, _sound(_decode(container, stream, path), info, start)


@contextmanager
def open_container(path: Path, otherwise: str) -> Iterator[Any]:
    """Open a file with PyAV, in formats that hold their media themselves.

    Args:
        path: The file.
        otherwise: What is said of a file in no such format.

    Raises:
        MediaError: It is in none of them, empty, or not there.
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(f"{path}: video", "av") from error
    open_file(path).close()
    try:
        # An absolute path cannot be mistaken for one of FFmpeg's protocols.
        formats = f"{FORMATS},{SNDFILE_FORMATS}"
        container = av.open(str(path.absolute()), options={"format_whitelist": formats})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(path, otherwise) from error
    with container:
        yield container


def moving_pictures(container: Any, path: Path) -> Any:
    """The first stream of pictures that move.

    Raises:
        MediaError: There is none, or its coding is not known.
    """
    import av

    # The cover of an album is a stream of pictures too, to FFmpeg.
    cover = av.stream.Disposition.attached_pic
    stream = next((stream for stream in container.streams.video if not stream.disposition & cover), None)
    if stream is None:
        raise MediaError(path, "no moving picture in it")
    if stream.codec_context is None:
        raise MediaError(path, "video in a coding that cannot be read")
    return stream


def _decode(container: Any, stream: Any, path: Path) -> Iterator[Any]:
    import av

    try:
        yield from container.decode(stream)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(path, f"damaged or truncated {stream.type}") from error


def _turned(frames: Iterator[Any], first: Any, turn: str | None) -> Iterator[Any]:
    if turn is None:
        yield from frames
        return
    import av

    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=first.width, height=first.height, format=first.format, time_base=first.time_base
    )
    nodes = [source, *(graph.add(*step.split("=")) for step in turn.split(",")), graph.add("buffersink")]
    graph.link_nodes(*nodes).configure()
    for frame in frames:
        graph.push(frame)
        yield graph.pull()


def _in_order(frames: Iterator[Any], start: int, usual: int) -> Iterator[Any]:
    last = -usual
    for frame in frames:
        # Without a timestamp, as in some AVI files, it follows the last after the usual time.
        time = last + usual if frame.pts is None else frame.pts - start
        if time > last:
            frame.pts = last = time
            yield frame


def _sound(frames: Iterator[Any], info: SoundInfo, start: Fraction | None) -> Iterator[Any]:
    import av

    graph = av.filter.Graph()
    source: Any = None
    for frame in frames:
        if source is None:
            first = Fraction(frame.pts or 0) * frame.time_base if start is None else start
            source = graph.add_abuffer(
                sample_rate=frame.sample_rate,
                format=frame.format.name,
                layout=frame.layout.name,
                time_base=frame.time_base,
            )
            graph.link_nodes(
                source,
                graph.add("asetpts", f"PTS-{first / frame.time_base}"),
                # Fills gaps and cuts what lies before 0, so that sound stays with its timestamps.
                graph.add("aresample", f"{info.rate}:async=1:first_pts=0"),
                graph.add("aformat", f"sample_fmts=fltp:channel_layouts={info.layout}"),
                graph.add("asetnsamples", f"n={_SOUND_FRAME}:p=0"),
                graph.add("abuffersink"),
            ).configure()
        source.push(frame)
        yield from _pulled(graph)
    if source is not None:
        source.push(None)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    import av

    while True:
        try:
            yield graph.pull()
        except (BlockingIOError, av.error.EOFError):
            return
