"""``va-space generate``."""

from pathlib import Path
from typing import Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import remark


@VERBS.register("generate")
def generate(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="A sound, or a picture.", show_default=False)
    ],
    model: Annotated[
        Path,
        typer.Option(
            "--model",
            "-m",
            help="Folder that `va-space train sound-to-picture` or picture-to-sound has made.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="The picture (.png) or the sound (.wav, .flac).", show_default=False
        ),
    ],
    takes: Annotated[int, typer.Option(min=1, max=100, help="So many; they are numbered.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of all randomness.")] = 0,
) -> None:
    """Make a picture of the instrument that is heard, or a sound of the one that is seen.

    By a model of your own: none ships. Pictures and sounds are as small as those it learnt from.
    """
    from va_space.generation.crossmodal import Crossmodal

    made = Crossmodal.load(model).save_takes(source, output, takes, seed)
    remark(f"Wrote {', '.join(map(str, made))}")
