"""The command as a process among others: signals, standard output and error."""

import io
import os
import signal
import sys
import warnings
from contextlib import suppress
from types import FrameType
from typing import TextIO


def end_as_interrupted() -> None:
    """Let SIGTERM and SIGHUP end the command as Ctrl-C does: what is finished is kept.

    A signal that is ignored, as nohup does it with SIGHUP, stays so.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _interrupt)


def keep_codecs_quiet() -> None:
    """Keep what libraries write to standard error by themselves away from it; the command's own stays.

    They tell of damaged files without naming them, hundreds of lines in a folder; what is wrong with a file
    is said in its own error. ``--debug`` shows them.
    """
    warnings.simplefilter("ignore")
    if sys.stderr is None:
        return
    try:
        own = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # closed by whoever started the command
        return
    sys.stderr.flush()
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = os.fdopen(own, "w", buffering=1, encoding=sys.stderr.encoding, errors=sys.stderr.errors)


def note_old_names() -> None:
    """Say on standard error when an old name of ours is used, which Python shows to programmers only."""
    warnings.filterwarnings("default", category=DeprecationWarning, module="va_space")
    warnings.showwarning = _note


def _note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    sys.stderr.write(f"Note: {message}\n")


def notice_closed_output() -> None:
    """Make writing to standard output an error if it was closed by whoever started the command."""
    if sys.stdout is None:
        with suppress(OSError):  # the next file that is opened must not become standard output
            os.open(os.devnull, os.O_WRONLY)
        sys.stdout = _Closed()


def flush_or_fail() -> None:
    """Write what waits for standard output; end with status 1 if it cannot be."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        if not isinstance(error, BrokenPipeError):  # | head has what it wanted
            sys.stderr.write(f"Error: standard output cannot be written ({error})\n")
        # Python would try again when it ends, and complain in its own way.
        os._exit(1)


class _Closed(io.TextIOBase):
    def write(self, text: str) -> int:
        raise OSError("standard output is closed")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
