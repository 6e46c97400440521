"""``va-space embed``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from va_space.commands.common import (
    BatchSize,
    Device,
    Inputs,
    Model,
    Precision,
    leave,
    open_space,
    remark,
    with_progress,
)

if TYPE_CHECKING:
    from va_space.space import Failure


def embed(
    paths: Inputs,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="File to write: .parquet (any number of inputs in constant memory), .npz or .safetensors.",
            show_default=False,
        ),
    ],
    model: Model = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    precision: Precision = "auto",
) -> None:
    """Write the vectors of pictures and music to a file, with their valence and arousal.

    One row for each input that could be read: path, modality, vector (512 numbers, unit length), valence,
    arousal. A track's vector is the normalised mean over its windows. The file's metadata says which model
    made it. The file appears when it is complete; what could not be read is reported and left out.
    """
    from va_space.media.kinds import find_media
    from va_space.retrieval.export import FORMATS, export_vectors

    if output.suffix not in FORMATS:
        raise typer.BadParameter(f"the name must end in {', '.join(FORMATS)}", param_hint="--output")
    found = list(find_media(paths))
    space = open_space(model, device, precision)
    failures: list[Failure] = []
    results = space.encode_iter(found, batch_size=batch_size)
    written = export_vectors(space, with_progress(results, len(found), failures), output)
    remark(f"{written} vectors in {output}" if written else f"Nothing to write: {output} was not made.")
    leave(failures, len(found))
