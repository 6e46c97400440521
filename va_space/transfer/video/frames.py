"""The frames of a video that follows keyframes, one after the other."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from va_space.media.video.muxing import Shape
from va_space.media.video.reading import seconds_of
from va_space.transfer.generators.lut import Table, bake
from va_space.transfer.generators.protocol import Generator
from va_space.transfer.restyle import rendered
from va_space.transfer.video.table_filter import TABLE_SIZE, TableFilter
from va_space.transfer.video.trajectory import Keyframes

if TYPE_CHECKING:
    import av

# Baking a table takes as long as grading several frames; between two, tables are mixed.
_TABLE_SECONDS = 1.0


def repeated(image: Image.Image, count: int) -> "Iterator[av.VideoFrame]":
    """The same RGB picture as so many frames."""
    import av

    frame = av.VideoFrame.from_image(image)
    for number in range(count):
        frame.pts = number
        yield frame


def graded(
    frames: "Iterable[av.VideoFrame]", shape: Shape, keyframes: Keyframes
) -> "Iterator[av.VideoFrame]":
    """Frames, graded as keyframes of grades say for their time, in a video's shape."""
    tables = _Tables(keyframes)
    grade: TableFilter | None = None
    for frame in frames:
        grade = grade or TableFilter(frame, shape)
        yield grade.apply(frame, tables.at(float(seconds_of(frame, shape.time_base))))


def rendered_frames(
    generator: Generator, shape: Shape, count: int, keyframes: Keyframes
) -> "Iterator[av.VideoFrame]":
    """So many frames that a generator renders for the keyframes' latents, in a video's shape."""
    import av

    for number in range(count):
        latent = keyframes.at(float(number / shape.rate))[0]
        frame = av.VideoFrame.from_image(rendered(generator, latent, (shape.width, shape.height)))
        coded = frame.reformat(format=shape.pixel_format, dst_colorspace="ITU709")
        coded.pts, coded.time_base = number, shape.time_base
        yield coded


class _Tables:
    """The tables of keyframes over time."""

    def __init__(self, keyframes: Keyframes) -> None:
        self.keyframes = keyframes
        self.baked: dict[int, Table] = {}

    def at(self, seconds: float) -> Table:
        before = int(seconds // _TABLE_SECONDS)
        share = np.float32(seconds / _TABLE_SECONDS - before)
        first, second = self._baked(before), self._baked(before + 1)
        return first + share * (second - first)

    def _baked(self, number: int) -> Table:
        if number not in self.baked:
            # Time runs forward: only the one before is asked for again.
            self.baked = {key: table for key, table in self.baked.items() if key == number - 1}
            self.baked[number] = bake(self.keyframes.at(number * _TABLE_SECONDS)[0], TABLE_SIZE)
        return self.baked[number]
