"""``va-space index``."""

from pathlib import Path
from typing import Annotated

import typer

from va_space.commands.common import (
    BatchSize,
    Device,
    Model,
    Precision,
    leave,
    open_space,
    progress_bar,
    remark,
    report,
)


def index(
    music: Annotated[
        list[Path],
        typer.Argument(metavar="MUSIC", help="Folders of music, or music files.", show_default=False),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder of the library, made or updated.", show_default=False),
    ],
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
) -> None:
    """Make a library of music that pictures, tracks and feelings can be matched with.

    The library then holds the music that was given, and nothing else: run it again after the music has
    changed. Pictures beside the music, such as covers, are passed over.
    """
    from va_space.retrieval.index import index as run

    space = open_space(model, device, precision)
    with progress_bar("Indexing") as progress:
        indexed = run(space, music, output, batch_size=batch_size, progress=progress)
    for failure in indexed.failures:
        report(failure)
    tracks = len(indexed.library)
    remark(f"{tracks} tracks in {output}; search them: va-space search PICTURE --library {output}")
    leave(indexed.failures, tracks + len(indexed.failures))
