"""A colour table a frame, over whole videos: FFmpeg's haldclut filter on 16-bit colours."""

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from va_space.media.video.muxing import Shape
from va_space.transfer.lut import Lut

if TYPE_CHECKING:
    import av

# Entries along each axis of the tables; a Hald image holds the square of a whole number of them.
LUT_SIZE = 36
_HALD_SIDE = 216
# Of the 8- and 16-bit formats, the one for which the filter has vector instructions.
_COLOURS = "gbrp16le"
_FULL_RANGE = 2
# ITU-T H.273 to FFmpeg's names.
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}


class LutFilter:
    """Sends frames through tables, and into a video's size and coding of colours.

    Args:
        like: A frame with the size, format and coding of all that will come.
        shape: What they become.
    """

    def __init__(self, like: "av.VideoFrame", shape: Shape) -> None:
        import av

        self._time_base = shape.time_base
        self._graph = graph = av.filter.Graph()
        self._frames = graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=shape.time_base
        )
        self._tables = graph.add_buffer(
            width=_HALD_SIDE, height=_HALD_SIDE, format=av.VideoFormat("rgb48le"), time_base=shape.time_base
        )
        self._sink = graph.add("buffersink")
        to_size = graph.add("scale", f"{shape.width}:{shape.height}{_coding(like)}")
        colours, table, grade = (
            graph.add("format", _COLOURS),
            graph.add("format", _COLOURS),
            graph.add("haldclut"),
        )
        from_colours = graph.add("scale", "out_color_matrix=bt709:out_range=tv")
        graph.link_nodes(self._frames, to_size, colours)
        graph.link_nodes(self._tables, table)
        colours.link_to(grade, 0, 0)
        table.link_to(grade, 0, 1)
        graph.link_nodes(grade, from_colours, graph.add("format", shape.pixel_format), self._sink).configure()

    def apply(self, frame: "av.VideoFrame", lut: Lut) -> "av.VideoFrame":
        """Send a frame through a table, interpolating within tetrahedra.

        Args:
            frame: Its timestamp must be later than that of the frame before.
            lut: (LUT_SIZE, LUT_SIZE, LUT_SIZE, 3), as
                :func:`va_space.transfer.lut.bake` makes it.

        Returns:
            The frame in the shape that the filter was made for, with its timestamp.
        """
        hald = _hald(lut[..., _channel_order()])
        hald.pts, hald.time_base = frame.pts, self._time_base
        frame.time_base = self._time_base
        self._tables.push(hald)
        self._frames.push(frame)
        return self._sink.pull()  # type: ignore[return-value]


def _hald(lut: Lut) -> "av.VideoFrame":
    import av

    levels = np.rint(lut * 65535).astype(np.uint16).reshape(_HALD_SIDE, _HALD_SIDE, 3)
    return av.VideoFrame.from_ndarray(levels, format="rgb48le")


@cache
def _channel_order() -> list[int]:
    """How a table's channels have to be ordered for this FFmpeg.

    Some versions (8.0 is one) read the planes of a planar table as red, green, blue, although they are stored
    as green, blue, red. What comes out where the table says (0, 1/2, 1) everywhere tells.
    """
    import av

    graph, once = av.filter.Graph(), Fraction(1)
    frames = graph.add_buffer(width=16, height=16, format=av.VideoFormat("rgb48le"), time_base=once)
    tables = graph.add_buffer(
        width=_HALD_SIDE, height=_HALD_SIDE, format=av.VideoFormat("rgb48le"), time_base=once
    )
    grade = graph.add("haldclut")
    for number, source in enumerate((frames, tables)):
        planar = graph.add("format", _COLOURS)
        source.link_to(planar)
        planar.link_to(grade, 0, number)
    graph.link_nodes(grade, graph.add("format", "rgb48le"), graph.add("buffersink")).configure()
    table = np.broadcast_to(np.array([0, 0.5, 1], np.float32), (LUT_SIZE, LUT_SIZE, LUT_SIZE, 3))
    frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint16), format="rgb48le")
    for source, picture in ((tables, _hald(table)), (frames, frame)):
        picture.pts, picture.time_base = 0, once
        source.push(picture)
    return np.argsort(graph.pull().to_ndarray()[0, 0]).tolist()


def _coding(frame: "av.VideoFrame") -> str:
    """How the scale filter is to read a frame's colours; where the file does not say, as players do."""
    if frame.format.is_rgb:
        return ""
    guess = "bt709" if frame.height > 576 else "bt601"
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
    matrix = _MATRICES.get(frame.colorspace, guess)
    return f":in_color_matrix={matrix}:in_range={'pc' if full else 'tv'}"
