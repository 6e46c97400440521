"""Files that are complete or not there."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
