"""``va-space paint``."""

from pathlib import Path
from typing import Annotated, Any, Literal

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
from va_space.commands._paint import (
    check_engine,
    check_text,
    embed_in,
    graded_for,
    has_section,
    made_for,
    names_of,
    read_size,
    row_of,
    size_note,
    text_of,
)


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
    from va_space.generation.artwork.files import save_artwork
    from va_space.media.cover_art import check_embeddable
    from va_space.space import Failure

    wanted = read_size(size, cover)
    names = names_of(tracks, output, kind)
    check_text(tracks, cover, title, artist)
    only_diffusion = {
        "--prompt": prompt,
        "--negative": negative,
        "--language": language,
        "--network": network,
        "--guidance": guidance,
        "--start": start,
        "--low-memory": low_memory or None,
    }
    check_engine(engine, pictures, motif, only_diffusion)
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
        if not has_section(tracks, description, section, failures):
            continue
        if pictures is not None:
            made = graded_for(space, description, pictures, request, strength, failures)
        else:
            made = made_for(space, description, request, engine, language)
        text = text_of(track, title, artist) if cover else None
        for take, artwork in enumerate(made, start=1):
            path = names[track] if takes == 1 else names[track].with_stem(f"{names[track].stem}-{take}")
            with progress_bar("Painting") as bar:
                done = save_artwork(artwork, path, wanted or artwork.usual_size, text, bar)
            remark_notes(path, (*artwork.notes, *done.notes, *size_note(path)))
            if embed and take == 1:
                try:
                    embed_in(track, artwork, text)
                except MediaError as error:
                    failures.append(Failure(tracks.index(track), track, error.reason))
                    report(failures[-1])
            rows.append(row_of(path, description, artwork))
    show_table(rows, as_json)
    leave(failures, len(tracks))
