"""``va-space restyle`` where pictures are written."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from va_space.atomic import require_ending
from va_space.commands._common import (
    about,
    leave,
    open_profile,
    progress_bar,
    remark_notes,
    report,
    show_table,
)
from va_space.commands._restyle_options import RestyleOptions
from va_space.text import valid_unicode

if TYPE_CHECKING:
    from va_space.media.editable import EditablePicture
    from va_space.space import Failure, VASpace
    from va_space.targets import Target
    from va_space.transfer.generator import Generator, GeneratorFactory
    from va_space.transfer.restyle import Restyled
    from va_space.transfer.video.contact_sheet import Tile

_LONGEST = 80  # characters of a target that become part of a name


def run(options: RestyleOptions) -> None:
    """Write a picture for each piece of music, or the picture with a grade applied, and show the table."""
    from va_space.media.editable import load_editable

    _check_options(options)
    outputs = [options.output] if len(options.music) <= 1 else _names(options.output, options.music)
    options.check_writable(outputs)
    if options.sheet:
        _check_sheet(options.sheet, outputs)
    if options.apply:
        _apply(options.apply, load_editable(options.picture), options.output)
        return
    make = options.open_generator()
    opened = load_editable(options.picture)
    space = options.open_space()
    failures: list[Failure] = []
    wanted = _wanted(space, options.music, outputs, options.at, failures)
    rows = _restyle(options, make, space, opened, wanted) if wanted else []
    show_table(rows, options.as_json)
    leave(failures, len(options.music))


def _check_options(options: RestyleOptions) -> None:
    from va_space.media.editable import ENDINGS
    from va_space.media.video.muxing import SUFFIXES

    if options.absolute and options.profile is not None:
        raise typer.BadParameter("--absolute and --profile do not go together", param_hint="--profile")
    if options.preview or options.keep_sound or options.long_side or options.fps is not None:
        raise typer.BadParameter(f"only for videos: {', '.join(SUFFIXES)}", param_hint="--output")
    if bool(options.music) == (options.apply is not None):
        raise typer.BadParameter("give music, or a grade with --apply", param_hint="MUSIC")
    with about("--output"):
        require_ending(options.output, "pictures and videos", (*ENDINGS, *SUFFIXES))
    if (options.cube or options.grade_json) and (options.generator != "grade" or options.apply):
        raise typer.BadParameter(
            "only a grade that is found can be written", param_hint="--cube, --grade-json"
        )
    if options.sheet and options.apply:
        raise typer.BadParameter("shows what is made for music, not what --apply does", param_hint="--sheet")


def _restyle(
    options: RestyleOptions,
    make: "GeneratorFactory",
    space: "VASpace",
    picture: "EditablePicture",
    wanted: "dict[Path, Target]",
) -> list[dict[str, Any]]:
    """Write what is wanted; a row of the table for each."""
    from va_space.transfer.optimise import STEPS
    from va_space.transfer.restyle import restyle

    generator = options.make_generator(make, space, picture)
    tiles = _first_tiles(picture, generator) if options.sheet else None
    rows = []
    with progress_bar("Restyling") as progress:
        results = restyle(
            space,
            picture,
            list(wanted.values()),
            generator=generator,
            strength=options.strength,
            steps=options.steps or STEPS,
            seed=options.seed,
            scale="absolute" if options.absolute else "relative",
            kind=options.kind,
            profile=open_profile(options.profile, space),
            progress=progress,
        )
        for path, result in zip(wanted, results, strict=True):
            _write(path, result, options.cube, options.grade_json)
            rows.append(_row(space, path, result, options.as_json))
            if tiles:
                tiles.append(_tile(space, result))
    if options.sheet and tiles:
        from va_space.transfer.video.contact_sheet import write_tiles

        write_tiles(options.sheet, tiles)
    return rows


def _names(output: Path, music: Sequence[str]) -> list[Path]:
    """A name for each piece of music: that of the output with the music's put behind."""
    from va_space.targets import is_file

    names: list[Path] = []
    for text in music:
        stem = re.sub(r"[^\w.-]+", "-", Path(text).stem if is_file(text) else text)[:_LONGEST]
        name, number = output.with_stem(f"{output.stem}-{stem}"), 1
        while name in names:
            number += 1
            name = output.with_stem(f"{output.stem}-{stem}-{number}")
        names.append(name)
    return names


def _check_sheet(sheet: Path, outputs: Sequence[Path]) -> None:
    from va_space.transfer.video.contact_sheet import check_sheet

    if sheet in outputs:
        raise typer.BadParameter("would replace the result", param_hint="--sheet")
    with about("--sheet"):
        check_sheet(sheet)


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
            remark_notes(target.name, target.notes)
            wanted[path] = target
    return wanted


def _first_tiles(picture: "EditablePicture", generator: "Generator") -> "list[Tile]":
    """What the results are compared with: the picture, and a network's own picture of it."""
    from va_space.transfer.video.contact_sheet import tile

    seen = picture.seen()
    tiles = [tile("original", seen)]
    if not generator.maps_colours:
        tiles.append(tile("the network's picture of it", generator.apply(generator.origin[0], seen)))
    return tiles


def _tile(space: "VASpace", result: "Restyled") -> "Tile":
    """A result with the figures of its row of the table."""
    from va_space.transfer.video.contact_sheet import tile

    row = _row(space, Path(), result, everything=False)
    note = "; ".join(
        f"{name} {{}} → {{}}, wanted {{}}".format(
            *(row[f"{name} {when}"] for when in ("before", "after", "wanted"))
        )
        for name in ("valence", "arousal")
    )
    return tile(result.target.stem, result.picture.seen(), note)


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


def _row(space: "VASpace", path: Path, result: "Restyled", everything: bool) -> dict[str, Any]:
    """Where the picture stood, stands and should stand; for programs also the predictions themselves."""
    row: dict[str, Any] = {"output": valid_unicode(path), "target": valid_unicode(result.target.stem)}
    points = {"before": result.before, "after": result.after, "wanted": result.wanted}
    if everything or space.reference is None:
        predicted = {**points, "music": result.target.point}
        row |= {
            f"{name} {when}": round(float(value), 4)
            for when, point in predicted.items()
            for name, value in zip(("valence", "arousal"), point, strict=True)
        }
    if space.reference is not None:
        own = space.distribution(result.kind)
        for when, point in points.items():
            for name, share in zip(("valence", "arousal"), own.percentile(point), strict=True):
                if everything:
                    row[f"{name} percentile {when}"] = round(float(share), 4)
                else:
                    row[f"{name} {when}"] = f"{100 * share:.0f}%"
    return row | ({"kind": result.kind} if everything else {})
