"""What the verbs share: their common options, opening a model, tables, reports of failures."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from typer.models import OptionInfo

from va_space.atomic import require_ending
from va_space.commands._progress import Bar, progress_on
from va_space.errors import ConfigError, MissingExtraError
from va_space.text import printable

if TYPE_CHECKING:
    from va_space.feedback.profile import Profile
    from va_space.space import Encoded, Failure, VASpace

# Files that are named where there may be thousands.
_NAMED = 5
# Characters of a word, such as a path, from which it may be broken in a table.
_FOLDED = 16
console = Console(stderr=True, highlight=False, soft_wrap=True)

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help="Pictures, music, or folders of them, mixed as you like.", show_default=False
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="A folder with a saved model, or hf-hub:org/name. Default: the model that ships.",
        show_default=False,
    ),
]
Device = Annotated[
    str | None,
    typer.Option(help="cpu, cuda, cuda:1, mps, ... Default: the accelerator, if any.", show_default=False),
]
BatchSize = Annotated[int, typer.Option(min=1, help="Pictures, or windows of music, computed at once.")]
Precision = Annotated[
    Literal["auto", "bf16", "fp32"], typer.Option(help="auto is bf16 where that is faster.")
]
Every = Annotated[
    bool, typer.Option("--all", help="Also try files in folders whose ending is not known, by their content.")
]
KindOption = Annotated[
    Literal["photograph", "painting", "recording", "rendering"] | None,
    typer.Option("--kind", help="What the inputs are. Default: detected.", show_default=False),
]
Texts = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        metavar="TEXT",
        help="A text, also of one word; needs the extra text. Can be repeated.",
        show_default=False,
    ),
]


@contextmanager
def about(option: str, error: type[Exception] = ConfigError) -> Iterator[None]:
    """Say of what cannot be asked for by which option it was; it is wrong usage.

    Args:
        option: The option or argument.
        error: What the block raises then.
    """
    try:
        yield
    except error as raised:
        raise typer.BadParameter(str(raised), param_hint=option) from raised


def _html(page: Path | None) -> Path | None:
    if page is not None:
        with about("--report"):
            require_ending(page, "pages", (".html", ".htm"))
    return page


Page = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.html",
        help="Also write a page that shows and plays the results.",
        show_default=False,
        callback=_html,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH",
        help='Leave out a file, a folder, or a pattern such as `"*live*"`. Can be repeated.',
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")]


ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Answer as the ratings of this profile teach; me is the usual one (va-space feedback).",
        show_default=False,
    ),
]


def output_option(what: str) -> OptionInfo:
    """``--output``, ``-o``, which has to be given; `what` is its help."""
    option: OptionInfo = typer.Option("--output", "-o", help=what, show_default=False)
    return option


def complain(message: str) -> None:
    """Write lines for people to standard error."""
    console.print(_lines(message), style="red", markup=False)


def remark(message: str) -> None:
    """Write lines that are no error to standard error."""
    console.print(_lines(message), markup=False)


def _lines(message: str) -> str:
    # A message may name a file; a file's name may hold orders to the terminal.
    return "\n".join(map(printable, message.split("\n")))


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """Turn a failed import within the block into the name of the extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(what, extra, f"({error})") from error


def open_space(model: str | None, device: str | None, precision: str) -> "VASpace":
    """The model that the options name."""
    from va_space.space import VASpace

    return VASpace.from_pretrained(model, device=device, precision=precision)


def open_profile(name: str | None, space: "VASpace") -> "Profile | None":
    """The profile that --profile names, with a remark on what it says."""
    if name is None:
        return None
    from va_space.feedback import Feedback

    profile = Feedback().profile(name, space.fingerprint)
    profile.check_use(space)
    remark(profile.words)
    return profile


def show_table(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Write rows with the same keys to standard output.

    A terminal gets a table, or where that were too narrow a line for each value; a pipe or file gets
    tab-separated lines with a heading: a table would be cut to 80 columns there.
    """
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        return
    cells = [[_cell(value) for value in row.values()] for row in rows]
    screen = Console()
    if not screen.is_terminal:
        for line in [list(rows[0]), *cells]:
            typer.echo("\t".join(line))
        return
    _show_on(screen, rows[0], cells)


def _show_on(screen: Console, first: Mapping[str, Any], cells: list[list[str]]) -> None:
    """Rows of cells on a terminal, with the headings and types of the first."""
    from rich.table import Table

    headings = [name.replace("_", " ") for name in first]
    widths = [
        max(_longest_word([heading]), min(_longest_word(column), _FOLDED))
        for heading, column in zip(headings, zip(*cells, strict=True), strict=True)
    ]
    if sum(width + 3 for width in widths) + 1 > screen.width:
        for line in cells:
            record = Table(show_header=False, box=None, pad_edge=False)
            for heading, cell in zip(headings, line, strict=True):
                record.add_row(f"{heading}:", cell)
            screen.print(record, "", markup=False)
        return
    table = Table()
    for heading, value, width in zip(headings, first.values(), widths, strict=True):
        justify: Literal["left", "right"] = "left" if isinstance(value, str) else "right"
        table.add_column(heading, justify=justify, overflow="fold", min_width=width)
    for line in cells:
        table.add_row(*line)
    screen.print(table, markup=False)


def _longest_word(texts: Iterable[str]) -> int:
    return max((len(word) for text in texts for word in text.split()), default=1)


def show_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same keys to standard output as CSV, with a heading."""
    if not rows:
        return
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    typer.echo(file.getvalue(), nl=False)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = "" if value is None else str(value)
    return printable("".join(" " if sign.isspace() else sign for sign in text))


def progress_bar(description: str) -> AbstractContextManager[Bar]:
    """Show a bar on standard error, or without a terminal a line now and then; yields what sets it."""
    return progress_on(console, description)


def with_progress(
    results: "Iterable[Encoded | Failure]", total: int, failures: "list[Failure]"
) -> "Iterator[Encoded]":
    """Pass on what could be embedded; show progress, and report each input that could not.

    Args:
        results: What :meth:`va_space.space.VASpace.encode_iter` yields.
        total: How many results there will be.
        failures: Gets the failures appended.
    """
    from va_space.space import Failure

    with progress_bar("Embedding") as progress:
        for done, result in enumerate(results, start=1):
            progress(done, total)
            if isinstance(result, Failure):
                failures.append(result)
                report(result)
            else:
                remark_notes(result.source, result.notes)
                yield result


def remark_notes(name: object, notes: Sequence[str]) -> None:
    """Say what is to be said about an input that was used all the same."""
    for note in notes:
        remark(f"{printable(name)}: {note}")


def report(failure: "Failure") -> None:
    """Complain about an input that could not be used."""
    complain(f"{printable(failure.source)}: {failure.reason}")


def remark_passed_over(passed_over: "Sequence[Path]", every: bool) -> None:
    """Say which files in folders were not tried: the first of them by name."""
    if passed_over:
        count = len(passed_over)
        files = (
            "1 file with an unknown ending was"
            if count == 1
            else f"{count:,} files with unknown endings were"
        )
        why = "neither picture nor sound" if every else "--all tries each by its content"
        named = [printable(path) for path in passed_over[:_NAMED]]
        more = [f"{count - _NAMED:,} more"] if count > _NAMED else []
        remark(f"{files} passed over ({why}): {', '.join([*named, *more])}")


def leave(failures: "Sequence[Failure]", total: int) -> None:
    """End with status 1 and a sum if inputs failed."""
    if failures:
        complain(f"{len(failures)} of {total} inputs failed.")
        raise typer.Exit(1)
