"""``va-space paint``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from va_space.commands import VERBS
from va_space.commands._artwork import Language, Lyrics, SectionOption, Seed, heard
from va_space.commands._common import (
    AsJson,
    Device,
    Model,
    Precision,
    leave,
    open_space,
    output_option,
    progress_bar,
    remark_notes,
    report,
    show_table,
)
from va_space.text import printable

if TYPE_CHECKING:
    from va_space.generation.artwork.artwork import Artwork
    from va_space.generation.artwork.engines import Request
    from va_space.generation.artwork.files import Text
    from va_space.generation.tags.description import TrackDescription
    from va_space.space import Failure, VASpace

_COVER = (3000, 3000)


@VERBS.register("paint")
def paint(
    tracks: Annotated[list[Path], typer.Argument(metavar="TRACK...", help="Recordings.", show_default=False)],
    output: Annotated[
        Path,
        output_option("A picture (.png .jpg .svg), or a folder for pictures named after the tracks."),
    ],
    size: Annotated[
        str | None,
        typer.Option(
            metavar="WxH", help="In pixels. [default: 1600x1600; with --cover 3000x3000]", show_default=False
        ),
    ] = None,
    seed: Seed = 0,
    takes: Annotated[
        int, typer.Option(min=1, max=24, help="The best so many, each in a file of its own.")
    ] = 1,
    section: SectionOption = None,
    lyrics: Lyrics = None,
    motif: Annotated[
        str | None,
        typer.Option(
            help="What to show: city, fields, flow, forest, geometry, hills, meadow, night, sea. "
            "Default: what suits.",
            show_default=False,
        ),
    ] = None,
    candidates: Annotated[
        int, typer.Option(min=1, max=64, help="Plans for each take; the model chooses the one to paint.")
    ] = 6,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="Instead of painting, take the picture that feels most like the track out of a folder or an "
            "album of your own, and grade it to the music.",
            show_default=False,
        ),
    ] = None,
    strength: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="With --from: of the grade. [default: 0.4] With --start: how much of that picture may "
            "change. [default: 0.6]",
            show_default=False,
        ),
    ] = None,
    cover: Annotated[
        bool, typer.Option("--cover", help="A square cover with title and artist, as the track's tags say.")
    ] = False,
    title: Annotated[
        str | None, typer.Option(help="Of the cover; of a single track.", show_default=False)
    ] = None,
    artist: Annotated[str | None, typer.Option(help="Of the cover.", show_default=False)] = None,
    embed: Annotated[
        bool,
        typer.Option(
            "--embed",
            help="Also put the first picture into the track's own file, whose sound stays as it is.",
        ),
    ] = False,
    engine: Annotated[str, typer.Option(help="painter, or diffusion, which needs a model.")] = "painter",
    prompt: Annotated[
        str | None,
        typer.Option(help="Diffusion: what to show. Default: as va-space prompt says.", show_default=False),
    ] = None,
    negative: Annotated[
        str | None, typer.Option(help="Diffusion: what not to show. Default: likewise.", show_default=False)
    ] = None,
    language: Language = None,
    network: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Diffusion: a folder that diffusers saved, or a name of docs/neural.md.",
            show_default=False,
        ),
    ] = None,
    texture: Annotated[
        float, typer.Option(min=0, max=1, help="Diffusion: from coarse to fine, 10 to 50 denoising steps.")
    ] = 0.5,
    guidance: Annotated[
        float | None,
        typer.Option(help="Diffusion: how strictly the prompt is followed.", show_default=False),
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Diffusion: a picture to start from.", show_default=False)
    ] = None,
    low_memory: Annotated[
        bool, typer.Option("--low-memory", help="Diffusion: slower, in less memory.")
    ] = False,
    download: Annotated[bool, typer.Option(help="Diffusion: fetch the model if it is not here.")] = False,
    kind: Annotated[
        Literal["png", "jpg", "svg"], typer.Option("--format", help="Of pictures in a folder.")
    ] = "png",
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Paint what is heard: a picture, or a whole cover, for each track.

    The painter needs no download: what is shown, colours, light and the marks of the brush follow from
    feeling, tempo, sections and instruments. It makes several plans; the model chooses the one that stands
    among paintings where the track stands among recordings. The same seed gives the same picture.

    Beside each picture lies a .json file with what it was made from.
    """
    from va_space.errors import MediaError
    from va_space.generation.artwork.engines import DiffusionOptions, Request
    from va_space.generation.artwork.engines.painter import find_section
    from va_space.generation.artwork.files import save_artwork
    from va_space.media.cover_art import check_embeddable
    from va_space.space import Failure

    wanted = _size(size, cover)
    names = _names(tracks, output, kind)
    _check(tracks, engine, pictures, title or artist if not cover else None, title, prompt, network)
    if embed:
        for track in tracks:
            check_embeddable(track)
    space = open_space(model, device, precision)
    request = Request(
        size=wanted,
        seed=seed,
        takes=takes,
        section=section,
        motif=motif,
        candidates=candidates,
        prompt=prompt,
        negative=negative,
        diffusion=DiffusionOptions(
            model=network,
            texture=texture,
            guidance=guidance,
            picture=start,
            strength=0.6 if strength is None else strength,
            device=device,
            low_memory=low_memory,
            download=download,
        ),
    )
    failures: list[Failure] = []
    rows: list[dict[str, Any]] = []
    for description in heard(space, tracks, lyrics, failures):
        track = Path(description.path)
        find_section(description, section)
        if pictures is not None:
            made = _own(space, description, pictures, request, strength, failures)
        else:
            made = _made(space, description, request, engine, language)
        text = _text(track, title, artist) if cover else None
        for take, artwork in enumerate(made, start=1):
            path = names[track] if takes == 1 else names[track].with_stem(f"{names[track].stem}-{take}")
            with progress_bar("Painting") as bar:
                done = save_artwork(artwork, path, wanted or artwork.usual_size, text, bar)
            remark_notes(path, (*artwork.notes, *done.notes))
            if embed and take == 1:
                try:
                    _embed(track, artwork, text)
                except MediaError as error:
                    failures.append(Failure(tracks.index(track), track, error.reason))
                    report(failures[-1])
            rows.append(_row(path, description, artwork))
    show_table(rows, as_json)
    leave(failures, len(tracks))


def _size(size: str | None, cover: bool) -> tuple[int, int] | None:
    if size is None:
        return _COVER if cover else None
    from va_space.generation.artwork.files import check_size

    sides = size.lower().replace("×", "x").split("x")
    if len(sides) == 1:
        sides *= 2
    if len(sides) != 2 or not all(side.strip().isdecimal() for side in sides):
        raise typer.BadParameter("write it as 1920x1080", param_hint="--size")
    wanted = int(sides[0]), int(sides[1])
    check_size(wanted)
    if cover and wanted[0] != wanted[1]:
        raise typer.BadParameter("covers are square", param_hint="--size")
    return wanted


def _names(tracks: Sequence[Path], output: Path, kind: str) -> dict[Path, Path]:
    """The picture of each track; in a folder it has the track's name, with a number where two share one."""
    from va_space.generation.artwork.files import check_ending

    if len(set(tracks)) < len(tracks):
        raise typer.BadParameter("a track is named twice", param_hint="TRACK")
    if output.suffix and not output.is_dir():
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


def _check(
    tracks: Sequence[Path],
    engine: str,
    pictures: Path | None,
    lost: str | None,
    title: str | None,
    prompt: str | None,
    network: str | None,
) -> None:
    """What would be ignored is an error."""
    if lost:
        raise typer.BadParameter("only covers have text: add --cover", param_hint="--title, --artist")
    if title is not None and len(tracks) > 1:
        raise typer.BadParameter("a title belongs to a single track", param_hint="--title")
    if pictures is not None and (engine != "painter" or prompt or network):
        raise typer.BadParameter("your own pictures are graded, not painted", param_hint="--from")
    if network is not None and engine == "painter":
        raise typer.BadParameter("add --engine diffusion", param_hint="--network")


def _made(
    space: "VASpace",
    description: "TrackDescription",
    request: "Request",
    engine: str,
    language: str | None,
) -> "Sequence[Artwork]":
    from dataclasses import replace

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


def _own(
    space: "VASpace",
    description: "TrackDescription",
    pictures: Path,
    request: "Request",
    strength: float | None,
    failures: "list[Failure]",
) -> "Sequence[Artwork]":
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


def _text(track: Path, title: str | None, artist: str | None) -> "Text":
    from va_space.generation.artwork.files import Text
    from va_space.retrieval.metadata import read_metadata

    known = read_metadata(track)
    return Text(known.title if title is None else title, known.artist if artist is None else artist)


def _embed(track: Path, artwork: "Artwork", text: "Text | None") -> None:
    from va_space.generation.artwork.files import finished
    from va_space.media.cover_art import SIDE, embed_cover

    embed_cover(track, finished(artwork, (SIDE, SIDE), text))


def _row(path: Path, description: "TrackDescription", artwork: "Artwork") -> dict[str, Any]:
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
