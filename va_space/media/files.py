"""Opening files, with errors for people."""

from pathlib import Path
from typing import IO

from va_space.errors import MediaError

NOT_REGULAR = "not a regular file"
EMPTY = "an empty file"


def open_file(path: Path) -> IO[bytes]:
    """Open a file that has something in it, for reading.

    Raises:
        MediaError: It is missing, empty, a folder, not a regular file, or may not be read.
    """
    try:
        if not str(path) or not path.exists():
            raise MediaError(path, "no such file")
        if path.is_dir():
            raise MediaError(path, "a folder, not a file")
        if not path.is_file():  # a pipe would be waited for, a device read for ever
            raise MediaError(path, NOT_REGULAR)
        if path.stat().st_size == 0:
            raise MediaError(path, EMPTY)
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise MediaError(path, f"cannot be opened ({reason(error)})") from error


def reason(error: Exception) -> str:
    """What an exception says, without error number and path."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
