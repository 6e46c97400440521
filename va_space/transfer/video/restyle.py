"""Pictures and videos that follow music: encoded, optimised, and written frame by frame."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from va_space.feedback.profile import Profile
from va_space.media.structure import Curve
from va_space.media.video.muxing import Shape, check_suffix, write_video
from va_space.media.video.reading import VideoInfo, open_soundtrack, open_video
from va_space.space import Encoded, VASpace
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import grade_generator
from va_space.transfer.lut import bake
from va_space.transfer.video.course import Course
from va_space.transfer.video.frames import graded, rendered_frames, repeated
from va_space.transfer.video.pulse import pulse_curve
from va_space.transfer.video.results import FULL, Preset, Progress, RestyledVideo, Sampler
from va_space.transfer.video.scenes import Span, spans_of
from va_space.transfer.video.shots import read_cuts, styles_of_spans
from va_space.transfer.video.style_map import DIRECTIONS, StyleMap, find_styles
from va_space.transfer.video.timeline import WINDOW_SECONDS, Timeline, read_timeline
from va_space.transfer.video.trajectory import follow

FRAME_RATE = Fraction(25)
PREVIEW_RATE = Fraction(10)
LONG_SIDE = 1280
PREVIEW_SIDE = 320
PULSE = 0.5
# H.264 has blocks of 16.
_SHORTEST_SIDE = 16
# Shares of the work that are done when the music is read, and when styles are found.
_READ, _FOUND = 0.05, 0.6


def restyle_picture_over_time(
    space: VASpace,
    picture: Image.Image,
    music: str | Path,
    path: str | Path,
    *,
    generator: Generator | None = None,
    styles: StyleMap | None = None,
    strength: float = 0.5,
    pulse: float = PULSE,
    rate: Fraction = FRAME_RATE,
    long_side: int = LONG_SIDE,
    preset: Preset = FULL,
    seed: int = 0,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> RestyledVideo:
    """Write a video of a picture that follows music, as long as the music and with it as its sound.

    Args:
        space: The model to optimise against.
        picture: In mode RGB.
        music: A file with sound.
        path: The video; see :data:`va_space.media.video.muxing.SUFFIXES`.
        generator: Made for the picture; by default its grades.
        styles: Found for the picture before, as by :func:`styles_of`; then neither strength, steps nor seed
            matter.
        strength: From 0, no change, to 1, any change.
        pulse: How plainly accents of the music are seen, from 0, not at all, to 1.
        rate: Frames per second.
        long_side: The longer side of the video in pixels at most; smaller pictures keep their size, up to
            even numbers.
        preset: How closely it follows the music.
        seed: Of the optimiser's views.
        profile: Whose wishes for pictures count; by default nobody's.
        progress: See :data:`va_space.transfer.video.results.Progress`.

    Raises:
        ConfigError: The video's name has another ending.
        FeedbackError: The profile is of another model.
        MediaError: The music cannot be read, or is silent.
        MissingExtraError: PyAV is not installed.
        OSError: The video cannot be written.
        ValueError: A number is out of range.
    """
    check_suffix(Path(path))
    _check_pulse(pulse)
    generator = generator or grade_generator(space, picture)
    with ExitStack() as stack:
        sound = stack.enter_context(open_soundtrack(music))
        course = _course(space, music, preset, profile)
        if styles is None:
            found = _from_to(progress, _READ, _FOUND)
            styles = styles_of(space, picture, generator, strength, preset.steps, seed, progress=found)
        parts = spans_of(course.timeline)
        keyframes = follow(course, parts, [styles] * len(parts), keyframe_seconds=preset.keyframe_seconds)
        size = _even_size(picture.size, long_side)
        shape = Shape(*size, rate, 1 / rate)
        count = max(1, math.ceil(course.timeline.duration * rate))
        still = picture.resize(size, Image.Resampling.LANCZOS)
        curve = _pulse(course.timeline, pulse if strength else 0.0)
        if generator.maps_colours:
            frames = graded(repeated(still, count), shape, keyframes, generator.lut, curve)
        else:
            frames = rendered_frames(generator, still, shape, count, keyframes, curve)
        sampler = Sampler(space, shape, count / float(rate), _from_to(progress, _FOUND, 1.0))
        seconds = write_video(path, sampler.watch(frames), shape, sound, quick=preset.quick)
    return RestyledVideo(seconds, course.timeline, keyframes, parts, sampler.samples)


def restyle_video(
    space: VASpace,
    video: str | Path,
    music: str | Path,
    path: str | Path,
    *,
    keep_sound: bool = False,
    strength: float = 0.5,
    pulse: float = PULSE,
    long_side: int | None = None,
    preset: Preset = FULL,
    seed: int = 0,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> RestyledVideo:
    """Grade a video so that it follows music, frame for frame, with the music as its sound.

    Frame rate, size and timestamps, counted from the first frame, stay as they are. The music ends with the
    video; where it ends before, its last grade stays. Each shot has a grade for each section of the music in
    it, found on the frame in the middle: where the picture cuts, the grade changes with that frame.

    Args:
        space: The model to optimise against.
        video: The video. It is read three times: for its cuts, for its middle frames, and to be graded.
        music: A file with sound.
        path: The video to write; see :data:`va_space.media.video.muxing.SUFFIXES`.
        keep_sound: Keep the video's own sound instead of the music.
        strength: From 0, no change, to 1, any change.
        pulse: How plainly accents of the music are seen, from 0, not at all, to 1.
        long_side: The longer side of the video in pixels at most; None keeps its size.
        preset: How closely it follows the music.
        seed: Of the optimiser's views.
        profile: Whose wishes for pictures count; by default nobody's.
        progress: See :data:`va_space.transfer.video.results.Progress`.

    Raises:
        ConfigError: The video's name has another ending.
        FeedbackError: The profile is of another model.
        MediaError: The video or the music cannot be read; the music is silent; sound is to be kept and there
            is none.
        MissingExtraError: PyAV is not installed.
        OSError: The video cannot be written.
        ValueError: A number is out of range.
    """
    check_suffix(Path(path))
    _check_pulse(pulse)
    with ExitStack() as stack:
        info, frames = stack.enter_context(open_video(video))
        start = info.start if keep_sound else None
        sound = stack.enter_context(open_soundtrack(video if keep_sound else music, start=start))
        whole = _course(space, music, preset, profile)
        cuts, seconds = read_cuts(video)
        course = whole.until(seconds)
        parts = spans_of(course.timeline, cuts)
        done = 0

        def styles(picture: Image.Image, span: Span) -> StyleMap:
            nonlocal done
            found = _from_to(progress, _mix(done / len(parts)), _mix((done + 1) / len(parts)))
            done += 1
            valence, arousal = course.stretched[span.section]
            direction = float(np.arctan2(arousal, valence))
            made = grade_generator(space, picture)
            return styles_of(space, picture, made, strength, preset.steps, seed, [direction], found)

        found = styles_of_spans(video, parts, styles)
        keyframes = follow(course, parts, found, keyframe_seconds=preset.keyframe_seconds)
        shape = _shape_of(info, long_side)
        changed = graded(frames, shape, keyframes, bake, _pulse(course.timeline, pulse if strength else 0.0))
        sampler = Sampler(space, shape, seconds, _from_to(progress, _FOUND, 1.0))
        seconds = write_video(path, sampler.watch(changed), shape, sound, quick=preset.quick)
    return RestyledVideo(seconds, course.timeline, keyframes, parts, sampler.samples)


def styles_of(
    space: VASpace,
    picture: Image.Image,
    generator: Generator,
    strength: float = 0.5,
    steps: int = FULL.steps,
    seed: int = 0,
    directions: Sequence[float] = DIRECTIONS,
    progress: Callable[[float], None] | None = None,
) -> StyleMap:
    """The styles of a picture, which serve for any music.

    Args:
        space: The model to optimise against.
        picture: In mode RGB.
        generator: Made for the picture.
        strength: From 0, no change, to 1, any change.
        steps: Of the optimiser, for each style.
        seed: Of the optimiser's views.
        directions: As for :func:`va_space.transfer.video.style_map.find_styles`.
        progress: See :data:`va_space.transfer.video.results.Progress`.
    """
    encoded = next(space.encode_iter([picture]))
    assert isinstance(encoded, Encoded)  # a picture in memory can be read
    return find_styles(
        space,
        generator,
        space.predict_va_from_vectors(encoded.vector[None], "picture")[0],
        space.kind_of(encoded),
        directions=directions,
        strength=strength,
        steps=steps,
        seed=seed,
        progress=None if progress is None else lambda done, total: progress(done / total),
    )


def _check_pulse(pulse: float) -> None:
    if not 0 <= pulse <= 1:
        raise ValueError(f"pulse is {pulse}: must lie between 0 and 1")


def _pulse(timeline: Timeline, amount: float) -> Curve | None:
    if not amount or timeline.structure is None:
        return None
    curve = pulse_curve(timeline.structure)
    return Curve(curve.times, amount * curve.values)


def _course(space: VASpace, music: str | Path, preset: Preset, profile: Profile | None) -> Course:
    if profile is not None:
        profile.check_use(space)
    window = min(WINDOW_SECONDS, space.config.audio.window_seconds)
    course = Course.of(
        space, read_timeline(space, music, window_seconds=window, hop_seconds=window / preset.hops)
    )
    wishes = None if profile is None else profile.of("picture")
    return course if wishes is None else course.moved(wishes.offset)


def _mix(share: float) -> float:
    return _READ + share * (_FOUND - _READ)


def _from_to(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Progress of a part of the work, from one share of the whole to another."""
    return None if progress is None else lambda share: progress(first + share * (last - first))


def _shape_of(info: VideoInfo, long_side: int | None) -> Shape:
    size = info.width, info.height
    if long_side is not None and max(size) > long_side:
        size = _even_size(size, long_side)
    return Shape(*size, info.rate, info.time_base, info.pixel_aspect)


def _even_size(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(size))
    width, height = (max(_SHORTEST_SIDE, 2 * round(side * scale / 2)) for side in size)
    return width, height
