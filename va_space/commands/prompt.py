"""``va-space prompt``."""

from pathlib import Path
from typing import Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._artwork import Language, Lyrics, SectionOption, Seed, heard
from va_space.commands._common import AsJson, Device, Model, Precision, leave, open_space, show_table
from va_space.text import printable


@VERBS.register("prompt")
def prompt(
    tracks: Annotated[list[Path], typer.Argument(metavar="TRACK...", help="Recordings.", show_default=False)],
    section: SectionOption = None,
    lyrics: Lyrics = None,
    seed: Seed = 0,
    language: Language = None,
    download: Annotated[bool, typer.Option(help="Fetch the model of --language if it is not here.")] = False,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Say what a picture for a track would show: a prompt and a negative prompt for models that paint.

    They follow from what is heard, by a template (docs/paint.md), or in the words of a local language model.
    Edit them as you like, and give them to va-space paint --prompt and --negative.
    """
    from va_space.generation.artwork.engines.painter import find_section
    from va_space.generation.prompts.rewriting import rewrite
    from va_space.generation.prompts.template import make_prompt
    from va_space.space import Failure

    space = open_space(model, device, precision)
    failures: list[Failure] = []
    rows = []
    for description in heard(space, tracks, lyrics, failures):
        made = make_prompt(description, find_section(description, section), seed)
        if language is not None:
            made = rewrite(made, language, seed=seed, device=device, download=download)
        row = {"track": printable(description.path), "prompt": made.prompt, "negative": made.negative}
        rows.append(row | ({"parts": dict(made.parts)} if as_json else {}))
    show_table(rows, as_json)
    leave(failures, len(tracks))
