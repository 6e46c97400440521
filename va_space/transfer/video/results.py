"""What makes a video, and what comes of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from va_space.media.video.muxing import Shape
from va_space.media.video.reading import seconds_of
from va_space.space import FloatArray, VASpace
from va_space.transfer.optimise import STEPS
from va_space.transfer.video.scenes import Span
from va_space.transfer.video.timeline import Timeline
from va_space.transfer.video.trajectory import Keyframes

if TYPE_CHECKING:
    import av

_SAMPLES = 12
_SAMPLE_SIDE = 320

Progress = Callable[[float], None]
"""Called with how much of the whole work is done, from 0 to 1."""


@dataclass(frozen=True)
class Preset:
    """How closely a video follows its music.

    Attributes:
        hops: Windows of music begun in the time of one window, >= 2.
        keyframe_seconds: From one keyframe to the next, about.
        steps: Of the optimiser at strength 1, for each style.
        quick: Whether the file may be larger for being written faster.
    """

    hops: int = 3
    keyframe_seconds: float = 1.0
    steps: int = STEPS
    quick: bool = False


FULL = Preset()
PREVIEW = Preset(hops=2, steps=STEPS // 2, quick=True)


@dataclass(frozen=True)
class Sample:
    """A frame of a video that was written, to be looked at.

    Attributes:
        seconds: When it is shown.
        image: In mode RGB, small.
        va: (2,) its predicted valence and arousal.
    """

    seconds: float
    image: Image.Image
    va: FloatArray


@dataclass(frozen=True)
class RestyledVideo:
    """A video that was written.

    Attributes:
        seconds: How long it is.
        timeline: The music, as far as the video goes.
        keyframes: The latents that follow it.
        spans: Times with one style.
        samples: A few of its frames, at even distances.
    """

    seconds: float
    timeline: Timeline
    keyframes: Keyframes
    spans: list[Span]
    samples: list[Sample]


class Sampler:
    """Passes frames on, and keeps a few of them at even distances.

    Args:
        space: Predicts what they feel like.
        shape: Of the frames.
        duration: Of all frames, in seconds.
        progress: Called with the share that has passed, from 0 to 1.

    Attributes:
        samples: Those that were kept.
    """

    def __init__(self, space: VASpace, shape: Shape, duration: float, progress: Progress | None) -> None:
        self.space, self.shape, self.duration, self.progress = space, shape, duration, progress
        self.samples: list[Sample] = []

    def watch(self, frames: "Iterable[av.VideoFrame]") -> "Iterator[av.VideoFrame]":
        """The frames, one by one."""
        for frame in frames:
            seconds = float(seconds_of(frame, self.shape.time_base))
            kept = len(self.samples)
            if kept < _SAMPLES and seconds >= (kept + 0.5) * self.duration / _SAMPLES:
                image = frame.to_image()
                image.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE))
                self.samples.append(Sample(seconds, image, self.space.predict_va(image)))
            if self.progress:
                self.progress(min(1.0, seconds / self.duration))
            yield frame
