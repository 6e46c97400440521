"""One writer at a time for a library."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from va_space.errors import LibraryError
from va_space.retrieval.library import place


@contextmanager
def one_writer(folder: str | Path) -> Iterator[None]:
    """Be the only one who writes to a library during the block; readers are not concerned.

    The operating system releases the lock when the process ends, however it ends. A library on object
    storage has its lock on this machine, and none against other machines.

    Raises:
        LibraryError: Somebody else is writing.
    """
    where = place(folder)
    if isinstance(where, Path):
        where.mkdir(parents=True, exist_ok=True)
        lock = where / "writer.lock"
    else:
        name = hashlib.sha256(where.encode()).hexdigest()[:16]
        lock = Path(tempfile.gettempdir()) / f"va-space-{name}.lock"
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise LibraryError(
            f"{folder}: another process is indexing into this library; wait until it has finished"
        ) from error
