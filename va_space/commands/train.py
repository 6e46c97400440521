"""``va-space train``."""

from typing import Annotated

import typer


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="A recipe file (.toml) or one that ships: open, paper, smoke.", show_default=False
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
) -> None:
    """Train a space, or continue a training that was stopped.

    The recipe says everything: data, networks, losses, schedule, and the folder that gets checkpoints, logs
    and the finished model. The same command continues from the last checkpoint.
    """
    from va_space.training.loop import train as run

    run(recipe, overrides or [])
