"""``va-space restyle`` where a video is written."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from va_space.commands._common import about, open_profile, progress_bar, remark, show_table
from va_space.commands._restyle_options import RestyleOptions

if TYPE_CHECKING:
    from va_space.media.editable import EditablePicture
    from va_space.space import VASpace
    from va_space.transfer.generator import GeneratorFactory
    from va_space.transfer.video.results import RestyledVideo

_WHOLE = 1000


def run(options: RestyleOptions) -> None:
    """Write a video that follows music, and show what the music and a few frames feel like."""
    from va_space.media.editable import load_editable
    from va_space.transfer.video.contact_sheet import check_sheet, write_sheet

    _check_options(options)
    options.check_writable([options.output])
    if options.sheet is not None:
        with about("--sheet"):
            check_sheet(options.sheet)
    make = options.open_generator()
    still = load_editable(options.picture) if is_picture(options.picture) else None
    space = options.open_space()
    video = _restyle(options, make, space, still)
    if video.timeline.duration < video.seconds - 1:
        remark(f"The music ends after {video.timeline.duration:.0f} of {video.seconds:.0f} s of video.")
    if options.sheet is not None:
        write_sheet(options.sheet, video)
    show_table(_rows(video), options.as_json)


def is_picture(path: Path) -> bool:
    """Whether a file is a picture, and not a video, by its content; also if it is a damaged one.

    Raises:
        MediaError: There is nothing to be read.
    """
    from va_space.media.files import open_file
    from va_space.media.picture_files import identify_picture

    with open_file(path) as file:
        # Pillow's plugins raise nearly anything; reading the picture will say what is wrong.
        try:
            return identify_picture(file, path) is not None
        except Exception:
            return True


def _check_options(options: RestyleOptions) -> None:
    """Refuse options that do not go with a picture, or with a video, and an output that is the music."""
    if (
        len(options.music) != 1
        or options.apply
        or options.cube
        or options.grade_json
        or options.at is not None
    ):
        raise typer.BadParameter(
            "a video takes one piece of music, and neither --at, --cube, --grade-json nor --apply",
            param_hint="--output",
        )
    music = Path(options.music[0])
    if options.output.exists() and music.exists() and options.output.samefile(music):
        raise typer.BadParameter("would replace the music", param_hint="--output")
    if is_picture(options.picture):
        if options.keep_sound:
            raise typer.BadParameter("a picture has no sound", param_hint="--keep-sound")
        return
    if options.generator != "grade":
        raise typer.BadParameter("a video can only be graded", param_hint="--generator")
    if options.fps is not None:
        raise typer.BadParameter("a video keeps its frame rate", param_hint="--fps")


def _restyle(
    options: RestyleOptions, make: "GeneratorFactory", space: "VASpace", still: "EditablePicture | None"
) -> "RestyledVideo":
    """Of a picture, or, where there is none, of the video."""
    from va_space.transfer.video import restyle as video
    from va_space.transfer.video.results import FULL, PREVIEW

    preset = PREVIEW if options.preview else FULL
    if options.steps is not None:
        preset = replace(preset, steps=options.steps)
    long_side = video.PREVIEW_SIDE if options.preview and options.long_side is None else options.long_side
    generator = None if still is None else options.make_generator(make, space, still)
    profile = open_profile(options.profile, space)
    with progress_bar("Restyling") as bar:
        progress = _in_shares(bar)
        if still is None:
            return video.restyle_video(
                space,
                options.picture,
                options.music[0],
                options.output,
                keep_sound=options.keep_sound,
                strength=options.strength,
                pulse=options.pulse,
                long_side=long_side,
                preset=preset,
                seed=options.seed,
                profile=profile,
                progress=progress,
            )
        usual = video.PREVIEW_RATE if options.preview else video.FRAME_RATE
        return video.restyle_picture_over_time(
            space,
            still.seen(),
            options.music[0],
            options.output,
            generator=generator,
            strength=options.strength,
            pulse=options.pulse,
            rate=usual if options.fps is None else Fraction(options.fps).limit_denominator(1001),
            long_side=long_side or video.LONG_SIDE,
            preset=preset,
            seed=options.seed,
            profile=profile,
            progress=progress,
        )


def _in_shares(bar: Callable[[int, int], None]) -> Callable[[float], None]:
    return lambda share: bar(round(_WHOLE * share), _WHOLE)


def _rows(video: "RestyledVideo") -> list[dict[str, Any]]:
    heard = video.timeline.va_at([sample.seconds for sample in video.samples])
    return [
        {"seconds": round(sample.seconds, 2)}
        | {
            f"{name} {whose}": round(float(value), 4)
            for whose, point in (("music", music), ("frame", sample.va))
            for name, value in zip(("valence", "arousal"), point, strict=True)
        }
        for sample, music in zip(video.samples, heard, strict=True)
    ]
