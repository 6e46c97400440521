"""``va-space train``."""

from typing import Annotated, Literal

import typer

from va_space.commands.common import console, needs_extra, remark


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="A recipe (.toml), or one that ships: smoke, open, paper, distil-pictures, "
            "distil-pictures-whole, distil-music.",
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
