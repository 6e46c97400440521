"""What ``va-space paint`` does around the pictures: sizes, names, checks, text, rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from va_space.commands._common import about, progress_bar, report
from va_space.commands._progress import size as size_of
from va_space.text import printable

if TYPE_CHECKING:
    from va_space.generation.artwork.artwork import Artwork
    from va_space.generation.artwork.engines import Request
    from va_space.generation.artwork.files import Text
    from va_space.generation.tags.description import TrackDescription
    from va_space.space import Failure, VASpace

_COVER = (3000, 3000)
# Bytes from which a file is large for a picture.
_LARGE = 5_000_000


def has_section(
    tracks: Sequence[Path], description: "TrackDescription", label: str | None, failures: "list[Failure]"
) -> bool:
    """Whether a track has the section; if not, that is a failure of this track alone."""
    from va_space.errors import ConfigError
    from va_space.generation.artwork.engines.painter import find_section
    from va_space.space import Failure

    try:
        find_section(description, label)
    except ConfigError as error:
        track = Path(description.path)
        failures.append(Failure(tracks.index(track), track, str(error).removeprefix(f"{track}: ")))
        report(failures[-1])
        return False
    return True


def read_size(size: str | None, cover: bool) -> tuple[int, int] | None:
    """Width and height of ``--size``; None for what is usual."""
    if size is None:
        return _COVER if cover else None
    from va_space.generation.artwork.files import check_size

    sides = size.lower().replace("×", "x").split("x")
    if len(sides) == 1:
        sides *= 2
    if len(sides) != 2 or not all(side.strip().isdecimal() for side in sides):
        raise typer.BadParameter("write it as 1920x1080", param_hint="--size")
    wanted = int(sides[0]), int(sides[1])
    with about("--size"):
        check_size(wanted)
    if cover and wanted[0] != wanted[1]:
        raise typer.BadParameter("covers are square", param_hint="--size")
    return wanted


def names_of(tracks: Sequence[Path], output: Path, kind: str) -> dict[Path, Path]:
    """The picture of each track; in a folder it has the track's name, with a number where two share one."""
    from va_space.generation.artwork.files import check_ending

    if len(set(tracks)) < len(tracks):
        raise typer.BadParameter("a track is named twice", param_hint="TRACK")
    if output.suffix and not output.is_dir():
        with about("--output"):
            check_ending(output)
        if len(tracks) > 1:
            raise typer.BadParameter("several tracks need a folder", param_hint="--output")
        return {tracks[0]: output}
    names: dict[Path, Path] = {}
    for track in tracks:
        name, number = output / f"{track.stem}.{kind}", 1
        while name in names.values():
            number += 1
            name = output / f"{track.stem} ({number}).{kind}"
        names[track] = name
    return names


def check_text(tracks: Sequence[Path], cover: bool, title: str | None, artist: str | None) -> None:
    """Text that would stand nowhere, or on the wrong track, is an error."""
    if not cover and (title or artist):
        raise typer.BadParameter("only covers have text: add --cover", param_hint="--title, --artist")
    if title is not None and len(tracks) > 1:
        raise typer.BadParameter("a title belongs to a single track", param_hint="--title")


def check_engine(
    engine: str, pictures: Path | None, motif: str | None, only_diffusion: Mapping[str, object]
) -> None:
    """Options that would be ignored are an error."""
    given = [name for name, value in only_diffusion.items() if value is not None]
    if engine == "painter" and given:
        raise typer.BadParameter(
            "needs --engine diffusion: the painter reads no prompts and no models", param_hint=given[0]
        )
    if pictures is not None and (engine != "painter" or motif):
        raise typer.BadParameter("your own pictures are graded, not painted", param_hint="--from")


def made_for(
    space: "VASpace",
    description: "TrackDescription",
    request: "Request",
    engine: str,
    language: str | None,
) -> "Sequence[Artwork]":
    """Pictures of an engine, with the prompt of a language model where one is named."""
    from va_space.generation.artwork.engines import ENGINES
    from va_space.generation.artwork.engines.painter import find_section
    from va_space.generation.prompts.rewriting import rewrite
    from va_space.generation.prompts.template import make_prompt

    if language is not None and request.prompt is None:
        drafted = make_prompt(description, find_section(description, request.section), request.seed)
        said = rewrite(drafted, language, seed=request.seed, device=request.diffusion.device)
        request = replace(request, prompt=said.prompt)
    with progress_bar("Planning") as bar:
        return ENGINES[engine](space, description, request, lambda what, done, total: bar(done, total, what))


def graded_for(
    space: "VASpace",
    description: "TrackDescription",
    pictures: Path,
    request: "Request",
    strength: float | None,
    failures: "list[Failure]",
) -> "Sequence[Artwork]":
    """Pictures of the user's own; those that cannot be read are reported."""
    from va_space.generation.artwork.engines.painter import find_section
    from va_space.production.own_pictures import STRENGTH, from_own_pictures

    unread: list[Failure] = []
    with progress_bar("Looking") as bar:
        made = from_own_pictures(
            space,
            description,
            pictures,
            takes=request.takes,
            section=find_section(description, request.section),
            strength=STRENGTH if strength is None else strength,
            seed=request.seed,
            failures=unread,
            progress=lambda what, done, total: bar(done, total, what),
        )
    for failure in unread:
        report(failure)
    failures += unread
    return made


def text_of(track: Path, title: str | None, artist: str | None) -> "Text":
    """What stands on the cover: as the options say, or else the file's tags."""
    from va_space.generation.artwork.files import Text
    from va_space.retrieval.metadata import read_metadata

    known = read_metadata(track)
    return Text(known.title if title is None else title, known.artist if artist is None else artist)


def embed_in(track: Path, artwork: "Artwork", text: "Text | None") -> None:
    """Put a picture into a track's own file."""
    from va_space.generation.artwork.files import finished
    from va_space.media.cover_art import SIDE, embed_cover

    embed_cover(track, finished(artwork, (SIDE, SIDE), text))


def size_note(path: Path) -> tuple[str, ...]:
    """How large a large file is, and how it would be smaller."""
    taken = path.stat().st_size
    if taken < _LARGE:
        return ()
    smaller = "; as .jpg it would take about a quarter of that" if path.suffix.lower() == ".png" else ""
    return (f"{size_of(taken)}{smaller}",)


def row_of(path: Path, description: "TrackDescription", artwork: "Artwork") -> dict[str, Any]:
    """A row of the table."""
    felt = artwork.facts.get("picture percentile")
    return {
        "output": printable(path),
        "shows": printable(artwork.title),
        "valence_percentile": round(description.feeling[0], 4),
        "arousal_percentile": round(description.feeling[1], 4),
        "picture_valence_percentile": felt[0] if isinstance(felt, tuple) else None,
        "picture_arousal_percentile": felt[1] if isinstance(felt, tuple) else None,
        "seed": artwork.facts.get("seed"),
    }
