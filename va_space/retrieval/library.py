"""A folder of music as a LanceDB database: one row a track, one row a window of each track.

Table ``tracks``: id, path (relative to the library's root), vector (the normalised mean of the windows),
valence, arousal, duration in seconds. Table ``windows``: track (its id), start in seconds, vector, valence,
arousal. Window rows are written first and the track row last: a track without its row does not exist.

The metadata of both tables' schemas name the layout, the model that made the vectors, and the root.
"""

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from va_space.errors import LibraryError

LAYOUT = "1"
TRACKS, WINDOWS = "tracks", "windows"
FloatArray = NDArray[np.float32]
_READERS_KEEP = timedelta(days=1)


@dataclass(frozen=True)
class Track:
    """A recording as the library keeps it.

    Attributes:
        path: The file, relative to the library's root, with forward slashes.
        duration: Seconds.
        vector: (dimension,) unit vector.
        va: (2,) valence and arousal in [0, 1].
        starts: (w,) start of each window in seconds.
        windows: (w, dimension) unit vectors.
        windows_va: (w, 2) valence and arousal of each window.
    """

    path: str
    duration: float
    vector: FloatArray
    va: FloatArray
    starts: FloatArray
    windows: FloatArray
    windows_va: FloatArray

    @property
    def id(self) -> str:
        """A short name made of safe characters, which the rows of its windows refer to."""
        return hashlib.sha256(self.path.encode()).hexdigest()[:32]


class MusicLibrary:
    """Tracks of one root folder, embedded by one model; made by :meth:`create` or :meth:`open`.

    Attributes:
        folder: Where the database is.
        model: Identity of the model that made the vectors.
        root: Folder that the tracks' paths are relative to.
    """

    def __init__(self, folder: Path, tracks: Any, windows: Any) -> None:
        metadata = {key.decode(): value.decode() for key, value in (tracks.schema.metadata or {}).items()}
        if metadata.get("layout") != LAYOUT:
            raise LibraryError(f"{folder}: made by another version of va-space; index the music again")
        self.folder = folder
        self.model = metadata["model"]
        self.root = Path(metadata["root"])
        self._tracks = tracks
        self._windows = windows

    @classmethod
    def create(cls, folder: str | Path, *, model: str, dimension: int, root: str | Path) -> "MusicLibrary":
        """Make an empty library, replacing the one that is there.

        Args:
            folder: Where to put the database.
            model: Identity of the model, :attr:`va_space.VASpace.identity`.
            dimension: Length of its vectors.
            root: Folder that the tracks' paths will be relative to.
        """
        metadata = {"layout": LAYOUT, "model": model, "root": str(Path(root).absolute())}
        vector = pa.list_(pa.float32(), dimension)
        number = pa.float32()
        feeling = [("vector", vector), ("valence", number), ("arousal", number)]
        tracks = pa.schema(
            [("id", pa.string()), ("path", pa.string()), ("duration", number), *feeling], metadata=metadata
        )
        windows = pa.schema([("track", pa.string()), ("start", number), *feeling], metadata=metadata)
        Path(folder).mkdir(parents=True, exist_ok=True)
        database = lancedb.connect(folder)
        tables = []
        for name, schema in ((TRACKS, tracks), (WINDOWS, windows)):
            # Overwriting what is not there makes LanceDB write a warning to standard error.
            there = (Path(folder) / f"{name}.lance").is_dir()
            tables.append(database.create_table(name, schema=schema, mode="overwrite" if there else "create"))
        return cls(Path(folder), *tables)

    @classmethod
    def open(cls, folder: str | Path) -> "MusicLibrary":
        """Open a library.

        Raises:
            LibraryError: There is none, it is damaged, or it has another version's layout.
        """
        folder = Path(folder)
        if not cls.exists(folder):  # asked first, since connecting would make the folder
            again = f"va-space index MUSIC_DIR -o {shlex.quote(str(folder))}"
            raise LibraryError(f"{folder}: no music library; make one: {again}")
        try:
            database = lancedb.connect(folder)
            return cls(folder, database.open_table(TRACKS), database.open_table(WINDOWS))
        except (ValueError, OSError, RuntimeError) as error:
            raise LibraryError(f"{folder}: damaged library ({error}); index the music again") from error

    @staticmethod
    def exists(folder: str | Path) -> bool:
        """Whether a folder holds a library."""
        return (Path(folder) / f"{TRACKS}.lance").is_dir()

    def __len__(self) -> int:
        """Number of tracks."""
        return self._tracks.count_rows()

    def check_model(self, identity: str) -> None:
        """Make sure that a model's vectors can be compared with the library's.

        Raises:
            LibraryError: They cannot; the message says what to do.
        """
        if identity != self.model:
            again = shlex.join(["va-space", "index", str(self.root), "-o", str(self.folder)])
            raise LibraryError(
                f"{self.folder}: made with another model ({self.model[:12]}, this one is {identity[:12]}), "
                f"and vectors of two models cannot be compared; give that model with --model, or index the "
                f"music again with this one: {again}"
            )

    def put(self, tracks: Sequence[Track]) -> None:
        """Add tracks; those with the path of one that is there replace it."""
        if not tracks:
            return
        ids = [track.id for track in tracks]
        counts = [len(track.starts) for track in tracks]
        windows_va = np.concatenate([track.windows_va for track in tracks])
        windows = {
            "track": np.repeat(ids, counts),
            "start": np.concatenate([track.starts for track in tracks]),
            "vector": np.concatenate([track.windows for track in tracks]),
            "valence": windows_va[:, 0],
            "arousal": windows_va[:, 1],
        }
        va = np.stack([track.va for track in tracks])
        rows = {
            "id": ids,
            "path": [track.path for track in tracks],
            "duration": [track.duration for track in tracks],
            "vector": np.stack([track.vector for track in tracks]),
            "valence": va[:, 0],
            "arousal": va[:, 1],
        }
        among = _among(ids)
        self._tracks.delete(f"id IN {among}")
        self._windows.delete(f"track IN {among}")
        self._windows.add(_table(windows, self._windows.schema))
        self._tracks.add(_table(rows, self._tracks.schema))

    def keep_only(self, ids: Iterable[str]) -> None:
        """Drop all tracks but these."""
        known = self._tracks.search().select(["id"]).limit(None).to_arrow()["id"].to_pylist()
        if gone := sorted(set(known) - set(ids)):
            self._tracks.delete(f"id IN {_among(gone)}")
            self._windows.delete(f"track IN {_among(gone)}")

    def compact(self) -> None:
        """Merge small files of the database, and free what was replaced over a day ago."""
        for table in (self._windows, self._tracks):
            table.optimize(cleanup_older_than=_READERS_KEEP)  # a reader may be using what was just replaced

    def nearest(self, vector: FloatArray, count: int) -> list[dict[str, Any]]:
        """The tracks with the largest cosine to a vector (dimension,), by an exact search.

        Returns:
            At most `count` rows of ``tracks``, best first, each with its ``cosine``.
        """
        search = self._tracks.search(np.asarray(vector, np.float32)).distance_type("cosine")
        rows = search.limit(count).to_arrow().to_pylist()
        return [{**row, "cosine": 1.0 - row.pop("_distance")} for row in rows]

    def points(self) -> tuple[list[str], FloatArray]:
        """The id of every track and (n, 2) its valence and arousal."""
        rows = self._tracks.search().select(["id", "valence", "arousal"]).limit(None).to_arrow()
        return rows["id"].to_pylist(), np.column_stack([rows["valence"], rows["arousal"]])

    def tracks(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of ``tracks`` with these ids, in their order."""
        rows = self._tracks.search().where(f"id IN {_among(ids)}").limit(None).to_arrow().to_pylist()
        found = {row["id"]: row for row in rows}
        return [found[each] for each in ids]

    def windows(self, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """The rows of ``windows`` of each of these tracks, by id."""
        rows = self._windows.search().where(f"track IN {_among(ids)}").limit(None).to_arrow().to_pylist()
        found: dict[str, list[dict[str, Any]]] = {each: [] for each in ids}
        for row in sorted(rows, key=lambda row: row["start"]):
            found[row["track"]].append(row)
        return found


def _among(ids: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{each}'" for each in ids) + ")"


def _table(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    vectors = np.ascontiguousarray(columns["vector"], dtype=np.float32)
    dimension = vectors.shape[1]
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension)
    return pa.table(columns, schema=schema)
