"""How far a command has come: a bar on a terminal, elsewhere a line now and then; times, sizes in words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console

from va_space.text import printable

# Without a terminal, progress is a line after so many seconds, then more and more rarely.
FIRST_LINE_SECONDS, LINE_SECONDS = 5.0, 60.0


class Bar(Protocol):
    """What sets a progress bar."""

    def __call__(self, done: int, total: int | None, what: str | None = None, /) -> None:
        """So many are done, of so many, if that is known; of what, if it is another work than before."""


@contextmanager
def progress_on(console: Console, description: str) -> Iterator[Bar]:
    """Show progress on a console; yields what sets it."""
    if not console.is_terminal:
        lines = _Lines(console, description)
        yield lines
        lines.end()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total, what=None: bar.update(
            task, completed=done, total=total, description=what or description
        )


class _Lines:
    """Progress as lines, the last of which says that all is done and how long it took."""

    def __init__(self, console: Console, description: str) -> None:
        self._console, self._description = console, description
        self._begun = self._said = time.monotonic()
        self._pause = min(FIRST_LINE_SECONDS, LINE_SECONDS)
        self._any = False
        self._what, self._since, self._from = description, self._begun, 0

    def __call__(self, done: int, total: int | None, what: str | None = None, /) -> None:
        now = time.monotonic()
        if (what or self._description) != self._what:
            self._what, self._since, self._from = what or self._description, now, done
        if now - self._said >= self._pause:
            self._said, self._pause, self._any = now, min(2 * self._pause, LINE_SECONDS), True
            of = "" if total is None else f" of {total:,}{self._left(done, total, now)}"
            self._say(f"{self._what}: {done:,}{of}")

    def end(self) -> None:
        """The work is done."""
        if self._any:
            self._say(f"{self._description}: done in {duration(time.monotonic() - self._begun)}")

    def _left(self, done: int, total: int, now: float) -> str:
        """How long it will take at the pace so far."""
        came = done - self._from
        if came <= 0 or done >= total:
            return ""
        return f", about {duration((now - self._since) / came * (total - done))} to go"

    def _say(self, line: str) -> None:
        self._console.print(printable(line), markup=False)


def duration(seconds: float) -> str:
    """Seconds in words, to two digits or so.

    >>> [duration(seconds) for seconds in (0.4, 59, 100, 7300)]
    ['0.4 s', '59 s', '1 min 40 s', '2 h 1 min']
    """
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Bytes in words.

    >>> [size(count) for count in (900, 20_000, 17_400_000)]
    ['900 bytes', '20 kB', '17.4 MB']
    """
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"
