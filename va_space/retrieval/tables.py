"""The rows of a library: what a track or a picture is, and how rows become LanceDB tables and come back.

Table ``tracks``: id; path (relative to the library's root), size in bytes, modified (nanoseconds), hash of
the content; of music duration in seconds, title, artist, album, genre, of pictures title, width, height;
vector (of music the normalised mean of the windows), valence, arousal, of music spread. Table ``windows``,
which is empty for pictures: track (its id), start in seconds, vector, valence, arousal.

The metadata of the schema of ``tracks`` name the version of this layout, the model that made the vectors and,
for pictures, the modality; those of its field ``path`` the root; those of ``valence``, since version 3, how
valence and arousal are distributed, what most files are, and whether the user said so. Pictures have a
version of their own, which programs that know only music refuse.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from va_space.emotion.reference import Distribution
from va_space.media.kinds import Modality
from va_space.retrieval.names import to_stored

LAYOUTS: Mapping[Modality, str] = {"music": "3", "picture": "4"}
READABLE = ("2", *LAYOUTS.values())
TRACKS, WINDOWS = "tracks", "windows"
FloatArray = NDArray[np.float32]
KIND, KIND_GIVEN, MODALITY = "kind", "kind_given", "modality"
_DISTRIBUTION = "distribution"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file as a library keeps it.

    Attributes:
        path: The file, relative to the library's root, with forward slashes.
        size: Of the file, in bytes.
        modified: When the file was last changed, in nanoseconds since 1970.
        hash: Of the file's content.
        title: Name of the piece; of a picture the file's name without its ending.
        vector: (dimension,) unit vector.
        va: (2,) valence and arousal in [0, 1].
        id: Name of this embedding, which the rows of its windows refer to.
    """

    path: str
    size: int
    modified: int
    hash: str
    title: str
    vector: FloatArray
    va: FloatArray
    id: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, kw_only=True)
class Picture(Entry):
    """A picture as the library keeps it.

    Attributes:
        width: In pixels, upright.
        height: Likewise.
    """

    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Track(Entry):
    """A recording as the library keeps it.

    Attributes:
        duration: Seconds.
        artist: Of the piece; empty if unknown, as album and genre.
        album: Its album.
        genre: Its genre.
        starts: (w,) start of each window in seconds.
        windows: (w, dimension) unit vectors.
        windows_va: (w, 2) valence and arousal of each window.
    """

    duration: float
    artist: str
    album: str
    genre: str
    starts: FloatArray
    windows: FloatArray
    windows_va: FloatArray

    @property
    def spread(self) -> float:
        """How much the feeling changes: root mean square distance of the windows' points from the track's."""
        return float(np.sqrt(((self.windows_va - self.va) ** 2).sum(axis=1).mean()))


def schemas(model: str, dimension: int, root: Path, modality: Modality = "music") -> dict[str, pa.Schema]:
    """The schemas of both tables, by name."""
    text, whole, number = pa.string(), pa.int64(), pa.float32()
    path = pa.field("path", text, metadata={"root": to_stored(str(root))})
    stamp = [("size", whole), ("modified", whole), ("hash", text)]
    feeling = [("vector", pa.list_(number, dimension)), ("valence", number), ("arousal", number)]
    metadata = {"layout": LAYOUTS[modality], "model": model}
    if modality == "music":
        about = [("duration", number), *((name, text) for name in ("title", "artist", "album", "genre"))]
        feeling_of = [*feeling, ("spread", number)]
    else:
        about, feeling_of = [("title", text), ("width", whole), ("height", whole)], feeling
        metadata[MODALITY] = modality
    return {
        TRACKS: pa.schema([("id", text), path, *stamp, *about, *feeling_of], metadata=metadata),
        WINDOWS: pa.schema([("track", text), ("start", number), *feeling]),
    }


def entry_rows(entries: Sequence[Entry], schema: pa.Schema) -> pa.Table:
    """Rows of ``tracks``."""
    va = np.stack([entry.va for entry in entries])
    vectors = np.stack([entry.vector for entry in entries])
    computed = {"vector": vectors, "valence": va[:, 0], "arousal": va[:, 1]}
    given = [name for name in schema.names if name not in computed]
    columns = {name: [getattr(entry, name) for entry in entries] for name in given}
    return _table({**columns, **computed}, schema)


def window_rows(tracks: Sequence[Track], schema: pa.Schema) -> pa.Table:
    """Rows of ``windows``."""
    va = np.concatenate([track.windows_va for track in tracks])
    columns = {
        "track": np.repeat([track.id for track in tracks], [len(track.starts) for track in tracks]),
        "start": np.concatenate([track.starts for track in tracks]),
        "vector": np.concatenate([track.windows for track in tracks]),
        "valence": va[:, 0],
        "arousal": va[:, 1],
    }
    return _table(columns, schema)


def from_rows(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows that :func:`to_rows` made, as a table again."""
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in schema.names}
    return _table({**columns, "vector": np.stack(columns["vector"])}, schema)


def to_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as dictionaries, with (dimension,) arrays as vectors: lists take a hundred times longer."""
    vectors = table["vector"].combine_chunks()
    values = vectors.flatten().to_numpy().reshape(-1, vectors.type.list_size)
    rest = table.drop_columns(["vector"]).to_pylist()
    return [{**row, "vector": vector} for row, vector in zip(rest, values, strict=True)]


def to_metadata(distribution: Distribution) -> dict[str, str]:
    """A distribution as metadata of a field."""
    quantiles = distribution.quantiles.round(6).tolist()
    return {_DISTRIBUTION: json.dumps({"count": distribution.count, "quantiles": quantiles})}


def from_metadata(metadata: Mapping[bytes, bytes] | None) -> Distribution | None:
    """The inverse; None where there is none, or none that can be understood."""
    try:
        kept = json.loads((metadata or {})[_DISTRIBUTION.encode()])
        return Distribution(np.array(kept["quantiles"], np.float64), int(kept["count"]))
    except (KeyError, ValueError, TypeError):
        return None


def _table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    vectors = np.ascontiguousarray(columns["vector"], dtype=np.float32)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    return pa.table({**columns, "vector": lists}, schema=schema)
