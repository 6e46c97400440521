"""``va-space restyle`` where a video is written."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from va_space.commands.common import progress_bar, remark, show_table

if TYPE_CHECKING:
    from PIL import Image

    from va_space.space import VASpace
    from va_space.transfer.generator import Generator
    from va_space.transfer.video.restyle import RestyledVideo

_WHOLE = 1000


def restyle_video(
    space: "VASpace",
    source: Path,
    music: str,
    output: Path,
    *,
    picture: "Image.Image | None",
    generator: "Generator | None",
    strength: float,
    steps: int | None,
    seed: int,
    preview: bool,
    keep_sound: bool,
    sheet: Path | None,
    long_side: int | None,
    rate: float | None,
    as_json: bool,
) -> None:
    """Write a video that follows music, and show what became of it.

    Args:
        space: The model.
        source: The picture or video.
        music: A file.
        output: The video to write.
        picture: The source, if it is a picture, in mode RGB; None if it is a video.
        generator: Made for the picture; None for grades.
        strength: From 0 to 1.
        steps: Of the optimiser, for each section of the music; None for the usual.
        seed: Of the views.
        preview: Trade size and closeness for speed.
        keep_sound: Keep the video's own sound.
        sheet: Where to draw a contact sheet.
        long_side: Of the video, at most, in pixels; None for the usual.
        rate: Frames per second; None for the usual.
        as_json: Show JSON instead of a table.
    """
    from dataclasses import replace

    from va_space.transfer.video import restyle as restyling
    from va_space.transfer.video.contact_sheet import check_sheet, write_sheet

    if sheet is not None:
        check_sheet(sheet)
    preset = restyling.PREVIEW if preview else restyling.FULL
    if steps is not None:
        preset = replace(preset, steps=steps)
    if preview and long_side is None:
        long_side = restyling.PREVIEW_SIDE
    with progress_bar("Restyling") as bar:

        def progress(share: float) -> None:
            bar(round(_WHOLE * share), _WHOLE)

        if picture is None:
            video = restyling.restyle_video(
                space,
                source,
                music,
                output,
                keep_sound=keep_sound,
                strength=strength,
                long_side=long_side,
                preset=preset,
                seed=seed,
                progress=progress,
            )
        else:
            usual = restyling.PREVIEW_RATE if preview else restyling.FRAME_RATE
            video = restyling.restyle_picture_over_time(
                space,
                picture,
                music,
                output,
                generator=generator,
                strength=strength,
                rate=usual if rate is None else Fraction(rate).limit_denominator(1001),
                long_side=long_side or restyling.LONG_SIDE,
                preset=preset,
                seed=seed,
                progress=progress,
            )
    if video.timeline.duration < video.seconds - 1:
        remark(f"The music ends after {video.timeline.duration:.0f} of {video.seconds:.0f} s of video.")
    if sheet is not None:
        write_sheet(sheet, video)
    show_table(_rows(video), as_json)


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


def check_options(
    source: Path, music: str, output: Path, generator: str, keep_sound: bool, rate: float | None
) -> None:
    """Refuse options that do not go with a picture, or with a video, and an output that is the music.

    Raises:
        typer.BadParameter: There is such an option.
    """
    if output.exists() and Path(music).exists() and output.samefile(music):
        raise typer.BadParameter("would replace the music", param_hint="--output")
    if is_picture(source):
        if keep_sound:
            raise typer.BadParameter("a picture has no sound", param_hint="--keep-sound")
        return
    if generator != "grade":
        raise typer.BadParameter("a video can only be graded", param_hint="--generator")
    if rate is not None:
        raise typer.BadParameter("a video keeps its frame rate", param_hint="--rate")


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
