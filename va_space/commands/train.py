"""``va-space train``."""

from typing import Annotated, Literal

import typer

from va_space.commands import VERBS
from va_space.commands._common import console, needs_extra, remark
from va_space.training.shipped import shipped_recipes


@VERBS.register("train")
def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help=f"A recipe (.toml), or one that ships: {', '.join(shipped_recipes())}.",
            show_default=False,
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="Values that replace the recipe's, such as schedule.epochs=3 data.root=/data.",
            show_default=False,
        ),
    ] = None,
    devices: Annotated[int, typer.Option(min=1, help="Processes, one for each device.")] = 1,
    accelerator: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="What they compute on.")
    ] = "auto",
) -> None:
    """Train a space, or continue a training that was stopped.

    The recipe says everything: data, networks, losses, schedule, and the folder that gets checkpoints, logs
    and the finished model. The same command continues from the last checkpoint.
    """
    with needs_extra("Training", "train"):
        from va_space.training.train import train as run

    folder = run(recipe, overrides or [], devices=devices, accelerator=accelerator, console=console)
    remark(f"The result is in {folder}")
