"""Files that are complete or not there."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from va_space.errors import ConfigError


def require_ending(path: str | Path, what: str, endings: Iterable[str]) -> None:
    """Refuse, before the work, to write to a file whose name has another ending.

    Args:
        path: The file to write.
        what: What it gets, in the plural, such as "videos".
        endings: Those that say how it can be written, in lower case, with their dots.

    Raises:
        ConfigError: The name ends with none of them.

    Example:
        >>> require_ending("cover.gif", "covers", [".png", ".jpg"])
        Traceback (most recent call last):
        ...
        va_space.errors.ConfigError: cover.gif: covers end with .png, .jpg
    """
    endings = tuple(endings)
    if Path(path).suffix.lower() not in endings:
        raise ConfigError(f"{path}: {what} end with {', '.join(endings)}")


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A place beside a file to write to, which becomes the file when the block ends well.

    Missing folders are made. If the block raises, the file stays as it was. Its permissions are those that
    the user's umask gives, however it was written: some libraries write files that only their owner can read.

    Args:
        path: The file to write or replace.

    Yields:
        The path to write to; it has the same ending.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        beside.touch()
        mode = stat.S_IMODE(beside.stat().st_mode)
        beside.unlink()
        yield beside
        if beside.is_file():
            beside.chmod(mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
