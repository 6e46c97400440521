"""A folder of music or of pictures as a LanceDB database: one row a file, one row a window of each track.

Two tables are not one transaction. Window rows are written first and the track row last: a track without
its row does not exist. An embedding keeps its id for as long as it lives and another one gets a new id, so
that windows left over from an interrupted run belong to no track, and :meth:`MusicLibrary.clean` finds them.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, cast

import lancedb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from va_space.emotion.reference import KINDS_OF, Distribution, Kind
from va_space.errors import LibraryError, NoLibraryError
from va_space.media.kinds import Modality
from va_space.retrieval import approximate
from va_space.retrieval.names import on_disk, to_stored
from va_space.retrieval.tables import (
    KIND,
    KIND_GIVEN,
    MODALITY,
    READABLE,
    TRACKS,
    WINDOWS,
    Entry,
    FloatArray,
    Picture,
    Track,
    entry_rows,
    from_metadata,
    from_rows,
    schemas,
    to_metadata,
    to_rows,
    window_rows,
)
from va_space.weights import whereabouts

__all__ = ["Library", "Media", "MusicLibrary", "Picture", "PictureLibrary", "Track", "place"]

Media = Literal["music", "pictures"]
"""What a library may hold."""

# How far behind the writer a library may lag that is kept open, and how long replaced files stay for it.
_READERS_LAG = timedelta(seconds=5)
_READERS_KEEP = timedelta(minutes=10)
_REBUILD = "index it again with --rebuild"


class Library:
    """Files of one root folder, embedded by one model: a :class:`MusicLibrary` or a :class:`PictureLibrary`.

    Made by :meth:`create` of those, or by :meth:`open`, here of either. A library that is kept open follows
    what a writer adds, some seconds behind.

    Attributes:
        modality: What its vectors were made from.
        media: The same in a word, as ``va-space index --kind`` takes it.
        entries: What its rows are, in a word.
        folder: Where the database is: a folder, or the URI of one on object storage.
        model: Identity of the model that made the vectors.
        root: Folder that the files' paths are relative to.
    """

    modality: ClassVar[Modality]
    media: ClassVar[Media]
    entries: ClassVar[str]

    def __init__(self, folder: str | Path, tracks: Any, windows: Any) -> None:
        metadata = _metadata(tracks)
        if metadata.get("layout") not in READABLE:
            raise LibraryError(f"{folder}: made by another version of va-space; {_REBUILD}")
        if tracks.schema.field("vector").type != windows.schema.field("vector").type:
            raise LibraryError(f"{folder}: damaged library (its tables do not fit); {_REBUILD}")
        self.folder = folder
        self.model = metadata["model"]
        self.root = on_disk(Path(), tracks.schema.field("path").metadata[b"root"].decode())
        self._tracks = tracks
        self._windows = windows

    @classmethod
    def create(cls, folder: str | Path, *, model: str, dimension: int, root: str | Path) -> Self:
        """Make an empty library, replacing the one that is there.

        Args:
            folder: Where to put the database: a folder, or a URI that LanceDB takes, such as s3://bucket/name.
            model: Fingerprint of the weights, :attr:`va_space.VASpace.fingerprint`.
            dimension: Length of its vectors.
            root: Folder that the files' paths will be relative to.
        """
        folder = place(folder)
        database = _connect(folder)
        there = set(database.list_tables().tables)
        # Tracks first: without them no window counts, wherever this is interrupted.
        tables = {
            # Overwriting what is not there makes LanceDB write a warning to standard error.
            name: database.create_table(name, schema=schema, mode="overwrite" if name in there else "create")
            for name, schema in schemas(model, dimension, Path(root).absolute(), cls.modality).items()
        }
        return cls(folder, tables[TRACKS], tables[WINDOWS])

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open a library.

        Args:
            folder: Where it is, a folder or a URI.

        Raises:
            LibraryError: It is damaged, or has another version's layout.
            NoLibraryError: There is none, or it holds other media.
        """
        folder = place(folder)
        if not cls.exists(folder):  # asked first, since connecting would make the folder
            raise NoLibraryError(f"{folder}: no library; make one: {_making(cls, folder)}")
        try:
            database = _connect(folder)
            tracks, windows = database.open_table(TRACKS), database.open_table(WINDOWS)
        except (ValueError, OSError, RuntimeError) as error:
            raise LibraryError(f"{folder}: damaged library ({error}); {_REBUILD}") from error
        kind = PictureLibrary if _metadata(tracks).get(MODALITY) == PictureLibrary.modality else MusicLibrary
        if not issubclass(kind, cls):
            raise NoLibraryError(
                f"{folder}: a library of {kind.media}, and one of {cls.media} is wanted; make one at another "
                f"place: {_making(cls, 'library')}"
            )
        return cast(Self, kind(folder, tracks, windows))

    @staticmethod
    def exists(folder: str | Path) -> bool:
        """Whether there is a library at a place."""
        folder = place(folder)
        if isinstance(folder, Path):
            return (folder / f"{TRACKS}.lance").is_dir()
        return TRACKS in _connect(folder).list_tables().tables

    def __len__(self) -> int:
        """Number of files."""
        return self._tracks.count_rows()

    def check_model(self, fingerprint: str) -> None:
        """Make sure that a model's vectors can be compared with the library's.

        Raises:
            LibraryError: They cannot; the message says what to do.
        """
        if fingerprint != self.model:
            again = shlex.join(["va-space", "index", str(self.root), "-o", str(self.folder), "--rebuild"])
            raise LibraryError(
                f"{self.folder}: made with another model ({self.model[:12]}, this one is "
                f"{fingerprint[:12]}), and vectors of two models cannot be compared; give that model with "
                f"--model{whereabouts(self.model)}, or index the {self.media} again with this one: {again}"
            )

    def put(self, entries: Sequence[Entry]) -> None:
        """Add tracks or pictures; those with the path of one that is there replace it.

        The windows of replaced tracks stay until :meth:`clean`, for those who are just reading them.
        """
        if not entries:
            return
        with self._writing():
            if tracks := [entry for entry in entries if isinstance(entry, Track)]:
                self._windows.add(window_rows(tracks, self._windows.schema))
            self._merge("path", entry_rows(entries, self._tracks.schema))

    def nearest(
        self, vector: FloatArray, count: int, *, where: str | None = None, exact: bool = False
    ) -> list[dict[str, Any]]:
        """The files with the largest cosine to a vector (dimension,).

        Args:
            vector: What to look for.
            count: How many.
            where: Only among those that meet this SQL condition over the columns of ``tracks``, such as
                ``genre = 'Jazz' AND duration > 120``.
            exact: Compare with every one; otherwise an index, which a large library has, may miss some.

        Returns:
            At most `count` rows of ``tracks``, best first, each with its ``cosine``.

        Raises:
            LibraryError: The condition cannot be understood.
        """
        vector = np.asarray(vector, np.float32)
        search = approximate.nearest(
            self._tracks, vector, count, everywhere=exact, narrowed=where is not None
        )
        rows = to_rows(self._read(search, where))
        if where is None and len(rows) < min(count, len(self)):
            rows = to_rows(self._read(approximate.nearest(self._tracks, vector, count, everywhere=True)))
        return [{**row, "cosine": 1.0 - row.pop("_distance")} for row in rows]

    def prewarm(self) -> None:
        """Read the index of vectors into memory, for a program that will search by cosine many times.

        Otherwise each search reads what no search before has looked into. It takes as much memory as the
        vectors of all tracks.
        """
        approximate.prewarm(self._tracks)

    def points(self, *, where: str | None = None) -> tuple[list[str], FloatArray]:
        """The id of every file and (n, 2) its valence and arousal; `where` as in :meth:`nearest`."""
        found = self._read(self._tracks.search().select(["id", "valence", "arousal"]).limit(None), where)
        return found["id"].to_pylist(), np.column_stack([found["valence"], found["arousal"]])

    def distribution(self) -> Distribution | None:
        """How the files' valence and arousal are distributed; None for an empty library.

        Indexing keeps it in the table, since a large library takes a moment to read.
        """
        count = len(self)
        kept = from_metadata(self._tracks.schema.field("valence").metadata)
        if kept is None or kept.count != count:  # of another version, or being written to
            points = self.points()[1]
            return Distribution.of(points) if len(points) else None
        return kept

    @property
    def kind(self) -> Kind:
        """What most of its files are; of which shipped distribution a small library makes use."""
        kinds = KINDS_OF[self.modality]
        return next((kind for kind in kinds if kind == self._kept(KIND)), kinds[0])

    @property
    def kind_given(self) -> bool:
        """Whether :attr:`kind` is what the user said, and not what was detected."""
        return self._kept(KIND_GIVEN) == "yes"

    def keep_distribution(self, kind: Kind, *, given: bool = False) -> None:
        """Store the present :meth:`distribution`, what most files are, and whether that was given."""
        found = self.distribution()
        if found is not None:
            metadata = {**to_metadata(found), KIND: kind, KIND_GIVEN: "yes" if given else "no"}
            self._tracks.update_field_metadata({"path": "valence", "metadata": metadata})

    def _kept(self, name: str) -> str:
        """What the metadata of valence say."""
        return (self._tracks.schema.field("valence").metadata or {}).get(name.encode(), b"").decode()

    def tracks(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of ``tracks`` with these ids, in their order, without those removed meanwhile."""
        rows = to_rows(self._read(self._tracks.search().limit(None), _among("id", ids)))
        found = {row["id"]: row for row in rows}
        return [found[each] for each in ids if each in found]

    def known(self) -> pa.Table:
        """id, path, size, modified and hash of every track."""
        names = ["id", "path", "size", "modified", "hash"]
        return self._read(self._tracks.search().select(names).limit(None))

    def revise(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows of ``tracks`` again, whose id and vectors are as they were."""
        if rows:
            with self._writing():
                self._merge("id", from_rows(rows, self._tracks.schema))

    def remove(self, ids: Iterable[str]) -> None:
        """Drop tracks; their windows go with :meth:`clean`."""
        if ids := list(ids):
            self._tracks.delete(_among("id", ids))

    def clean(self) -> None:
        """Drop the windows that belong to no track."""
        tracks = self._read(self._tracks.search().select(["id"]).limit(None))["id"]
        orphans: set[str] = set()
        for batch in self._windows.search().select(["track"]).limit(None).to_batches():
            owned = pc.is_in(batch["track"], value_set=tracks)
            orphans.update(batch["track"].filter(pc.invert(owned)).to_pylist())
        if orphans:
            self._windows.delete(_among("track", sorted(orphans)))

    def move_root(self, root: Path) -> None:
        """Make another folder the root.

        Tracks keep their place if it contains the present root, and are taken to have moved along if not.
        """
        if self.root.is_relative_to(root) and (inner := self.root.relative_to(root).parts):
            prefix = to_stored("/".join(inner)).replace("'", "''")
            self._tracks.update(values_sql={"path": f"concat('{prefix}/', path)"})
        self._tracks.update_field_metadata({"path": "path", "metadata": {"root": to_stored(str(root))}})
        self.root = root

    def compact(self) -> None:
        """Merge small files, free what was replaced some minutes ago, and index a large library."""
        with self._writing():
            asked = ((self._windows, ("track",), False), (self._tracks, ("id", "valence", "arousal"), True))
            for table, columns, vectors in asked:
                approximate.tidy(table, looked_up=columns, vectors=vectors, keep=_READERS_KEEP)

    def _merge(self, key: str, rows: pa.Table) -> None:
        self._tracks.merge_insert(key).when_matched_update_all().when_not_matched_insert_all().execute(rows)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError) as error:  # LanceDB's, as for a full disk
            raise LibraryError(f"{self.folder}: could not be written ({error})") from error

    def _read(self, search: Any, where: str | None = None) -> pa.Table:
        try:
            return (search.where(where) if where else search).to_arrow()
        except ValueError as error:
            raise LibraryError(f"the condition {where!r} cannot be understood: {error}") from error
        except (OSError, RuntimeError) as error:
            raise LibraryError(f"{self.folder}: damaged library ({error}); {_REBUILD}") from error


class MusicLibrary(Library):
    """Tracks, with their windows over time."""

    modality = "music"
    media = "music"
    entries = "tracks"

    def durations(self) -> FloatArray:
        """Seconds of every track, (n,)."""
        found = self._read(self._tracks.search().select(["duration"]).limit(None))
        return np.asarray(found["duration"].to_numpy(), np.float32)

    def seconds(self) -> float:
        """How much music there is."""
        return float(np.sum(self.durations(), dtype=np.float64))

    def windows(self, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """The rows of ``windows`` of each of these tracks, by id, in order of time.

        A track that was removed or embedded anew since its row was read may have none.
        """
        found = self._windows_of(ids)
        if not all(found.values()):  # the tracks' rows were read from a newer state than this one
            self._windows.checkout_latest()
            found = self._windows_of(ids)
        return found

    def _windows_of(self, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        rows = to_rows(self._read(self._windows.search().limit(None), _among("track", ids)))
        found: dict[str, list[dict[str, Any]]] = {each: [] for each in ids}
        for row in sorted(rows, key=lambda row: row["start"]):
            found[row["track"]].append(row)
        return found


class PictureLibrary(Library):
    """Pictures: an album.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.photographs import PHOTOGRAPHS
        >>> from va_space.retrieval.index import index
        >>> files = [photograph.path for photograph in PHOTOGRAPHS[:3]]
        >>> album = index(VASpace.from_pretrained(), files, "album", kind="pictures").library
        >>> len(album), album.kind
        (3, 'photograph')
    """

    modality = "picture"
    media = "pictures"
    entries = "pictures"


def place(folder: str | Path) -> str | Path:
    """Where a library is: a URI as it is, a folder as a path."""
    return folder if isinstance(folder, str) and "://" in folder else Path(folder)


def _making(cls: type[Library], folder: str | Path) -> str:
    """The command that makes a library of a class; of music, where either would do."""
    kind = " --kind pictures" if cls is PictureLibrary else ""
    what = "PICTURE_DIR" if kind else "MUSIC_DIR"
    return f"va-space index {what}{kind} -o {shlex.quote(str(folder))}"


def _metadata(tracks: Any) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (tracks.schema.metadata or {}).items()}


def _connect(folder: str | Path) -> Any:
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=True)
    return lancedb.connect(folder, read_consistency_interval=_READERS_LAG)


def _among(column: str, ids: Iterable[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{each}'" for each in ids) + ")" if ids else "false"
