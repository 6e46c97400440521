"""Files and folders here or on object storage, under one name for both.

A URI is opened by pyarrow: ``s3://``, ``gs://``, ``abfs://``, ``hdfs://`` and ``file://`` by itself, and
whatever fsspec knows with ``fsspec+`` before it, such as ``fsspec+sftp://``. Its path is taken as it stands,
without percent-decoding; what follows ``?`` are options for pyarrow, such as ``?region=eu-west-1``.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyarrow import fs

from va_space.atomic import replacing
from va_space.errors import MediaError
from va_space.media.kinds import find_media, has_media_extension

_URI = re.compile(r"([a-z][a-z0-9+.-]+://[^/?]*)([^?]*)(\?.*)?", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """A file or folder.

    Attributes:
        path: Absolute, or within the store.
        store: Empty for this machine, else the URI that the store is opened by.
    """

    path: str
    store: str = ""

    @classmethod
    def of(cls, name: str | Path) -> "Place":
        """The place that a path or URI names."""
        match = _URI.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            return cls(str(Path(name).absolute()))
        root, path, options = match.groups()
        return cls(path.strip("/"), f"{root}/{options or ''}")

    def __str__(self) -> str:
        if not self.store:
            return self.path
        return self.store.partition("?")[0] + self.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return posixpath.basename(self.path) if self.store else Path(self.path).name

    def beside(self, name: str) -> "Place":
        """Another name in the same folder."""
        folder = posixpath.dirname(self.path) if self.store else str(Path(self.path).parent)
        return Place(folder, self.store).inside(name)

    def inside(self, name: str) -> "Place":
        """A name in this folder."""
        return Place(
            posixpath.join(self.path, name) if self.store else str(Path(self.path, name)), self.store
        )

    def opened(self) -> Any:
        """The file, for reading at any position."""
        filesystem, path = self._where()
        return filesystem.open_input_file(path)

    @contextmanager
    def replacing(self) -> Iterator[Path]:
        """A local file to write to, which becomes this one, whole, when the block ends well."""
        if not self.store:
            with replacing(self.path) as beside:
                yield beside
            return
        with TemporaryDirectory() as folder:
            local = Path(folder) / self.name
            yield local
            filesystem, path = self._where()
            filesystem.create_dir(posixpath.dirname(path), recursive=True)
            fs.copy_files(str(local), path, fs.LocalFileSystem(), filesystem)

    def make_folder(self) -> None:
        """Make this folder, where a store has such a thing."""
        filesystem, path = self._where()
        filesystem.create_dir(path, recursive=True)

    def is_folder(self) -> bool:
        """Whether there is a folder."""
        filesystem, path = self._where()
        return filesystem.get_file_info(path).type == fs.FileType.Directory

    def names(self) -> list[str]:
        """Of the files and folders in this folder, sorted; none if it is not there."""
        filesystem, path = self._where()
        return sorted(
            each.base_name for each in filesystem.get_file_info(fs.FileSelector(path, allow_not_found=True))
        )

    def remove(self) -> None:
        """Delete the file, if it is there."""
        filesystem, path = self._where()
        if filesystem.get_file_info(path).type == fs.FileType.File:
            filesystem.delete_file(path)

    def remove_folder(self) -> None:
        """Delete the folder, if it is there and empty."""
        filesystem, path = self._where()
        if self.is_folder() and not self.names():
            filesystem.delete_dir(path)

    def fetch(self, folder: Path, name: str) -> Path:
        """A local copy under this name in a folder.

        Raises:
            MediaError: The file is not there or cannot be had.
        """
        filesystem, path = self._where()
        local = folder / name
        try:
            fs.copy_files(path, str(local), filesystem, fs.LocalFileSystem())
        except FileNotFoundError as error:
            raise MediaError(str(self), "no such file") from error
        except Exception as error:  # each store's client raises its own
            raise MediaError(str(self), f"could not be fetched ({error})") from error
        return local

    def _where(self) -> tuple[Any, str]:
        if not self.store:
            return fs.LocalFileSystem(), self.path
        filesystem, root = _open_store(self.store)
        return filesystem, posixpath.join(root, self.path)


@dataclass(frozen=True)
class Source:
    """An input file.

    Attributes:
        name: As it is called in tables.
        place: Where it is.
        size: In bytes; None if it cannot be seen.
        modified: In nanoseconds since 1970; None if it cannot be seen.
    """

    name: str
    place: Place
    size: int | None
    modified: int | None

    @property
    def stamp(self) -> tuple[int | None, int | None]:
        """What changes with its content."""
        return self.size, self.modified


def find_sources(
    paths: Iterable[str | Path], *, every: bool = False, passed_over: list[Path] | None = None
) -> Iterator[Source]:
    """Pictures and music among files and folders, which may be URIs, as :func:`find_media` finds them.

    Args:
        paths: Files, folders, URIs.
        every: As for :func:`find_media`, of folders on this machine.
        passed_over: Likewise.
    """
    for given in paths:
        place = Place.of(given)
        if place.store:
            yield from _find_stored(place)
            continue
        for path in find_media([given], every=every, passed_over=passed_over):
            size = modified = None
            with suppress(OSError):  # reading it will say what is wrong
                status = path.stat()
                size, modified = status.st_size, status.st_mtime_ns
            yield Source(str(path), Place.of(path), size, modified)


def _find_stored(place: Place) -> Iterator[Source]:
    filesystem, path = place._where()
    info = filesystem.get_file_info(path)
    if info.type != fs.FileType.Directory:
        yield Source(str(place), place, info.size, info.mtime_ns)
        return
    entries = filesystem.get_file_info(fs.FileSelector(path, recursive=True))
    for entry in sorted(entries, key=lambda each: each.path.split("/")):
        inner = posixpath.relpath(entry.path, path)
        hidden = any(part.startswith(".") for part in inner.split("/"))
        if entry.type == fs.FileType.File and not hidden and has_media_extension(inner):
            found = place.inside(inner)
            yield Source(str(found), found, entry.size, entry.mtime_ns)


@cache
def _open_store(uri: str) -> tuple[Any, str]:
    # Once for each store: some ask the network for their region when they are opened.
    return fs.FileSystem.from_uri(uri)
