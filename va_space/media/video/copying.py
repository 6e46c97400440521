"""A video's pictures with other sound: copied as they are coded, or coded anew where a container needs it."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from va_space.atomic import replacing
from va_space.errors import MediaError
from va_space.media.video.muxing import Shape, SoundStream, check_suffix, open_output, write_video
from va_space.media.video.reading import SoundInfo, moving_pictures, open_container, open_video

if TYPE_CHECKING:
    import av

# What players know in an MP4 or QuickTime file; Matroska holds any coding.
_PLAYED = frozenset({"h264", "hevc", "mpeg4", "av1", "vp9"})
_ANY = ".mkv"
_FIRST = 50  # packets whose timestamps are looked at
_UNREADABLE = "not a video that can be read"


def with_sound(
    path: str | Path, video: str | Path, sound: "tuple[SoundInfo, Iterator[av.AudioFrame]]"
) -> bool:
    """Write a video's pictures with other sound, complete or not at all.

    The time 0 of the sound is the first picture. The sound ends with the pictures. Pictures that are copied
    lose nothing, and keep their timestamps and how they are turned; chapters, subtitles and further streams
    are left out.

    Args:
        path: The file; its ending, one of :data:`va_space.media.video.muxing.SUFFIXES`, says its container.
        video: Where the pictures come from.
        sound: As :func:`va_space.media.video.reading.open_soundtrack` yields it.

    Returns:
        Whether the pictures were copied; False if they had to be coded anew.

    Raises:
        ConfigError: The ending of the path is another.
        MediaError: It is no video, has no frames, or is damaged.
        MissingExtraError: PyAV is not installed.
        OSError: The file cannot be written, such as on a full disk.
    """
    path, video = Path(path), Path(video)
    check_suffix(path)
    with open_video(video) as (info, frames):
        start = info.start
        if not _can_copy(video, path):
            shape = Shape(info.width, info.height, info.rate, info.time_base, info.pixel_aspect)
            write_video(path, _in_format(frames, shape), shape, sound)
            return False
    with (
        open_container(video, _UNREADABLE) as source,
        replacing(path) as beside,
        open_output(beside, path) as container,
    ):
        stream = moving_pictures(source, video)
        copy = container.add_stream_from_template(stream)
        track = SoundStream(container, *sound)
        end = Fraction(0)
        for packet, until in _packets(source, stream, start, video):
            packet.stream = copy
            container.mux(packet)
            end = max(end, until)
            track.write_until(end)
        track.finish()
    return True


def _can_copy(video: Path, path: Path) -> bool:
    """Whether a path's container holds the coding of a video whose pictures all say when they are shown."""
    import av

    with open_container(video, _UNREADABLE) as source:
        stream = moving_pictures(source, video)
        coding = stream.codec_context.codec.canonical_name
        if path.suffix.lower() != _ANY and coding not in _PLAYED:
            return False
        try:
            return all(
                packet.pts is not None and packet.dts is not None
                for packet in islice(source.demux(stream), _FIRST)
                if packet.size
            )
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(video, "damaged or truncated video") from error


def _packets(source: Any, stream: Any, start: Fraction, video: Path) -> Iterator[tuple[Any, Fraction]]:
    """Packets on a clock that begins with the first picture, and when the picture of each ends."""
    import av

    base = stream.time_base
    shift, usual = round(start / base), max(1, round(1 / (stream.average_rate or Fraction(25)) / base))
    try:
        for packet in source.demux(stream):
            if not packet.size:  # the end
                continue
            if packet.pts is None or packet.dts is None:
                raise MediaError(video, "pictures without a time; convert it to another format first")
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            yield packet, (packet.pts + (packet.duration or usual)) * base
    except av.FFmpegError as error:
        raise MediaError(video, "damaged or truncated video") from error


def _in_format(frames: "Iterator[av.VideoFrame]", shape: Shape) -> "Iterator[av.VideoFrame]":
    from av.video.reformatter import ColorRange, Colorspace

    for frame in frames:
        same = frame.reformat(
            shape.width,
            shape.height,
            shape.pixel_format,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        same.pts, same.time_base = frame.pts, shape.time_base
        yield same
