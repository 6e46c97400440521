"""The frames of a video that follows keyframes, one after the other."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from torch import Tensor

from va_space.media.video.muxing import Shape
from va_space.media.video.reading import seconds_of
from va_space.transfer.generator import Generator
from va_space.transfer.lut import Lut, bake
from va_space.transfer.video.lut_filter import LUT_SIZE, LutFilter
from va_space.transfer.video.trajectory import Keyframes

if TYPE_CHECKING:
    import av

# Making a table takes as long as grading several frames; between two, tables are mixed.
_LUT_SECONDS = 1.0

MakeLut = Callable[[Tensor, int], Lut | None]


def repeated(image: Image.Image, count: int) -> "Iterator[av.VideoFrame]":
    """The same RGB picture as so many frames."""
    import av

    frame = av.VideoFrame.from_image(image)
    for number in range(count):
        frame.pts = number
        yield frame


def graded(
    frames: "Iterable[av.VideoFrame]", shape: Shape, keyframes: Keyframes, lut: MakeLut = bake
) -> "Iterator[av.VideoFrame]":
    """Frames, sent through the lookup tables of the keyframes' latents, in a video's shape.

    Args:
        frames: With rising timestamps.
        shape: What they become.
        keyframes: Latents over time.
        lut: Makes a table of a latent and a size; that of a generator which maps colours.
    """
    luts = _Luts(keyframes, lut)
    grade: LutFilter | None = None
    for frame in frames:
        grade = grade or LutFilter(frame, shape)
        yield grade.apply(frame, luts.at(float(seconds_of(frame, shape.time_base))))


def rendered_frames(
    generator: Generator, still: Image.Image, shape: Shape, count: int, keyframes: Keyframes
) -> "Iterator[av.VideoFrame]":
    """So many frames that a generator makes of a picture for the keyframes' latents, in a video's shape."""
    import av

    for number in range(count):
        latent = keyframes.at(float(number / shape.rate))[0]
        frame = av.VideoFrame.from_image(generator.apply(latent, still))
        coded = frame.reformat(format=shape.pixel_format, dst_colorspace="ITU709")
        coded.pts, coded.time_base = number, shape.time_base
        yield coded


class _Luts:
    """The lookup tables of keyframes over time."""

    def __init__(self, keyframes: Keyframes, lut: MakeLut) -> None:
        self.keyframes, self.lut = keyframes, lut
        self.baked: dict[int, Lut] = {}

    def at(self, seconds: float) -> Lut:
        before = int(seconds // _LUT_SECONDS)
        share = np.float32(seconds / _LUT_SECONDS - before)
        first, second = self._baked(before), self._baked(before + 1)
        return first + share * (second - first)

    def _baked(self, number: int) -> Lut:
        if number not in self.baked:
            # Time runs forward: only the one before is asked for again.
            self.baked = {key: lut for key, lut in self.baked.items() if key == number - 1}
            lut = self.lut(self.keyframes.at(number * _LUT_SECONDS)[0], LUT_SIZE)
            if lut is None:
                raise ValueError("the generator does not map colours to colours")
            self.baked[number] = lut
        return self.baked[number]
