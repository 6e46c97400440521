"""Latents over time: a picture that follows the music."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from va_space.transfer.video.course import Course
from va_space.transfer.video.scenes import Span
from va_space.transfer.video.style_map import StyleMap

KEYFRAME_SECONDS = 1.0
# A sudden change takes so many seconds: less than any frame.
_INSTANT = 1e-3


@dataclass(frozen=True)
class Keyframes:
    """Latents over time.

    Attributes:
        times: (k,) seconds, rising, the first 0.
        latents: (k, *latent_shape), on the CPU.
    """

    times: NDArray[np.float64]
    latents: Tensor

    def at(self, seconds: ArrayLike) -> Tensor:
        """Latents at any times, by piecewise cubic interpolation that never leaves the range of neighbours.

        Args:
            seconds: (n,); before the first and after the last keyframe, theirs hold.

        Returns:
            (n, *latent_shape).
        """
        if len(self.times) == 1:
            return self.latents.expand(np.size(seconds), *self.latents.shape[1:])
        from scipy.interpolate import PchipInterpolator

        curve = PchipInterpolator(self.times, self.latents.double().numpy(), axis=0)
        inside = np.clip(np.atleast_1d(seconds), self.times[0], self.times[-1])
        return torch.from_numpy(curve(inside)).float()


def follow(
    course: Course,
    spans: Sequence[Span],
    styles: Sequence[StyleMap],
    *,
    keyframe_seconds: float = KEYFRAME_SECONDS,
) -> Keyframes:
    """Latents of a picture, or of the shots of a video, that follow music.

    Within a span they go where the music goes. From one to the next they change at once, or take as long as
    the music does. Both sides of a change are known, so nothing lags behind.

    Args:
        course: Where the music stands over time.
        spans: In order, without gaps.
        styles: Of the picture in each span; all have the same latents.
        keyframe_seconds: From one keyframe to the next, about.

    Raises:
        ValueError: There is no span, not a map for each, or keyframe_seconds is not positive.
    """
    if not spans or len(spans) != len(styles) or not keyframe_seconds > 0:
        raise ValueError("there must be a span, a map of styles for each, and time between keyframes")
    times, latents = [], []
    for number, (span, style) in enumerate(zip(spans, styles, strict=True)):
        first, last = _inside(spans, number)
        own = np.linspace(first, last, max(2, round((last - first) / keyframe_seconds) + 1))
        # Beyond the last moment of a span the music is already another's.
        times.append(own)
        latents.append(style.at(course.at(own.clip(span.start, span.end - _INSTANT))))
    return Keyframes(np.concatenate(times), torch.cat(latents))


def _inside(spans: Sequence[Span], number: int) -> tuple[float, float]:
    """When the transition into a span has ended, and when that into the next begins."""
    span = spans[number]
    first = span.start + span.width / 2 if number else 0.0
    last = span.end
    if number + 1 < len(spans):
        last -= max(spans[number + 1].width / 2, _INSTANT)
    return first, max(last, first + _INSTANT / 2)
