"""The rows of a library: what a track is, and how rows become LanceDB tables and come back.

Table ``tracks``: id; path (relative to the library's root), size in bytes, modified (nanoseconds), hash of
the content; duration in seconds; title, artist, album, genre; vector (the normalised mean of the windows),
valence, arousal, spread. Table ``windows``: track (its id), start in seconds, vector, valence, arousal.

The metadata of the schema of ``tracks`` name the version of this layout and the model that made the vectors;
those of its field ``path`` the root; those of ``valence``, since version 3, how valence and arousal are
distributed.
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
from va_space.retrieval.names import to_stored

LAYOUT, READABLE = "3", ("2", "3")
TRACKS, WINDOWS = "tracks", "windows"
FloatArray = NDArray[np.float32]
KIND = "kind"
_DISTRIBUTION = "distribution"
_TEXTS = ("title", "artist", "album", "genre")
_GIVEN = ("id", "path", "size", "modified", "hash", "duration", *_TEXTS)


@dataclass(frozen=True)
class Track:
    """A recording as the library keeps it.

    Attributes:
        path: The file, relative to the library's root, with forward slashes.
        size: Of the file, in bytes.
        modified: When the file was last changed, in nanoseconds since 1970.
        hash: Of the file's content.
        duration: Seconds.
        title: Name of the piece.
        artist: Its artist; empty if unknown, as album and genre.
        album: Its album.
        genre: Its genre.
        vector: (dimension,) unit vector.
        va: (2,) valence and arousal in [0, 1].
        starts: (w,) start of each window in seconds.
        windows: (w, dimension) unit vectors.
        windows_va: (w, 2) valence and arousal of each window.
        id: Name of this embedding, which the rows of its windows refer to.
    """

    path: str
    size: int
    modified: int
    hash: str
    duration: float
    title: str
    artist: str
    album: str
    genre: str
    vector: FloatArray
    va: FloatArray
    starts: FloatArray
    windows: FloatArray
    windows_va: FloatArray
    id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def spread(self) -> float:
        """How much the feeling changes: root mean square distance of the windows' points from the track's."""
        return float(np.sqrt(((self.windows_va - self.va) ** 2).sum(axis=1).mean()))


def schemas(model: str, dimension: int, root: Path) -> dict[str, pa.Schema]:
    """The schemas of both tables, by name."""
    text, whole, number = pa.string(), pa.int64(), pa.float32()
    path = pa.field("path", text, metadata={"root": to_stored(str(root))})
    feeling = [("vector", pa.list_(number, dimension)), ("valence", number), ("arousal", number)]
    stamp = [("size", whole), ("modified", whole), ("hash", text), ("duration", number)]
    metadata = [(name, text) for name in _TEXTS]
    tracks = [("id", text), path, *stamp, *metadata, *feeling, ("spread", number)]
    return {
        TRACKS: pa.schema(tracks, metadata={"layout": LAYOUT, "model": model}),
        WINDOWS: pa.schema([("track", text), ("start", number), *feeling]),
    }


def track_rows(tracks: Sequence[Track], schema: pa.Schema) -> pa.Table:
    """Rows of ``tracks``."""
    va = np.stack([track.va for track in tracks])
    columns = {
        **{name: [getattr(track, name) for track in tracks] for name in _GIVEN},
        "vector": np.stack([track.vector for track in tracks]),
        "valence": va[:, 0],
        "arousal": va[:, 1],
        "spread": np.array([track.spread for track in tracks], np.float32),
    }
    return _table(columns, schema)


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
