"""``va-space doctor``."""

from dataclasses import asdict

import typer

from va_space.commands import VERBS
from va_space.commands._common import AsJson, Model, show_table


@VERBS.register("doctor")
def doctor(as_json: AsJson = False, model: Model = None) -> None:
    """Show what this installation has, what it lacks, and what to do about it.

    Versions, extras, devices, codecs, the model, caches. What is missing is optional; a problem is not, and
    makes the exit status 1. Put the output into a report of an error.
    """
    from va_space.commands._doctor import findings

    rows = [asdict(finding) for finding in findings(model)]
    show_table(rows, as_json)
    if any(row["state"] == "problem" for row in rows):
        raise typer.Exit(1)
