"""``va-space restyle``."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from va_space.commands.common import (
    AsJson,
    Device,
    Model,
    Precision,
    leave,
    open_space,
    progress_bar,
    remark,
    report,
    show_table,
)
from va_space.commands.restyle_video import check_options, is_picture, restyle_video
from va_space.errors import ConfigError
from va_space.text import valid_unicode

if TYPE_CHECKING:
    from va_space.media.editable import EditablePicture
    from va_space.space import Failure, VASpace
    from va_space.targets import Target
    from va_space.transfer.generator import Generator, GeneratorFactory, InversionOptions
    from va_space.transfer.restyle import Restyled
    from va_space.transfer.video.contact_sheet import Tile


def restyle(
    picture: Annotated[
        Path, typer.Argument(metavar="PICTURE", help="The picture, or a video.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The picture to write; of several, each gets the name of its music put behind. Or a video, "
            ".mp4 .mov .mkv, that follows the music.",
            show_default=False,
        ),
    ],
    music: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MUSIC]...",
            help='Music; or a feeling: "valence,arousal" such as 0.8,0.3, or a word such as serene. A word '
            "goes before a file of that name; ./calm is the file.",
            show_default=False,
        ),
    ] = None,
    generator: Annotated[
        str,
        typer.Option(metavar="grade|NETWORK", help="grade, or a StyleGAN2 network, .pkl or .safetensors."),
    ] = "grade",
    strength: Annotated[
        float, typer.Option(min=0, max=1, help="0 changes nothing, 1 may change anything.")
    ] = 0.5,
    at: Annotated[
        float | None,
        typer.Option(
            min=0, help="Take the music around this second instead of all of it.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="At most so many steps. [default: 60; 40 a section for videos]", show_default=False
        ),
    ] = None,
    latent_space: Annotated[
        Literal["w", "w+"],
        typer.Option(
            help="Network: w+ comes nearer to the picture, w stays nearer to what the network has learnt."
        ),
    ] = "w+",
    inversion_steps: Annotated[
        int, typer.Option(min=1, help="Network: steps that the picture is looked for in it.")
    ] = 300,
    seed: Annotated[int, typer.Option(help="Of the random views of the picture.")] = 0,
    cube: Annotated[bool, typer.Option("--cube", help="Also write the grade as a .cube file.")] = False,
    grade_json: Annotated[
        bool, typer.Option("--grade-json", help="Also write the grade as JSON, for --apply.")
    ] = False,
    apply: Annotated[
        Path | None,
        typer.Option(
            help="Apply this grade, .json or .cube, instead of finding one for music.", show_default=False
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Video: small and rough, for a quick look.")
    ] = False,
    keep_sound: Annotated[
        bool, typer.Option("--keep-sound", help="Video: keep the video's own sound instead of the music.")
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Also draw all results on this picture, beside the original; of a video, frames and curves.",
            show_default=False,
        ),
    ] = None,
    long_side: Annotated[
        int | None,
        typer.Option(
            min=16,
            help="Video: longer side at most. [default: 1280 for a picture; a video keeps its size]",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=1, max=120, help="Video of a picture: frames per second. [default: 25]", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Make a picture feel like music.

    The generator grade, the default, finds a photographic edit (exposure, contrast, colour), which leaves the
    picture itself untouched in structure, whatever its size. A StyleGAN2 network repaints the picture as far
    as it can. With several pieces of music there are several pictures, found together.

    The table says how the picture felt before and how it feels now, as predicted by the model, and how the
    music feels. Size, transparency, EXIF data and colour profile are kept.

    If the output is a video, the picture follows the music over time, with the music as its sound; a video is
    graded over time, and keeps its frame rate and size. The table then says how the music and the frames feel
    at a few moments.
    """
    from va_space.media.editable import ENDINGS, load_editable
    from va_space.media.video.muxing import SUFFIXES

    music = music or []
    if output.suffix.lower() in SUFFIXES:
        if len(music) != 1 or apply or cube or grade_json or at is not None:
            raise typer.BadParameter(
                "a video takes one piece of music, and neither --at, --cube, --grade-json nor --apply",
                param_hint="--output",
            )
        check_options(picture, music[0], output, generator, keep_sound, rate)
        _check_writable(picture, [output, sheet] if sheet else [output])
        make = _open_generator(generator)
        still = load_editable(picture) if is_picture(picture) else None
        space = open_space(model, device, precision)
        restyle_video(
            space,
            picture,
            music[0],
            output,
            picture=None if still is None else still.seen(),
            generator=None
            if still is None
            else _generator(make, space, still, InversionOptions(latent_space, inversion_steps, seed)),
            strength=strength,
            steps=steps,
            seed=seed,
            preview=preview,
            keep_sound=keep_sound,
            sheet=sheet,
            long_side=long_side,
            rate=rate,
            as_json=as_json,
        )
        return
    if preview or keep_sound or long_side or rate:
        raise typer.BadParameter(f"only for videos: {', '.join(SUFFIXES)}", param_hint="--output")
    if bool(music) == (apply is not None):
        raise typer.BadParameter("give music, or a grade with --apply", param_hint="MUSIC")
    if output.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(f"the name must end with {', '.join(ENDINGS)}", param_hint="--output")
    if (cube or grade_json) and (generator != "grade" or apply):
        raise typer.BadParameter(
            "only a grade that is found can be written", param_hint="--cube, --grade-json"
        )
    if sheet and apply:
        raise typer.BadParameter("shows what is made for music, not what --apply does", param_hint="--sheet")
    outputs = [output] if len(music) <= 1 else _names(output, music)
    _check_writable(picture, [*outputs, sheet] if sheet else outputs)
    if sheet:
        _check_sheet(sheet, outputs)
    make = _open_generator(generator)
    opened = load_editable(picture)
    if apply:
        _apply(apply, opened, output)
        return
    space = open_space(model, device, precision)
    failures: list[Failure] = []
    wanted = _wanted(space, music, outputs, at, failures)
    rows = []
    if wanted:
        from va_space.transfer.restyle import restyle as results_of

        made_for = _generator(make, space, opened, InversionOptions(latent_space, inversion_steps, seed))
        tiles = _first_tiles(space, opened, made_for) if sheet else None
        with progress_bar("Restyling") as progress:
            results = results_of(
                space,
                opened,
                list(wanted.values()),
                generator=made_for,
                strength=strength,
                steps=steps or 60,
                seed=seed,
                progress=progress,
            )
            for path, result in zip(wanted, results, strict=True):
                _write(path, result, cube, grade_json)
                rows.append(_row(path, result))
                if tiles:
                    tiles.append(_tile(result))
        if sheet and tiles:
            from va_space.transfer.video.contact_sheet import write_tiles

            write_tiles(sheet, tiles)
    show_table(rows, as_json)
    leave(failures, len(music))


def _names(output: Path, music: Sequence[str]) -> list[Path]:
    """A name for each piece of music: that of the output with the music's put behind."""
    from va_space.targets import is_file

    names: list[Path] = []
    for text in music:
        stem = re.sub(r"[^\w.-]+", "-", Path(text).stem if is_file(text) else text)
        name, number = output.with_stem(f"{output.stem}-{stem}"), 1
        while name in names:
            number += 1
            name = output.with_stem(f"{output.stem}-{stem}-{number}")
        names.append(name)
    return names


def _check_writable(picture: Path, outputs: Sequence[Path]) -> None:
    """Before the work, not after it."""
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.is_dir() or not os.access(output.parent, os.W_OK):
            raise PermissionError(f"{output}: cannot be written")
        if output.exists() and picture.exists() and output.samefile(picture):
            raise typer.BadParameter("would replace the picture itself", param_hint="--output")


def _check_sheet(sheet: Path, outputs: Sequence[Path]) -> None:
    from va_space.transfer.video.contact_sheet import check_sheet

    if sheet in outputs:
        raise typer.BadParameter("would replace the result", param_hint="--sheet")
    check_sheet(sheet)


def _first_tiles(space: "VASpace", picture: "EditablePicture", generator: "Generator") -> "list[Tile]":
    """What the results are compared with: the picture, and a network's own picture of it."""
    from va_space.transfer.video.contact_sheet import tile

    seen = picture.seen()
    tiles = [tile("original", seen, space.predict_va(seen))]
    if not generator.maps_colours:
        own = generator.apply(generator.origin[0], seen)
        tiles.append(tile("the network's picture of it", own, space.predict_va(own)))
    return tiles


def _tile(result: "Restyled") -> "Tile":
    from va_space.transfer.video.contact_sheet import tile

    return tile(result.target.stem, result.picture.seen(), result.after, result.target.point)


def _wanted(
    space: "VASpace",
    music: Sequence[str],
    outputs: Sequence[Path],
    at: float | None,
    failures: "list[Failure]",
) -> "dict[Path, Target]":
    from va_space.space import Failure
    from va_space.transfer.targets import read_restyle_targets

    wanted = {}
    for path, target in zip(outputs, read_restyle_targets(space, music, at=at), strict=True):
        if isinstance(target, Failure):
            failures.append(target)
            report(target)
        else:
            wanted[path] = target
    return wanted


def _open_generator(name: str) -> "GeneratorFactory":
    """What --generator names; before anything else is read."""
    from va_space.transfer.generator import open_generator

    try:
        return open_generator(name)
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint="--generator") from error


def _generator(
    make: "GeneratorFactory", space: "VASpace", picture: "EditablePicture", options: "InversionOptions"
) -> "Generator":
    with progress_bar("Finding the picture in the network") as progress:
        generator = make(space, picture.seen(), options=options, progress=progress)
    if note := generator.remark():
        remark(note)
    return generator


def _write(path: Path, result: "Restyled", cube: bool, grade_json: bool) -> None:
    from va_space.media.editable import save_editable
    from va_space.transfer.grade_files import write_grade
    from va_space.transfer.lut import write_cube

    save_editable(path, result.picture)
    if cube and (lut := result.lut) is not None:
        write_cube(path.with_suffix(".cube"), lut, path.stem)
    if grade_json:
        write_grade(path.with_suffix(".json"), result.latent)


def _apply(grade: Path, picture: "EditablePicture", output: Path) -> None:
    from va_space.media.editable import save_editable
    from va_space.transfer.grade_files import read_grade
    from va_space.transfer.lut import apply_lut, bake, read_cube

    lut = read_cube(grade) if grade.suffix.lower() == ".cube" else bake(read_grade(grade))
    save_editable(output, replace(picture, image=apply_lut(picture.image, lut)))


def _row(path: Path, result: "Restyled") -> dict[str, Any]:
    points = {"before": result.before, "after": result.after, "music": result.target.point}
    return {"output": valid_unicode(path), "target": valid_unicode(result.target.stem)} | {
        f"{name} {when}": round(float(value), 4)
        for when, point in points.items()
        for name, value in zip(("valence", "arousal"), point, strict=True)
    }
