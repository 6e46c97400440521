"""Music files to a library."""

import mimetypes
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from va_space.errors import LibraryError, MediaError
from va_space.media.audio import probe_audio
from va_space.media.kinds import find_media
from va_space.retrieval.library import MusicLibrary, Track
from va_space.space import Encoded, Failure, VASpace

# Tracks that are written together; LanceDB makes a file for each write.
_GROUP = 64


@dataclass(frozen=True)
class Indexed:
    """What came of indexing.

    Attributes:
        library: The library, which holds exactly the tracks that could be read.
        failures: The files that could not be.
    """

    library: MusicLibrary
    failures: list[Failure]


def index(
    space: VASpace,
    music: str | Path | Iterable[str | Path],
    folder: str | Path,
    *,
    batch_size: int = 32,
    progress: Callable[[int, int], None] | None = None,
) -> Indexed:
    """Embed music and write the library; one that is there is brought to the present state of the music.

    Pictures beside the music, such as covers, are passed over. Files that cannot be read are returned,
    and are no reason to stop. A library of another model or another root folder is replaced.

    Args:
        space: The model.
        music: A folder, or files and folders. Paths are kept relative to what they have in common.
        folder: Where the library is, or will be.
        batch_size: Windows of music that are computed at once.
        progress: Called after each file with (files done, files in all).

    Raises:
        LibraryError: No file could be read as music; nothing was removed from the library.
    """
    given = [Path(music)] if isinstance(music, str | Path) else [Path(path) for path in music]
    named = set(given)
    files = [path for path in find_media(given) if path in named or not _looks_like_picture(path)]
    if not files:
        raise LibraryError(f"no music in {', '.join(map(str, given)) or 'nothing'}")
    root = _common_folder(given)
    library = _prepare(space, folder, root)
    failures: list[Failure] = []
    group: list[Track] = []
    seen: list[str] = []
    for done, item in enumerate(space.encode_iter(files, batch_size=batch_size), start=1):
        track = item if isinstance(item, Failure) else _track(space, item, root)
        if isinstance(track, Failure):
            failures.append(track)
        else:
            group.append(track)
            seen.append(track.id)
        if len(group) == _GROUP:
            library.put(group)
            group = []
        if progress:
            progress(done, len(files))
    library.put(group)
    if not seen:
        raise LibraryError(f"none of {len(files)} files could be read as music; first: {_told(failures[0])}")
    library.keep_only(seen)
    library.compact()
    return Indexed(library, failures)


def _prepare(space: VASpace, folder: str | Path, root: Path) -> MusicLibrary:
    """The library there is, if it can take the vectors of this model; else a new one in its place."""
    if MusicLibrary.exists(folder):
        with suppress(LibraryError):
            library = MusicLibrary.open(folder)
            if library.model == space.identity and library.root == root:
                return library
    return MusicLibrary.create(folder, model=space.identity, dimension=space.config.dimension, root=root)


def _track(space: VASpace, item: Encoded, root: Path) -> Track | Failure:
    if item.windows is None or item.starts is None:
        return Failure(item.index, item.source, "a picture, not music")
    path = Path(item.source)
    name = path.absolute().relative_to(root).as_posix()
    try:
        name.encode()
        duration = probe_audio(path).duration
    except UnicodeEncodeError:
        return Failure(item.index, item.source, "its name is not valid Unicode; rename it")
    except MediaError as error:  # it was removed since it was embedded
        return Failure(item.index, item.source, error.reason)
    return Track(
        path=name,
        duration=duration or float(item.starts[-1]) + space.config.audio.window_seconds,
        vector=item.vector,
        va=space.predict_va_from_vectors(item.vector[None], "music")[0],
        starts=item.starts,
        windows=item.windows,
        windows_va=space.predict_va_from_vectors(item.windows, "music"),
    )


def _common_folder(paths: list[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in (path.absolute() for path in paths)]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError as error:  # two drives
        raise LibraryError(f"{paths[0]} and {paths[-1]} have no folder in common") from error


def _looks_like_picture(path: Path) -> bool:
    return (mimetypes.guess_type(path.name)[0] or "").startswith("image/")


def _told(failure: Failure) -> str:
    return f"{failure.source}: {failure.reason}"
