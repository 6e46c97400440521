"""``va-space index``."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    BatchSize,
    Device,
    Every,
    Model,
    Precision,
    leave,
    open_space,
    output_option,
    progress_bar,
    remark,
    remark_passed_over,
    report,
)
from va_space.text import printable


@VERBS.register("index")
def index(
    music: Annotated[
        list[Path],
        typer.Argument(metavar="MUSIC", help="Folders of music, or music files.", show_default=False),
    ],
    output: Annotated[
        str,
        output_option("The library, made or updated: a folder, or a URI such as s3://bucket/library."),
    ],
    prune: Annotated[bool, typer.Option("--prune", help="Drop tracks whose file is gone.")] = False,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="Make it anew, as another model needs it; the old one is kept until that is whole.",
        ),
    ] = False,
    every: Every = False,
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
) -> None:
    """Make a library of music that pictures, tracks and feelings can be matched with, or update it.

    Only new and changed files are read, and moved ones are recognised. Tracks whose file is gone stay
    until --prune. Pictures beside the music, such as covers, are passed over. Interrupt it whenever you
    like: run again, it goes on from there.
    """
    from va_space.errors import LibraryError
    from va_space.retrieval.index import index as run
    from va_space.retrieval.library import MusicLibrary
    from va_space.retrieval.rebuild import plan

    space = open_space(model, device, precision)
    if rebuild and MusicLibrary.exists(output):
        with suppress(LibraryError):  # of a layout that cannot be read any more: nothing to tell about it
            remark(f"{plan(space, MusicLibrary.open(output))}.")
    try:
        with progress_bar("Indexing") as progress:
            done = run(
                space,
                music,
                output,
                batch_size=batch_size,
                prune=prune,
                rebuild=rebuild,
                every=every,
                progress=progress,
            )
    except KeyboardInterrupt:
        remark("Interrupted. What was embedded is in the library; the same command goes on from there.")
        raise
    for path, note in done.notes:
        remark(f"{printable(path)}: {note}")
    for failure in done.failures:
        report(failure)
    counts = {"added": done.added, "changed": done.changed, "moved": done.moved, "unchanged": done.unchanged}
    remark(", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing added")
    if done.missing:
        gone = f"{len(done.missing)} tracks whose file is gone (such as {printable(done.missing[0])})"
        remark(f"{gone} were dropped." if prune else f"{gone} stay in the library; --prune drops them.")
    remark_passed_over(done.passed_over, every)
    remark(f"{len(done.library)} tracks in {output}; search them: va-space search PICTURE --library {output}")
    leave(done.failures, sum(counts.values()) + len(done.failures))
