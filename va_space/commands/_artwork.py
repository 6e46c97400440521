"""What the verbs that make pictures share: options, and listening to tracks."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from va_space.commands._common import progress_bar, remark_notes, report

if TYPE_CHECKING:
    from va_space.generation.tags.description import TrackDescription
    from va_space.space import Failure, VASpace

SectionOption = Annotated[
    str | None,
    typer.Option(
        help="Go by one section, such as intro, chorus or drop; va-space tags lists them.", show_default=False
    ),
]
Lyrics = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="What is sung: text or .lrc; of a single track.", show_default=False),
]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Another seed, another picture.")]
Language = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help="Let this instruct model write the prompt: a folder, or a name of docs/neural.md; "
        "needs the extra neural.",
        show_default=False,
    ),
]


def heard(
    space: "VASpace", tracks: list[Path], lyrics: Path | None, failures: "list[Failure]"
) -> "Iterator[TrackDescription]":
    """Descriptions of tracks, one after another; those that cannot be read are reported and passed over."""
    from va_space.errors import MediaError
    from va_space.generation.tags import describe
    from va_space.media.spectra import check_librosa
    from va_space.space import Failure

    if lyrics is not None and len(tracks) > 1:
        raise typer.BadParameter("lyrics belong to a single track", param_hint="--lyrics")
    check_librosa("Listening for pictures", "tags")
    for index, track in enumerate(tracks):
        try:
            with progress_bar(f"Listening: {track.name}") as bar:
                found = describe(
                    space,
                    track,
                    lyrics=lyrics,
                    progress=lambda what, seconds: bar(round(seconds), None, f"{what}, seconds"),
                )
        except MediaError as error:
            failures.append(Failure(index, track, error.reason))
            report(failures[-1])
            continue
        remark_notes(track, found.notes)
        yield found
