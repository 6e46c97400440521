"""What has changed in a collection since it was indexed: found out from sizes, times and contents."""

import hashlib
import stat
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from va_space.retrieval.library import Library
from va_space.retrieval.names import on_disk

_READERS = 4


class Known(NamedTuple):
    """A file as the library remembers it; see :class:`va_space.retrieval.tables.Entry`."""

    id: str
    path: str
    size: int
    modified: int
    hash: str


@dataclass(frozen=True)
class Content:
    """A file as it is: size in bytes, time of its last change in nanoseconds, hash of its content."""

    size: int
    modified: int
    hash: str

    @classmethod
    def of(cls, path: Path) -> "Content":
        """Read a file.

        Raises:
            OSError: It cannot be read.
        """
        # Asked before reading: a file that changes meanwhile must look changed to the next run.
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):  # a pipe would be waited for, a device read for ever
            raise OSError("not a regular file")
        with path.open("rb") as file:
            return cls(state.st_size, state.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True)
class Changes:
    """What an update has to do.

    Attributes:
        known: What the library holds, by path.
        to_read: Files that are new, or whose size or time has changed, by path below the root.
        moved: Tracks whose file has another path now, with that path and the file.
        missing: Tracks below the given folders whose file is gone.
    """

    known: dict[str, Known]
    to_read: list[str]
    moved: list[tuple[Known, str, Content]]
    missing: list[Known]


def compare(library: Library, files: Collection[str], given: Iterable[Path]) -> Changes:
    """Compare a library with the files that are there.

    A file whose size and time of change are as they were is taken to be unchanged. Read is here only what
    has the size of a file that is gone or changed, to see whether it is that file under another name.

    Args:
        library: What was indexed before.
        files: The files that were found, by path below the library's root; no path twice.
        given: The files and folders that they were found in.
    """
    root = library.root
    known: dict[str, Known] = {}
    doubled = []  # moves that were interrupted can leave two rows with one path
    for row in _rows(library):
        if row.path in known:
            doubled.append(row)
        else:
            known[row.path] = row
    to_read = [name for name in files if not _is_as(on_disk(root, name), known.get(name))]
    gone = [row for name, row in known.items() if name not in files and _is_gone(on_disk(root, name))]
    displaced: dict[int, list[Known]] = defaultdict(list)
    for row in (*gone, *doubled, *(known[name] for name in to_read if name in known)):
        displaced[row.size].append(row)
    moved = list(_moves(to_read, files, known, displaced, root)) if displaced else []
    elsewhere, found = {row.id for row, _, _ in moved}, {name for _, name, _ in moved}
    missing = [
        row
        for row in (*gone, *doubled)
        if row.id not in elsewhere and any(on_disk(root, row.path).is_relative_to(path) for path in given)
    ]
    return Changes(known, [name for name in to_read if name not in found], moved, missing)


def _moves(
    names: Iterable[str],
    files: Collection[str],
    known: Mapping[str, Known],
    displaced: Mapping[int, list[Known]],
    root: Path,
) -> Iterator[tuple[Known, str, Content]]:
    """Files that hold what a displaced track was made from."""
    for name in names:
        try:
            size = on_disk(root, name).stat().st_size
            if not displaced.get(size) or (name in known and known[name].size == size):
                continue  # of the same size as it was: probably itself, with another time
            content = Content.of(on_disk(root, name))
        except OSError:
            continue  # reading it will say what is wrong
        candidates = displaced[size]
        before = next((row for row in candidates if row.hash == content.hash), None)
        # A file with another time but its old content is where it was, and this one is a copy.
        if before and not (before.path in files and _holds(on_disk(root, before.path), before.hash)):
            candidates.remove(before)
            yield before, name, content


def contents(paths: Iterable[Path]) -> Iterator[Content | None]:
    """Read files in threads, some ahead of what is asked for: disks and networks take their time.

    Yields:
        What each file is, in order; None for one that cannot be read.
    """
    pending: deque[Future[Content]] = deque()
    remaining = iter(paths)
    pool = ThreadPoolExecutor(_READERS, thread_name_prefix="va-space-read")
    try:
        while True:
            for path in islice(remaining, 2 * _READERS - len(pending)):
                pending.append(pool.submit(Content.of, path))
            if not pending:
                return
            try:
                yield pending.popleft().result()
            except OSError:
                yield None
    finally:
        pool.shutdown(cancel_futures=True)


def _rows(library: Library) -> Iterator[Known]:
    for batch in library.known().to_batches():
        yield from map(Known._make, zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _holds(path: Path, content: str) -> bool:
    try:
        return Content.of(path).hash == content
    except OSError:
        return False


def _is_as(path: Path, known: Known | None) -> bool:
    if known is None:
        return False
    try:
        state = path.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (known.size, known.modified)


def _is_gone(path: Path) -> bool:
    """Whether there is surely no such file; one in a folder that may not be read could be there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
