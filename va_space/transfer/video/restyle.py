"""Pictures and videos that follow music: listened to, optimised, and written frame by frame."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from va_space.media.video.muxing import Shape, check_suffix, write_video
from va_space.media.video.reading import VideoInfo, open_soundtrack, open_video, seconds_of
from va_space.space import FloatArray, VASpace
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import GradeGenerator, grade_generator
from va_space.transfer.video.frames import graded, rendered_frames, repeated
from va_space.transfer.video.timeline import Timeline, read_timeline
from va_space.transfer.video.trajectory import Keyframes, follow

if TYPE_CHECKING:
    import av

FRAME_RATE = Fraction(25)
LONG_SIDE = 1280
# H.264 has blocks of 16.
_SHORTEST_SIDE = 16
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
        steps: Of the optimiser, for each section.
        quick: Whether the file may be larger for being written faster.
    """

    hops: int = 10
    keyframe_seconds: float = 2.0
    steps: int = 40
    quick: bool = False


FULL = Preset()
PREVIEW = Preset(hops=4, keyframe_seconds=5.0, steps=12, quick=True)
PREVIEW_RATE = Fraction(10)
PREVIEW_SIDE = 320


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
        samples: A few of its frames, at even distances.
    """

    seconds: float
    timeline: Timeline
    keyframes: Keyframes
    samples: list[Sample]


def restyle_picture_over_time(
    space: VASpace,
    picture: Image.Image,
    music: str | Path,
    path: str | Path,
    *,
    generator: Generator | None = None,
    strength: float = 0.5,
    rate: Fraction = FRAME_RATE,
    long_side: int = LONG_SIDE,
    preset: Preset = FULL,
    seed: int = 0,
    progress: Progress | None = None,
) -> RestyledVideo:
    """Write a video of a picture that follows music, as long as the music and with it as its sound.

    Args:
        space: The model to optimise against.
        picture: In mode RGB.
        music: A file with sound.
        path: The video; see :data:`va_space.media.video.muxing.SUFFIXES`.
        generator: Made for the picture; by default its grades.
        strength: From 0, no change, to 1, any change.
        rate: Frames per second.
        long_side: The longer side of the video in pixels at most; smaller pictures keep their size, up to
            even numbers.
        preset: How closely it follows the music.
        seed: Of the optimiser's views.
        progress: See :data:`Progress`.

    Raises:
        MediaError: The music cannot be read, or is silent; the video's name has another ending.
        MissingExtraError: PyAV is not installed.
        OSError: The video cannot be written.
        ValueError: A number is out of range.
    """
    check_suffix(Path(path))
    generator = generator or grade_generator(space, picture)
    with ExitStack() as stack:
        sound = stack.enter_context(open_soundtrack(music))
        timeline = _listen(space, music, preset, progress)
        keyframes = _follow(space, [generator], timeline, strength, preset, seed, progress)
        size = _even_size(picture.size, long_side)
        shape = Shape(*size, rate, 1 / rate)
        count = max(1, math.ceil(timeline.duration * rate))
        still = picture.resize(size, Image.Resampling.LANCZOS)
        if generator.maps_colours:
            frames = graded(repeated(still, count), shape, keyframes, generator.lut)
        else:
            frames = rendered_frames(generator, still, shape, count, keyframes)
        samples: list[Sample] = []
        watched = _watched(space, frames, shape, count / float(rate), samples, progress)
        seconds = write_video(path, watched, shape, sound, quick=preset.quick)
    return RestyledVideo(seconds, timeline, keyframes, samples)


def restyle_video(
    space: VASpace,
    video: str | Path,
    music: str | Path,
    path: str | Path,
    *,
    keep_sound: bool = False,
    strength: float = 0.5,
    long_side: int | None = None,
    preset: Preset = FULL,
    seed: int = 0,
    progress: Progress | None = None,
) -> RestyledVideo:
    """Grade a video so that it follows music, frame for frame, with the music as its sound.

    Frame rate, size and timestamps, counted from the first frame, stay as they are. The music ends with the
    video; where it ends before, its last grade stays. The grade is found on one frame for each section of the
    music, the one in its middle.

    Args:
        space: The model to optimise against.
        video: The video. It is read twice.
        music: A file with sound.
        path: The video to write; see :data:`va_space.media.video.muxing.SUFFIXES`.
        keep_sound: Keep the video's own sound instead of the music.
        strength: From 0, no change, to 1, any change.
        long_side: The longer side of the video in pixels at most; None keeps its size.
        preset: How closely it follows the music.
        seed: Of the optimiser's views.
        progress: See :data:`Progress`.

    Raises:
        MediaError: The video or the music cannot be read; the music is silent; sound is to be kept and there
            is none; the video's name has another ending.
        MissingExtraError: PyAV is not installed.
        OSError: The video cannot be written.
        ValueError: A number is out of range.
    """
    check_suffix(Path(path))
    with ExitStack() as stack:
        info, frames = stack.enter_context(open_video(video))
        start = info.start if keep_sound else None
        sound = stack.enter_context(open_soundtrack(video if keep_sound else music, start=start))
        timeline = _listen(space, music, preset, progress)
        generators, seconds = _look(space, video, _middles(timeline))
        timeline = timeline.until(seconds)
        generators = generators[: len(timeline.sections)]
        keyframes = _follow(space, generators, timeline, strength, preset, seed, progress)
        shape = _shape_of(info, long_side)
        samples: list[Sample] = []
        changed = graded(frames, shape, keyframes, generators[0].lut)
        watched = _watched(space, changed, shape, seconds, samples, progress)
        seconds = write_video(path, watched, shape, sound, quick=preset.quick)
    return RestyledVideo(seconds, timeline, keyframes, samples)


def _listen(space: VASpace, music: str | Path, preset: Preset, progress: Progress | None) -> Timeline:
    timeline = read_timeline(space, music, hop_seconds=space.config.audio.window_seconds / preset.hops)
    if progress:
        progress(0.05)
    return timeline


def _follow(
    space: VASpace,
    generators: Sequence[Generator],
    timeline: Timeline,
    strength: float,
    preset: Preset,
    seed: int,
    progress: Progress | None,
) -> Keyframes:
    def found(done: int, total: int) -> None:
        if progress:
            progress(0.05 + 0.5 * done / total)

    return follow(
        space,
        generators,
        timeline,
        strength=strength,
        keyframe_seconds=preset.keyframe_seconds,
        steps=preset.steps,
        seed=seed,
        progress=found,
    )


def _middles(timeline: Timeline) -> list[float]:
    ends = [*timeline.sections[1:], timeline.duration]
    return [float(start + end) / 2 for start, end in zip(timeline.sections, ends, strict=True)]


def _look(space: VASpace, video: str | Path, times: list[float]) -> tuple[list[GradeGenerator], float]:
    """Grades of the frames shown at rising times, the last for all times after it; and the duration."""
    found: list[GradeGenerator] = []
    with open_video(video) as (info, frames):
        last, usual = None, float(1 / info.rate)
        for frame in frames:
            seconds = float(seconds_of(frame, info.time_base))
            passed = sum(time < seconds for time in times[len(found) :])
            if last is not None and passed:
                # Small at once: kept at full size, they would fill the memory for a long video.
                found += [grade_generator(space, last.to_image())] * passed
            last = frame
        assert last is not None  # a video has frames
        found += [grade_generator(space, last.to_image())] * (len(times) - len(found))
        return found, float(seconds_of(last, info.time_base)) + usual


def _shape_of(info: VideoInfo, long_side: int | None) -> Shape:
    size = info.width, info.height
    if long_side is not None and max(size) > long_side:
        size = _even_size(size, long_side)
    return Shape(*size, info.rate, info.time_base, info.pixel_aspect)


def _even_size(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(size))
    width, height = (max(_SHORTEST_SIDE, 2 * round(side * scale / 2)) for side in size)
    return width, height


def _watched(
    space: VASpace,
    frames: "Iterable[av.VideoFrame]",
    shape: Shape,
    duration: float,
    samples: list[Sample],
    progress: Progress | None,
) -> "Iterator[av.VideoFrame]":
    """Pass frames on, keeping a few of them at even distances."""
    for frame in frames:
        seconds = float(seconds_of(frame, shape.time_base))
        if len(samples) < _SAMPLES and seconds >= (len(samples) + 0.5) * duration / _SAMPLES:
            image = frame.to_image()
            image.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE))
            samples.append(Sample(seconds, image, space.predict_va(image)))
        if progress:
            progress(min(1.0, 0.55 + 0.45 * seconds / duration))
        yield frame
