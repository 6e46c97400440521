"""A library made anew for another model, while the old one stays in use until the new one is whole.

The new library grows in a folder inside the old one. When it is whole, the tables change places by renaming;
a change of places that was interrupted is finished by the next run. On object storage, which cannot rename, a
rebuilt library replaces the old one from the start.
"""

import shlex
import shutil
import time
from pathlib import Path

import numpy as np

from va_space.errors import LibraryError
from va_space.retrieval.library import Library, MusicLibrary, place
from va_space.retrieval.tables import TRACKS, WINDOWS
from va_space.space import VASpace
from va_space.weights import whereabouts

_NEW, _OLD = "rebuilding", "replaced"
_TABLES = (WINDOWS, TRACKS)  # a library is there when its tracks are: they go last
_TIMED = 4  # windows, or pictures
_SHOWN_SIDE = 1024  # of pictures as they are


def new_place(folder: str | Path) -> str | Path:
    """Where to make the new library: beside the old one if there is one to keep."""
    folder = place(folder)
    return folder / _NEW if isinstance(folder, Path) and Library.exists(folder) else folder


def is_begun(where: str | Path, model: str) -> bool:
    """Whether a run with this model has begun a new library there."""
    try:
        return Library.exists(where) and Library.open(where).model == model
    except LibraryError:
        return False


def take_over(folder: str | Path) -> None:
    """Put the whole new library in the place of the old one."""
    folder = Path(folder)
    (folder / _OLD).mkdir(exist_ok=True)
    _set_aside(folder)
    _finish(folder)


def recover(folder: str | Path) -> None:
    """Finish a change of places that was interrupted."""
    folder = place(folder)
    if isinstance(folder, Path) and (folder / _OLD).is_dir():
        _set_aside(folder)
        _finish(folder)


def plan(space: VASpace, library: Library) -> str:
    """What making a library anew means, and about how long it takes here."""
    if isinstance(library, MusicLibrary):
        seconds = library.seconds()
        work = seconds / space.config.audio.window_seconds * _seconds_a_window(space)
        what = f"{len(library):,} tracks, {_long(seconds)} of music,"
    else:
        work = len(library) * _seconds_a_picture(space)
        what = f"{len(library):,} pictures"
    return (
        f"{what} have to be read and embedded again, which takes about {_long(work)} on this machine; the "
        "old library stays in use until the new one is whole"
    )


def outdated(space: VASpace, library: Library) -> str:
    """Why a library cannot be updated with this model, and what to do."""
    again = shlex.join(["va-space", "index", str(library.root), "-o", str(library.folder), "--rebuild"])
    return (
        f"{library.folder} is of another model ({library.model[:12]}, this one is "
        f"{space.fingerprint[:12]}), and vectors of two models cannot be compared. To change over: {again}. "
        f"{plan(space, library)}. To stay: give the old model with --model{whereabouts(library.model)}"
    )


def _set_aside(folder: Path) -> None:
    """Move the old tables away, those that are there and have a successor."""
    for table in _TABLES:
        old = folder / f"{table}.lance"
        if old.is_dir() and (folder / _NEW / f"{table}.lance").is_dir():
            old.rename(folder / _OLD / f"{table}.lance")


def _finish(folder: Path) -> None:
    for table in _TABLES:
        new = folder / _NEW / f"{table}.lance"
        if new.is_dir():
            new.rename(folder / f"{table}.lance")
    shutil.rmtree(folder / _NEW, ignore_errors=True)
    shutil.rmtree(folder / _OLD, ignore_errors=True)


def _seconds_a_window(space: VASpace) -> float:
    """Measured on noise, after a first window that warms up."""
    audio = space.config.audio
    length = round(audio.window_seconds * audio.sample_rate)
    noise = np.random.default_rng(0).normal(0, 0.1, _TIMED * length).astype(np.float32)
    space.encode((noise[:length], audio.sample_rate))
    started = time.perf_counter()
    space.encode((noise, audio.sample_rate))
    return (time.perf_counter() - started) / _TIMED


def _seconds_a_picture(space: VASpace) -> float:
    """Likewise, without decoding, which costs less than the network."""
    noise = np.random.default_rng(0).integers(0, 256, (_SHOWN_SIDE, _SHOWN_SIDE, 3), np.uint8)
    space.encode(noise)
    started = time.perf_counter()
    space.encode([noise] * _TIMED)
    return (time.perf_counter() - started) / _TIMED


def _long(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} seconds"
