"""``va-space embed``."""

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
    Texts,
    about,
    complain,
    open_space,
    output_option,
    progress_bar,
    remark,
    remark_passed_over,
)
from va_space.export.formats import endings
from va_space.text import printable

if TYPE_CHECKING:
    from va_space.export.texts import TextSource


@VERBS.register("embed")
def embed(
    output: Annotated[
        str,
        output_option(
            f"File or URI to write, {', '.join(endings()[:-1])}. Parquet takes any number of inputs in "
            "constant memory. A name that ends in / becomes a folder of parquet files."
        ),
    ],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Pictures, music, folders of them, or URIs such as s3://bucket/folder, mixed as you like.",
            show_default=False,
        ),
    ] = None,
    texts: Texts = None,
    text_files: Annotated[
        list[Path] | None,
        typer.Option(
            "--texts",
            metavar="FILE",
            help="A file of texts: .txt, one a line; or a table, .csv .tsv .parquet. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[str, typer.Option(metavar="NAME", help="Of a table: where its texts are.")] = "text",
    windows: Annotated[
        bool, typer.Option("--windows", help="One row a window of music, with its start, instead of a track.")
    ] = False,
    window_seconds: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=60,
            help="Length of the windows. Default: 10 for the model that ships, on which it was trained.",
            show_default=False,
        ),
    ] = None,
    every: Every = False,
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="ray: a Ray Data job, here or on a cluster (RAY_ADDRESS).")
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes of Ray, each with the model. Default: one for each GPU, or else each CPU.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the vectors of pictures, music and texts to a file, with their valence and arousal.

    One row for each input that could be read: path, modality, vector (512 numbers, unit length), valence,
    arousal; with --windows also the start in seconds. The file's metadata says which model made it. A track's
    vector is the normalised mean over its windows. Texts, which need the extra text, come after files, each
    with the text itself, and with the number of its line or row as its path: reviews.csv:3. What could not be
    read is reported, and listed in NAME.failures.parquet.

    The file appears when it is complete. If the work is interrupted, the same command continues it: what is
    finished waits in NAME.parts beside the output.
    """
    from va_space.export import export, read_texts

    if not output.endswith(endings()):
        raise typer.BadParameter(f"the name must end in {', '.join(endings())}", param_hint="--output")
    if window_seconds is not None and not windows:
        raise typer.BadParameter("needs --windows", param_hint="--window-seconds")
    if not (paths or texts or text_files):
        raise typer.BadParameter("name a file, a --text, or a file of --texts", param_hint="PATH")
    read: list[str | TextSource] = [*(texts or [])]
    for file in text_files or []:
        with about("--texts"):
            read += read_texts(file, column)
    space = open_space(model, device, precision)
    try:
        space.encode_iter([], window_seconds=window_seconds)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--window-seconds") from error
    with progress_bar("Embedding") as progress:
        done = export(
            space,
            paths or [],
            output,
            windows=windows,
            window_seconds=window_seconds,
            batch_size=batch_size,
            engine=engine,
            workers=workers,
            progress=progress,
            failed=lambda path, reason: complain(f"{path}: {reason}"),
            noted=lambda path, note: remark(f"{printable(path)}: {note}"),
            every=every,
            texts=read,
        )
    if done.resumed:
        remark(f"{done.resumed} of {done.inputs} inputs had been done by an earlier run.")
    remark(f"{done.rows} vectors in {output}" if done.output else f"Nothing to write: {output} was not made.")
    remark_passed_over(done.passed_over, every)
    if done.failed:
        complain(f"{done.failed} of {done.inputs} inputs failed; they are listed in {done.failures}")
        raise typer.Exit(1)
