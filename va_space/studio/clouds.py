"""Where everything in a library lies, packed for a page that draws it."""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from va_space.retrieval.library import Library
from va_space.retrieval.relative import standing_in
from va_space.space import VASpace

STEPS = 65_535
"""Places are whole numbers from 0 to this: fine enough for any zoom, and four bytes each."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """The places of all entries of a library, at one moment.

    Attributes:
        version: Names the moment.
        ids: (n,) ids of the entries.
        places: (n, 2) valence and arousal, times :data:`STEPS`.
        relative: Whether they are percentiles.
    """

    version: str
    ids: NDArray[np.bytes_]
    places: NDArray[np.uint16]
    relative: bool

    @property
    def packed(self) -> bytes:
        """All places, valence first, as little-endian numbers of two bytes."""
        return self.places.astype("<u2").tobytes()


class Clouds:
    """The cloud of each library, made again when the library has changed."""

    def __init__(self, space: VASpace) -> None:
        self._space = space
        self._known: dict[str, Cloud] = {}
        self._lock = threading.Lock()

    def of(self, name: str, library: Library) -> Cloud:
        """The cloud of a library; it takes a moment for a large one."""
        with self._lock:  # one at a time: several clients that wait for the same make it once
            known = self._known.get(name)
            if known is None or len(known.ids) != len(library):
                known = self._known[name] = self._make(library)
            return known

    def _make(self, library: Library) -> Cloud:
        ids, va = library.points()
        relative = self._space.reference is not None
        shares: NDArray[np.float64] = np.asarray(va, np.float64)
        if relative and len(va):
            shares = standing_in(self._space, library).percentile(va)
        places = np.round(shares.clip(0, 1) * STEPS).astype(np.uint16).reshape(-1, 2)
        packed = np.array([id.encode() for id in ids], dtype="S")
        return Cloud(f"{len(ids)}-{hash(places.tobytes()) & 0xFFFFFFFF:08x}", packed, places, relative)
