"""``va-space tags``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Every,
    Model,
    Precision,
    leave,
    open_space,
    progress_bar,
    remark_notes,
    remark_passed_over,
    report,
    show_table,
)
from va_space.text import valid_unicode

if TYPE_CHECKING:
    from va_space.generation.tags.description import TrackDescription
    from va_space.generation.tags.stems import StemModel
    from va_space.space import VASpace


@VERBS.register("tags")
def tags(
    tracks: Annotated[
        list[Path],
        typer.Argument(metavar="TRACK...", help="Recordings, or folders of them.", show_default=False),
    ],
    stems: Annotated[
        bool, typer.Option("--stems", help="Separate the sources, and tell the instruments in each.")
    ] = False,
    stem_model: Annotated[
        Path | None,
        typer.Option(
            envvar="VA_SPACE_STEMS",
            help="For --stems: folder or .safetensors file of a Demucs network. Default: the one that was "
            "downloaded before.",
            show_default=False,
        ),
    ] = None,
    lyrics: Annotated[
        Path | None,
        typer.Option(
            help="A .txt or .lrc file with what is sung; for several tracks a folder of files named alike.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    every: Every = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Tell what is in music: genre, mood, voice, instruments, feeling, tempo, key, loudness and sections.

    Genre, mood and voice come from the tags that MusiCNN learnt from the Million Song Dataset, instruments
    and sounds from the classes that YAMNet learnt from AudioSet. What a tagger gives a higher probability
    than to nine of ten recordings counts as heard; what stands out most comes first.

    Valence and arousal are percentiles among recordings, 0 to 1. Loudness is in LUFS, of both channels mixed.
    Sections are intro, verse, chorus, build, drop, climax, break, bridge, outro, or part, which is none of
    these.

    --stems needs the extra stems and weights, which are never downloaded unasked: see docs/tags.md.
    """
    from va_space.errors import MissingExtraError, VASpaceError
    from va_space.generation.tags import describe
    from va_space.media.kinds import find_media
    from va_space.media.spectra import check_librosa
    from va_space.space import Failure

    check_librosa("Telling what is in music", "tags")
    passed_over: list[Path] = []
    paths = list(find_media(tracks, every=every, passed_over=passed_over))
    if lyrics is not None and len(paths) > 1 and not lyrics.is_dir():
        raise typer.BadParameter("for several tracks, name a folder of lyrics", param_hint="--lyrics")
    space = open_space(model, device, precision)
    separator = _separator(space, stem_model) if stems or stem_model is not None else None
    found: list[TrackDescription] = []
    failures: list[Failure] = []
    with progress_bar("Listening") as progress:
        for index, path in enumerate(paths):

            def show(what: str, seconds: float, name: str = path.name) -> None:
                progress(round(seconds), None, f"{what}: {name}, seconds")

            try:
                found.append(
                    describe(space, path, stems=separator, lyrics=_lyrics_of(path, lyrics), progress=show)
                )
            except VASpaceError as error:
                if isinstance(error, MissingExtraError) and "'tags'" in str(error):
                    raise
                failures.append(Failure(index, path, getattr(error, "reason", str(error))))
                report(failures[-1])
            else:
                remark_notes(path, found[-1].notes)
    if as_json:
        show_table([each.to_dict() for each in found], as_json=True)
    else:
        for each in found:
            show_table([*_rows(each)], as_json=False)
    remark_passed_over(passed_over, every)
    leave(failures, len(paths))


def _separator(space: "VASpace", source: Path | None) -> "StemModel":
    from va_space.generation.tags.stems import load_stem_model

    return load_stem_model(source, space.device)


def _lyrics_of(track: Path, lyrics: Path | None) -> Path | None:
    """The file of lyrics of a track; in a folder the one with its name, if there is one."""
    if lyrics is None or not lyrics.is_dir():
        return lyrics
    files = (lyrics / f"{track.stem}{ending}" for ending in (".lrc", ".txt"))
    return next((file for file in files if file.is_file()), None)


def _rows(found: "TrackDescription") -> Iterator[dict[str, str]]:
    """Lines of a table: the track, what it is about, and what was heard."""
    from va_space.generation.tags.words import lines_about

    for what, heard in lines_about(found):
        yield {"track": valid_unicode(Path(found.path).name), "what": what, "heard": heard}
