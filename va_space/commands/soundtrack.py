"""``va-space soundtrack``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Exclude,
    Model,
    Precision,
    ProfileOption,
    about,
    open_profile,
    open_space,
    output_option,
    progress_bar,
    remark,
    show_table,
)
from va_space.text import valid_unicode

if TYPE_CHECKING:
    from va_space.production.soundtrack.cue_sheet import CueSheet


@VERBS.register("soundtrack")
def soundtrack(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="The video.", show_default=False)],
    output: Annotated[
        Path,
        output_option(
            "The video to write, .mp4 .mov .mkv .m4v; beside it a cue sheet of the same name, .json and .edl."
        ),
    ],
    library: Annotated[
        str | None,
        typer.Option(
            "--library", "-l", help="Take the music from what va-space index made.", show_default=False
        ),
    ] = None,
    composed: Annotated[bool, typer.Option("--compose", help="Compose the music instead.")] = False,
    duck: Annotated[
        bool,
        typer.Option(
            "--duck", help="Keep the video's own sound, with the music turned down where it is loud."
        ),
    ] = False,
    shortest: Annotated[float, typer.Option(help="Seconds of a cue at least.")] = 8.0,
    longest: Annotated[
        float, typer.Option(help="Seconds of a cue at most; less if the library's tracks are shorter.")
    ] = 60.0,
    fade: Annotated[
        float, typer.Option(min=0, max=10, help="Seconds in which one cue passes into the next.")
    ] = 2.0,
    loudness: Annotated[float, typer.Option(min=-40, max=-8, help="Of each cue, in LUFS.")] = -16.0,
    smoothness: Annotated[
        float, typer.Option(min=0, help="How much smooth joins weigh, against fits, which weigh 1.")
    ] = 0.25,
    exclude: Exclude = None,
    kind: Annotated[
        Literal["photograph", "painting"] | None,
        typer.Option(help="What the frames are. Default: detected.", show_default=False),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help="Also draw the scenes, what they feel like, and the cues.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of composed music.")] = 0,
    profile: ProfileOption = None,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Give a video music that follows what its shots feel like.

    Shots that feel alike share a cue. Each cue stands among the music of the library where its scene stands
    among photographs, or paintings, with joins that are smooth and lie at cuts. Cues are brought to one
    loudness and fade into each other; the pictures are copied as they are.

    The table says what is played when. wanted and track are percentiles: 0.9 is more than 90%.
    """
    from va_space.media.video.muxing import check_suffix
    from va_space.production.soundtrack.contact_sheet import check_sheet, write_sheet
    from va_space.production.soundtrack.make import make_soundtrack
    from va_space.retrieval.filters import Filters
    from va_space.retrieval.library import MusicLibrary

    if (library is None) != composed:
        raise typer.BadParameter("give either a --library or --compose", param_hint="--library")
    with about("--output"):
        check_suffix(output)
    if sheet:
        with about("--sheet"):
            check_sheet(sheet)
    _check_writable(video, [output, *_beside(output), *([sheet] if sheet else [])])
    opened = None if library is None else MusicLibrary.open(library)
    space = open_space(model, device, precision)
    known = open_profile(profile, space)
    with progress_bar("Soundtrack") as bar:
        made = make_soundtrack(
            space,
            video,
            output,
            library=opened,
            keep_sound=duck,
            shortest=shortest,
            longest=longest,
            fade=fade,
            loudness=loudness,
            smoothness=smoothness,
            filters=Filters(exclude or ()),
            kind=kind,
            profile=known,
            seed=seed,
            progress=lambda what, done, total: bar(done, total, what),
        )
    made.write(*_beside(output))
    if sheet:
        write_sheet(sheet, made)
    _say(made)
    show_table([_row(cue) for cue in made.data()["cues"]], as_json)


def _beside(output: Path) -> tuple[Path, Path]:
    return output.with_suffix(".json"), output.with_suffix(".edl")


def _check_writable(video: Path, outputs: list[Path]) -> None:
    """Find out before the work, not after it, what cannot be written or would replace the video."""
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.is_dir() or not os.access(output.parent, os.W_OK):
            raise PermissionError(f"{output}: cannot be written")
        if output.exists() and video.exists() and output.samefile(video):
            raise typer.BadParameter("would replace the video itself", param_hint="--output")


def _say(made: "CueSheet") -> None:
    shots = len({part.shot for cue in made.cues for part in cue.scene.parts})
    what = "one shot, which has no cut" if shots == 1 else f"{shots} shots"
    remark(f"{made.seconds:.1f} s, {what}; cue sheet: {', '.join(map(str, _beside(made.output)))}")
    if not made.copied:
        remark(f"The pictures were coded anew: {made.output.suffix} does not hold their coding; .mkv would.")


def _row(cue: dict[str, Any]) -> dict[str, Any]:
    wanted, track = cue["wanted"], cue["track"]
    return {
        "cue": cue["number"],
        "start": cue["start"],
        "end": cue["end"],
        "shots": len(cue["shots"]),
        "wanted valence": wanted["valence_percentile"],
        "wanted arousal": wanted["arousal_percentile"],
        "track valence": track["valence_percentile"],
        "track arousal": track["arousal_percentile"],
        "title": cue["title"],
        "artist": cue["artist"],
        "path": None if cue["path"] is None else valid_unicode(cue["path"]),
        "from": cue["source_start"],
        "gain": cue["gain_db"],
        "why": cue["why"],
    }
