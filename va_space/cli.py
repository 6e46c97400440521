"""The command line: one verb a module in :mod:`va_space.commands`, bound together here.

Standard output carries data; progress and remarks go to standard error. Exit status: 0, 1 (some inputs
failed, or the work could not be done, or its results not written), 2 (wrong usage: what was asked for cannot
be, whatever the inputs hold), 130 (interrupted).
"""

import os
import sys
from typing import Annotated

import typer

from va_space.commands import VERBS
from va_space.commands._common import complain
from va_space.commands._process import (
    end_as_interrupted,
    flush_or_fail,
    keep_codecs_quiet,
    notice_closed_output,
)
from va_space.errors import ConfigError, NoLibraryError, VASpaceError

WRONG_USAGE = (ConfigError, NoLibraryError)

app = typer.Typer(
    name="va-space",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _add_verbs() -> None:
    for name in VERBS:
        try:
            app.command(name)(VERBS[name])
        except Exception as error:  # of another distribution; ours are tested
            complain(f"The verb {name} cannot be used: {error}")


def _show_version(wanted: bool) -> None:
    if wanted:
        from va_space import __version__

        typer.echo(f"va-space {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", envvar="VA_SPACE_DEBUG", help="Show where in the code an error arose.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Pictures and music in one space of feeling: valence (pleasant?) and arousal (excited?), each 0 to 1.

    See it at work with `va-space demo`; `va-space VERB --help` explains each verb.

    Results go to standard output, progress and complaints to standard error. The exit status is 0 when all
    went well, 1 when some inputs failed, 2 for wrong usage.
    """
    if debug:
        os.environ["VA_SPACE_DEBUG"] = "1"


_add_verbs()


def main() -> None:
    """Run ``va-space`` and leave with its exit status."""
    # LanceDB tells of each empty partition of an index as a warning; it reads this when it is imported.
    os.environ.setdefault("LANCEDB_LOG", "error")
    # Threads that wait for work spinning take it from those that decode; read when torch is imported.
    if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"} & set(os.environ):
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    debug = "--debug" in sys.argv or os.environ.get("VA_SPACE_DEBUG", "0") not in ("", "0")
    if sys.stderr is sys.__stderr__:  # and not called by another program, such as a test
        end_as_interrupted()
        notice_closed_output()
        if not debug:
            keep_codecs_quiet()
    if any(not argument.strip() or argument.endswith("=") for argument in sys.argv[1:]):
        complain("Error: an empty argument; is a variable unset?")
        sys.exit(2)
    try:
        app(prog_name="va-space")
    except (VASpaceError, OSError) as error:
        if debug:
            raise
        complain(f"Error: {error}")
        sys.exit(2 if isinstance(error, WRONG_USAGE) else 1)
    finally:
        flush_or_fail()
