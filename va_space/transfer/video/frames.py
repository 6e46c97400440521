"""The frames of a video that follows keyframes, one after the other."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from va_space.media.structure import Curve
from va_space.media.video.muxing import Shape
from va_space.media.video.reading import seconds_of
from va_space.transfer.generator import Generator
from va_space.transfer.grading import LATENT_SIZE
from va_space.transfer.lut import Lut, bake
from va_space.transfer.video.lut_filter import LUT_SIZE, LutFilter
from va_space.transfer.video.pulse import lifted
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
    frames: "Iterable[av.VideoFrame]",
    shape: Shape,
    keyframes: Keyframes,
    lut: MakeLut = bake,
    pulse: Curve | None = None,
) -> "Iterator[av.VideoFrame]":
    """Frames, sent through the lookup tables of the keyframes' latents, in a video's shape.

    Args:
        frames: With rising timestamps.
        shape: What they become.
        keyframes: Latents over time.
        lut: Makes a table of a latent and a size; that of a generator which maps colours.
        pulse: How much of a whole accent there is over time, as
            :func:`va_space.transfer.video.pulse.pulse_curve` gives it, times how much is wanted.
    """
    luts = _Luts(keyframes, lut, pulse)
    grade: LutFilter | None = None
    for frame in frames:
        grade = grade or LutFilter(frame, shape)
        yield grade.apply(frame, luts.at(float(seconds_of(frame, shape.time_base))))


def rendered_frames(
    generator: Generator,
    still: Image.Image,
    shape: Shape,
    count: int,
    keyframes: Keyframes,
    pulse: Curve | None = None,
) -> "Iterator[av.VideoFrame]":
    """So many frames that a generator makes of a picture for the keyframes' latents, in a video's shape."""
    import av

    def rendered() -> "Iterator[av.VideoFrame]":
        for number in range(count):
            latent = keyframes.at(float(number / shape.rate))[0]
            frame = av.VideoFrame.from_image(generator.apply(latent, still))
            frame.pts, frame.time_base = number, shape.time_base
            yield frame

    unchanged = Keyframes(np.zeros(1), torch.zeros(1, LATENT_SIZE))
    yield from graded(rendered(), shape, unchanged, bake, pulse)


class _Luts:
    """The lookup tables of keyframes over time, and the same at a whole accent."""

    def __init__(self, keyframes: Keyframes, lut: MakeLut, pulse: Curve | None) -> None:
        self.keyframes, self.lut, self.pulse = keyframes, lut, pulse
        self.knots = _knots(keyframes.times)
        self.baked: dict[int, tuple[Lut, Lut]] = {}

    def at(self, seconds: float) -> Lut:
        before = int(np.searchsorted(self.knots, seconds, side="right")) - 1
        first = self._baked(before)
        share = 0.0
        if before + 1 < len(self.knots):
            share = (seconds - self.knots[before]) / (self.knots[before + 1] - self.knots[before])
        rest = _mixed(first[0], self._baked(before + 1)[0], share) if share else first[0]
        if self.pulse is None:
            return rest
        whole = _mixed(first[1], self._baked(before + 1)[1], share) if share else first[1]
        return _mixed(rest, whole, float(self.pulse.at(seconds))).clip(0, 1)

    def _baked(self, number: int) -> tuple[Lut, Lut]:
        if number not in self.baked:
            # Time runs forward: only the one before is asked for again.
            self.baked = {key: luts for key, luts in self.baked.items() if key == number - 1}
            lut = self.lut(self.keyframes.at(self.knots[number])[0], LUT_SIZE)
            if lut is None:
                raise ValueError("the generator does not map colours to colours")
            self.baked[number] = lut, lut if self.pulse is None else lifted(lut)
        return self.baked[number]


def _knots(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The times of keyframes, with as many between them as leave no gap of more than _LUT_SECONDS."""
    parts = [
        np.linspace(start, end, max(1, math.ceil((end - start) / _LUT_SECONDS)), endpoint=False)
        for start, end in pairwise(times)
    ]
    return np.concatenate([*parts, times[-1:]])


def _mixed(first: Lut, second: Lut, share: float) -> Lut:
    return first + np.float32(share) * (second - first)
