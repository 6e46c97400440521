"""``va-space reference``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Precision,
    open_space,
    progress_bar,
    remark,
    report,
    show_table,
)


@VERBS.register("reference")
def reference(
    model: Annotated[Path, typer.Argument(help="A folder with a saved model.", show_default=False)],
    data: Annotated[
        Path, typer.Option(envvar="VA_SPACE_DATA", help="Folder of data sets, one subfolder for each.")
    ] = Path(),
    limit: Annotated[int, typer.Option(min=50, help="Things of each data set, which are drawn.")] = 400,
    as_json: AsJson = False,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Give a model what its predictions are compared with: how they are distributed by kind.

    Photographs, paintings, recordings and renderings of the open data that are there are encoded. Besides,
    the model learns to tell the kinds apart; the table says how often that is right for themes, artists and
    songs that are held out. Of composed music, too, the model hears how it is distributed: va-space compose
    compares with that. reference.safetensors is written beside the weights, which stay as they are.
    """
    from va_space.datasets.cache import cache_folder
    from va_space.encoders.pretrained import save_reference
    from va_space.generation.music.hearing import COMPOSITION, PIECES, heard_distribution
    from va_space.training.space.reference import make_reference, open_kinds

    kinds = open_kinds(data, cache_folder(), limit)
    if not kinds:
        raise typer.BadParameter(f"{data} has none of the data sets", param_hint="--data")
    space = open_space(str(model), device, precision)
    with progress_bar("Encoding") as progress:
        made = make_reference(space, kinds, progress)
    for failure in made.failures:
        report(failure)
    with progress_bar("Hearing composed music") as progress:
        composed = heard_distribution(space, progress, min(limit, PIECES))
    distributions = {**made.reference.distributions, COMPOSITION: composed}
    save_reference(replace(made.reference, distributions=distributions), model)
    right = {each.kind: each for each in made.accuracies}
    rows = []
    for kind, distribution in distributions.items():
        low, middle, high = distribution.value([[0.05] * 2, [0.5] * 2, [0.95] * 2])
        row: dict[str, object] = {"kind": kind, "n": distribution.count}
        for axis, name in enumerate(("valence", "arousal")):
            values = (low[axis], middle[axis], high[axis])
            row[f"{name} 5% / 50% / 95%"] = " / ".join(f"{value:.3f}" for value in values)
        found = right.get(kind)  # type: ignore[call-overload]
        row |= {"groups": found and found.groups, "detected": found and round(found.right, 4)}
        rows.append(row)
    show_table(rows, as_json)
    remark(f"{model}: reference.safetensors written.")
