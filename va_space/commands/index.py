"""``va-space index``."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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

if TYPE_CHECKING:
    from va_space.emotion.reference import Kind
    from va_space.retrieval.index import Indexed
    from va_space.retrieval.library import Library, Media


@VERBS.register("index")
def index(
    media: Annotated[
        list[Path],
        typer.Argument(
            metavar="MUSIC", help="Folders of music, or music files; or pictures.", show_default=False
        ),
    ],
    output: Annotated[
        str,
        output_option("The library, made or updated: a folder, or a URI such as s3://bucket/library."),
    ],
    kind: Annotated[
        Literal["music", "pictures", "recording", "rendering", "photograph", "painting"] | None,
        typer.Option(
            help="What the library holds: music or, closer, recordings, or renderings of notes; or pictures, "
            "or photographs, or paintings. Default: what it held before; of a new one, music. What is not "
            "said is detected.",
            show_default=False,
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Drop tracks or pictures whose file is gone.")
    ] = False,
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
    """Make a library of music, or of pictures, that files and feelings can be matched with, or update it.

    Only new and changed files are read, and moved ones are recognised. Tracks whose file is gone stay
    until --prune. Pictures beside the music, such as covers, are passed over; with --kind pictures, music
    beside them. Interrupt it whenever you like: run again, it goes on from there.
    """
    from va_space.errors import LibraryError
    from va_space.retrieval.index import index as run
    from va_space.retrieval.library import Library
    from va_space.retrieval.rebuild import plan
    from va_space.retrieval.relative import basis_of

    space = open_space(model, device, precision)
    there = None
    if Library.exists(output):
        with suppress(LibraryError):  # of a layout that cannot be read any more: nothing to tell about it
            there = Library.open(output)
    holds, taken_for = _read_kind(kind, there)
    if there and rebuild and there.media == holds:
        remark(f"{plan(space, there)}.")
    try:
        with progress_bar("Indexing") as progress:
            done = run(
                space,
                media,
                output,
                kind=holds,
                taken_for=taken_for,
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
    remark(_told(done, prune))
    if done.missing:
        such = f"whose file is gone (such as {printable(done.missing[0])})"
        gone = f"{len(done.missing)} {done.library.entries} {such}"
        remark(f"{gone} were dropped." if prune else f"{gone} stay in the library; --prune drops them.")
    remark_passed_over(done.passed_over, every)
    if space.reference is not None and (basis := basis_of(done.library)):
        remark(basis)
    query = "PICTURE" if holds == "music" else "TRACK"
    found = f"{len(done.library)} {done.library.entries} in {output}"
    remark(f"{found}; search them: va-space search {query} --library {output}")
    read = done.added + done.changed + done.moved + done.unchanged
    leave(done.failures, read + len(done.failures))


def _told(done: "Indexed[Library]", prune: bool) -> str:
    """What the run did, beside what the library had and has, in one line."""
    gone = len(done.missing)
    already = len(done.library) - done.added - done.changed - done.moved - (0 if prune else gone)
    counts = {
        "added": done.added,
        "changed": done.changed,
        "moved": done.moved,
        "there already": already,
        "gone": gone,
    }
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what == "added")


def _read_kind(kind: str | None, there: "Library | None") -> "tuple[Media, Kind | None]":
    """What ``--kind`` says that a library holds, and what most of that is, if it says so."""
    from va_space.emotion.reference import KINDS_OF
    from va_space.retrieval.index import LIBRARIES

    for media, library in LIBRARIES.items():
        for known in KINDS_OF[library.modality]:
            if kind == known:
                return media, known
        if kind == media:
            return media, None
    return (there.media if there else "music"), None
