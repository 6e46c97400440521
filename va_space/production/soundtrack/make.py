"""From a video to the same video with music that follows it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from va_space.emotion.reference import Kind
from va_space.errors import ConfigError
from va_space.feedback.profile import Profile
from va_space.media.video.copying import with_sound
from va_space.media.video.muxing import check_suffix
from va_space.media.video.reading import open_soundtrack, open_video
from va_space.media.video.sound import STEREO, Samples, sound_frames
from va_space.production.soundtrack.cue_sheet import CueSheet
from va_space.production.soundtrack.cues import Cue, choose_cues, compose_cues, longest_scene
from va_space.production.soundtrack.mixing import FADE, LOUDNESS, Levels, ducked, mixed
from va_space.production.soundtrack.scenes import LONGEST, SHORTEST, Scene, join_parts
from va_space.production.soundtrack.shots import read_parts
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.story import SMOOTHNESS
from va_space.space import VASpace

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are done, and of how many."""


def make_soundtrack(
    space: VASpace,
    video: str | Path,
    path: str | Path,
    *,
    library: MusicLibrary | None = None,
    keep_sound: bool = False,
    shortest: float = SHORTEST,
    longest: float = LONGEST,
    fade: float = FADE,
    loudness: float = LOUDNESS,
    smoothness: float = SMOOTHNESS,
    filters: Filters | None = None,
    kind: Kind | None = None,
    profile: Profile | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> CueSheet:
    """Write a video with music that follows what its shots feel like.

    The pictures are copied as they are, where the container of the output holds their coding.

    Args:
        space: A model with reference distributions.
        video: The video.
        path: The video to write; see :data:`va_space.media.video.muxing.SUFFIXES`.
        library: Where the music comes from; None composes it.
        keep_sound: Keep the video's own sound, with the music turned down under it.
        shortest: Seconds of a cue at least.
        longest: Seconds of a cue at most; less if the library's tracks are shorter.
        fade: Seconds in which one cue passes into the next, the cut in their middle.
        loudness: LUFS that each cue is brought to.
        smoothness: How much joins weigh against fits.
        filters: Which tracks may be found; by default all.
        kind: What the frames are, such as "painting"; by default what most are taken for.
        profile: Whose wishes for music count; by default nobody's.
        seed: Of composed music.
        progress: See :data:`Progress`.

    Returns:
        What is played when.

    Raises:
        CheckpointError: The model has no reference distributions.
        ConfigError: A number is out of range.
        FeedbackError: The profile is of another model.
        LibraryError: The library is of another model, or has too few tracks that are long enough.
        MediaError: The video cannot be read or has no frames, a track cannot, or there is no sound to keep.
        MissingExtraError: The extra ``video`` is not installed.
        OSError: The video cannot be written.
    """
    video, path = Path(video), Path(path)
    check_suffix(path)
    _check_numbers(shortest, longest, fade)
    with open_video(video) as (info, _):
        pass
    with ExitStack() as stack:
        own = None
        if keep_sound:
            _, own = stack.enter_context(open_soundtrack(video, start=info.start, wanted=STEREO))
        if library is not None:
            library.check_model(space.fingerprint)
            longest = longest_scene(library, fade, longest)
        parts = read_parts(space, video, kind=kind, progress=_of(progress, "Looking at the video"))
        scenes = join_parts(parts, shortest=min(shortest, longest), longest=longest)
        fade = min(fade, *(scene.seconds for scene in scenes))
        if library is None:
            cues = _composed(space, scenes, fade, seed, profile, progress)
        else:
            cues = choose_cues(
                space, library, scenes, fade=fade, filters=filters, smoothness=smoothness, profile=profile
            )
        seconds, levels = scenes[-1].end, Levels()
        music = mixed(cues, seconds, fade=fade, loudness=loudness, levels=levels)
        if progress:
            music = _counted(music, len(cues), progress)
        if own is not None:
            music = ducked(music, (np.asarray(frame.to_ndarray(), np.float32) for frame in own))
        copied = with_sound(path, video, (STEREO, sound_frames(music)))
    return CueSheet(
        video,
        path,
        seconds,
        float(info.rate),
        space.fingerprint,
        None if profile is None else profile.name,
        fade,
        copied,
        cues,
        levels.loudness,
        levels.gains,
    )


def _check_numbers(shortest: float, longest: float, fade: float) -> None:
    if not 1 <= shortest <= longest <= 600:
        raise ConfigError(f"cues of {shortest:g} to {longest:g} s: from 1 s, to 600 s at most")
    if not 0 <= fade <= 10:
        raise ConfigError(f"a fade of {fade:g} s: from 0 to 10 s")


def _composed(
    space: VASpace,
    scenes: Sequence[Scene],
    fade: float,
    seed: int,
    profile: Profile | None,
    progress: Progress | None,
) -> list[Cue]:
    cues = []
    for cue in compose_cues(space, scenes, fade=fade, seed=seed, profile=profile):
        cues.append(cue)
        if progress:
            progress("Composing", len(cues), len(scenes))
    return cues


def _counted(blocks: Iterator[Samples], total: int, progress: Progress) -> Iterator[Samples]:
    for number, block in enumerate(blocks, start=1):
        yield block
        progress("Mixing", number, total)


def _of(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)
