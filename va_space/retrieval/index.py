"""Files to a library of music or of pictures, and changed files to a changed library."""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, overload

from va_space.emotion.reference import KINDS_OF, Kind
from va_space.errors import LibraryError
from va_space.retrieval.changes import Changes, Content, Known, compare, contents
from va_space.retrieval.entries import describe, find_files, make_entry
from va_space.retrieval.library import Library, Media, MusicLibrary, Picture, PictureLibrary, Track
from va_space.retrieval.lock import one_writer
from va_space.retrieval.names import on_disk, to_stored
from va_space.retrieval.rebuild import is_begun, new_place, outdated, recover, take_over
from va_space.space import Encoded, Failure, VASpace

# Embedded tracks are written when they have this many windows or the first of them is this old: each writing
# makes files, and what is not written is lost to kill -9.
_WINDOWS, _SECONDS = 4096, 10.0
# Writings after which the small files that they made are merged, lest a long run ends with thousands.
_COMPACT = 256
_REVISED_TOGETHER = 1024

LIBRARIES: Mapping[Media, type[Library]] = {"music": MusicLibrary, "pictures": PictureLibrary}
Made = TypeVar("Made", bound=Library, covariant=True)


@dataclass(frozen=True)
class Indexed(Generic[Made]):
    """What came of indexing; tracks are pictures in a library of pictures.

    Attributes:
        library: The library as it is now.
        failures: The files that could not be read; a track that was there before stays as it was.
        added: Number of new tracks.
        changed: Number of tracks that were embedded again since their file has another content.
        moved: Number of tracks whose file has another path.
        unchanged: Number of files that are as they were.
        missing: Paths below the root of tracks whose file is gone; with ``prune`` they were dropped.
        passed_over: Files in the given folders that were not tried, for their ending.
        notes: Files that were used all the same, each with what is to be said about it.
    """

    library: Made
    failures: list[Failure]
    added: int
    changed: int
    moved: int
    unchanged: int
    missing: list[str]
    passed_over: list[Path]
    notes: list[tuple[Path, str]]


@overload
def index(
    space: VASpace,
    media: str | Path | Iterable[str | Path],
    folder: str | Path,
    *,
    kind: Literal["music"] = ...,
    batch_size: int = ...,
    prune: bool = ...,
    rebuild: bool = ...,
    every: bool = ...,
    taken_for: Kind | None = ...,
    progress: Callable[[int, int], None] | None = ...,
) -> Indexed[MusicLibrary]: ...


@overload
def index(
    space: VASpace,
    media: str | Path | Iterable[str | Path],
    folder: str | Path,
    *,
    kind: Literal["pictures"],
    batch_size: int = ...,
    prune: bool = ...,
    rebuild: bool = ...,
    every: bool = ...,
    taken_for: Kind | None = ...,
    progress: Callable[[int, int], None] | None = ...,
) -> Indexed[PictureLibrary]: ...


@overload
def index(
    space: VASpace,
    media: str | Path | Iterable[str | Path],
    folder: str | Path,
    *,
    kind: Media,
    batch_size: int = ...,
    prune: bool = ...,
    rebuild: bool = ...,
    every: bool = ...,
    taken_for: Kind | None = ...,
    progress: Callable[[int, int], None] | None = ...,
) -> Indexed[Library]: ...


def index(
    space: VASpace,
    media: str | Path | Iterable[str | Path],
    folder: str | Path,
    *,
    kind: Media = "music",
    batch_size: int = 32,
    prune: bool = False,
    rebuild: bool = False,
    every: bool = False,
    taken_for: Kind | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Indexed[Any]:
    """Embed music, or pictures, into a library, or bring one up to date.

    Only files that are new, or whose size or time of change is another, are read; moved files are
    recognised by their content and not embedded again. Tracks whose file is gone stay unless ``prune``.
    Pictures beside music, such as covers, and music beside pictures are passed over. Files that cannot be
    read are returned, and are no reason to stop.

    Whenever this is interrupted, the library is whole, and the next run goes on from there. Readers are not
    disturbed.

    Args:
        space: The model.
        media: A folder, or files and folders. Paths are kept relative to what they have in common with each
            other and with what the library holds already.
        folder: Where the library is, or will be: a folder, or a URI that LanceDB takes.
        kind: What the library holds, or will hold.
        batch_size: Windows of music, or pictures, that are computed at once.
        prune: Drop tracks below the given folders whose file is gone.
        rebuild: Make the library anew, as another model needs it; the old one stays in use until the new one
            is whole, except on object storage.
        every: Also try files with endings that are not known, by their content.
        taken_for: What most of the files are, such as "rendering", now and in later runs; by default what
            was detected. A small library is compared with the reference of that kind.
        progress: Called after each file that was read with (files done, files to read).

    Raises:
        LibraryError: There is nothing of that kind, or nothing that can be read; another model made the
            library, or it holds something else; or another process is writing to it.
        ValueError: What the library holds cannot be `taken_for` that.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.music import clips
        >>> found = index(VASpace.from_pretrained(), [clip.path for clip in clips()[:2]], "library")
        >>> found.added, len(found.library)
        (2, 2)
    """
    made = LIBRARIES[kind]
    if taken_for not in (None, *KINDS_OF[made.modality]):
        raise ValueError(f"{kind} can be taken for {' or '.join(KINDS_OF[made.modality])}, not {taken_for}")
    media = [media] if isinstance(media, str | Path) else media
    given = [Path(os.path.normpath(Path(path).absolute())) for path in media]
    passed_over: list[Path] = []
    found = list(find_files(given, made.modality, every=every, passed_over=passed_over))
    if not found:
        raise LibraryError(f"no {kind} in {', '.join(map(str, given)) or 'nothing'}{_hint(passed_over)}")
    with one_writer(folder):
        recover(folder)
        where = new_place(folder) if rebuild else folder
        if rebuild:
            _check_media(folder, made)
        said = taken_for or _said_of(folder)
        # What an interrupted run has left of a new library can be gone on with.
        anew = rebuild and (where == folder or not is_begun(where, space.fingerprint))
        library = _prepare(space, made, where, _common_folder(given), anew)
        library.clean()
        files = dict.fromkeys(to_stored(path.relative_to(library.root).as_posix()) for path in found)
        changes = compare(library, files, given)
        _follow_moves(library, changes)
        work = _Work(space, library, changes, progress)
        work.run(batch_size)
        failures = work.failures
        if not len(library):
            first = f"{failures[0].source}: {failures[0].reason}"
            raise LibraryError(f"none of {len(failures)} files could be read as {kind}; first: {first}")
        if prune:
            library.remove(row.id for row in changes.missing)
        library.clean()
        library.compact()
        library.keep_distribution(said or _kind(work, library), given=said is not None)
        if where != folder:
            take_over(folder)
            library = made.open(folder)
    return Indexed(
        library,
        failures,
        work.added,
        work.changed,
        len(changes.moved),
        len(files) - len(changes.moved) - len(changes.to_read) + work.touched,
        sorted(row.path for row in changes.missing),
        passed_over,
        work.notes,
    )


class _Work:
    """Embedding what is new or has changed, and writing it while going on."""

    def __init__(
        self,
        space: VASpace,
        library: Library,
        changes: Changes,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.added = self.changed = self.touched = 0
        self.failures: list[Failure] = []
        self.notes: list[tuple[Path, str]] = []
        self.kinds: Counter[Kind] = Counter()
        self._space, self._library, self._changes = space, library, changes
        self._progress = progress or (lambda done, total: None)
        self._done = 0
        self._ahead: deque[tuple[str, Content | None]] = deque()
        self._touched: list[tuple[Known, Content]] = []
        self._group: list[Track | Picture] = []
        self._since, self._writings = 0.0, 0

    def run(self, batch_size: int) -> None:
        items = self._space.encode_iter(self._sources(), batch_size=batch_size, processes=True)
        try:
            with closing(items):
                for item in items:
                    entry = self._entry(item, *self._ahead.popleft())
                    if isinstance(entry, Failure):
                        self.failures.append(entry)
                    else:
                        self._since = self._since if self._group else time.monotonic()
                        self._group.append(entry)
                    if self._is_due():
                        self._write()
                    self._step()
        except KeyboardInterrupt:
            self._write()
            raise
        self._write()
        self._restamp()

    def _sources(self) -> Iterator[Path]:
        """The files to embed; those that were only touched are sorted out on the way."""
        names = self._changes.to_read
        found = contents(on_disk(self._library.root, name) for name in names)
        with closing(found):  # type: ignore[type-var]
            for name, content in zip(names, found, strict=True):
                before = self._changes.known.get(name)
                if before and content and before.hash == content.hash:
                    self._touched.append((before, content))
                    self._step()
                else:
                    self._ahead.append((name, content))
                    yield on_disk(self._library.root, name)

    def _entry(
        self, item: Encoded | Failure, name: str, content: Content | None
    ) -> Track | Picture | Failure:
        if isinstance(item, Failure):
            return item
        path = on_disk(self._library.root, name)
        entry = make_entry(self._space, item, path, name, content, self._library.modality)
        if not isinstance(entry, Failure):
            self.notes += [(path, note) for note in item.notes]
            self.kinds[self._space.kind_of(item)] += 1
        return entry

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, len(self._changes.to_read))

    def _is_due(self) -> bool:
        windows = sum(len(each.starts) if isinstance(each, Track) else 1 for each in self._group)
        return windows >= _WINDOWS or (windows > 0 and time.monotonic() - self._since >= _SECONDS)

    def _write(self) -> None:
        group, self._group = self._group, []  # let go first: interrupted, they must not be written twice
        self._library.put(group)
        again = sum(entry.path in self._changes.known for entry in group)
        self.changed += again
        self.added += len(group) - again
        self._writings += 1
        if self._writings % _COMPACT == 0:
            self._library.compact()

    def _restamp(self) -> None:
        self.touched = len(self._touched)
        _revise(
            self._library,
            ((row.id, {"size": now.size, "modified": now.modified}) for row, now in self._touched),
        )


def _kind(work: "_Work", library: Library) -> Kind:
    """What most files are, as far as this run can tell: a few new ones do not change what a library is."""
    enough = 2 * work.kinds.total() >= len(library)
    return work.kinds.most_common(1)[0][0] if work.kinds and enough else library.kind


def _said_of(folder: str | Path) -> Kind | None:
    """What the library that is there was said to be."""
    try:
        there = Library.open(folder)
    except LibraryError:
        return None
    return there.kind if there.kind_given else None


def _check_media(folder: str | Path, made: type[Library]) -> None:
    """Raise LibraryError if there is a library that can be read and holds something else."""
    try:
        there = Library.open(folder)
    except LibraryError:
        return
    if not isinstance(there, made):
        made.open(folder)  # says so


def _prepare(space: VASpace, made: type[Library], folder: str | Path, common: Path, anew: bool) -> Library:
    if anew or not Library.exists(folder):
        dimension = space.config.dimension
        return made.create(folder, model=space.fingerprint, dimension=dimension, root=common)
    library = made.open(folder)
    if library.model != space.fingerprint:
        raise LibraryError(outdated(space, library))
    if not common.is_relative_to(library.root):
        # Either more of the collection, or all of it at another place.
        along = not library.root.is_dir() and any(
            on_disk(common, path).exists() for path in library.known()["path"].to_pylist()
        )
        library.move_root(common if along else _common_folder([library.root, common]))
    return library


def _follow_moves(library: Library, changes: Changes) -> None:
    moving = {row.id for row, _, _ in changes.moved}
    replaced = (changes.known[name].id for _, name, _ in changes.moved if name in changes.known)
    library.remove(set(replaced) - moving)
    _revise(
        library,
        (
            (
                row.id,
                {"path": name, **asdict(content), **describe(on_disk(library.root, name), library.modality)},
            )
            for row, name, content in changes.moved
        ),
    )


def _revise(library: Library, revisions: Iterable[tuple[str, dict[str, Any]]]) -> None:
    revisions = iter(revisions)
    while part := dict(islice(revisions, _REVISED_TOGETHER)):
        library.revise([{**row, **part[row["id"]]} for row in library.tracks(list(part))])


def _common_folder(paths: list[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in (path.absolute() for path in paths)]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError as error:  # two drives
        raise LibraryError(f"{paths[0]} and {paths[-1]} have no folder in common") from error


def _hint(passed_over: list[Path]) -> str:
    return f"; {len(passed_over):,} files with unknown endings were passed over" if passed_over else ""
