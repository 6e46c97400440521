"""``va-space demo``."""

from pathlib import Path
from typing import Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Model,
    Precision,
    needs_extra,
    open_space,
    remark,
    show_table,
)


@VERBS.register("demo")
def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the page, its pictures and its music.")
    ] = Path("demo-output"),
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Find music for photographs, with nothing but what is installed, and show it as a page.

    The photographs come with scikit-learn and scikit-image, the music is public-domain music that comes with
    this package. No network is used. The page, index.html in the output folder, has players for the music.
    """
    with needs_extra("The demo", "demo"):
        from va_space.demo.run import run_demo

    result = run_demo(output, open_space(model, device, precision), remark)
    show_table(result.rows, as_json)
    remark(f"Open {result.page.absolute().as_uri()} in a browser")
