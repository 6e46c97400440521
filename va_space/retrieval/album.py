"""Pictures for a query out of an album, or out of a folder that was never indexed."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from va_space.emotion.reference import Kind
from va_space.errors import MediaError
from va_space.retrieval.filters import Filters
from va_space.retrieval.index import index
from va_space.retrieval.library import Library, PictureLibrary
from va_space.retrieval.search import PictureResult, search
from va_space.space import Failure, VAScale, VASpace


def rank_pictures(
    space: VASpace,
    pictures: str | Path,
    query: Any,
    k: int = 10,
    *,
    filters: Filters | None = None,
    diverse: bool = False,
    scale: VAScale = "relative",
    kind: Kind | None = None,
    failures: list[Failure] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[PictureResult]:
    """Find the pictures of an album, or of a folder, that feel like a query.

    A folder that is no album is indexed for this one search, outside of it, which takes about 0.1 s a picture
    each time.

    Args:
        space: The model.
        pictures: What ``va-space index --kind pictures`` made, or a folder of pictures.
        query: As for :func:`va_space.retrieval.search.search`: a track, most often.
        k: Number of results.
        filters: As for that, and so are diverse, scale and kind.
        diverse: See above.
        scale: See above.
        kind: See above.
        failures: Gets the pictures of a folder that could not be read.
        progress: Called after each picture of a folder with (pictures done, pictures in all).

    Raises:
        LibraryError: There is no picture; or the album holds music, or was made with another model.
        MediaError: The query cannot be read, or there is no such folder.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.music import clips
        >>> from va_space.demo.photographs import PHOTOGRAPHS
        >>> folder = PHOTOGRAPHS[0].path.parent
        >>> best, = rank_pictures(VASpace.from_pretrained(), folder, clips()[0].path, k=1)
        >>> best.path.is_relative_to(folder)
        True
    """
    wanted: dict[str, Any] = {"filters": filters, "diverse": diverse, "scale": scale, "kind": kind}
    if Library.exists(pictures):
        return search(space, PictureLibrary.open(pictures), query, k, **wanted)
    folder = Path(pictures)
    if not folder.exists():
        raise MediaError(folder, "no such folder, and no album")
    with tempfile.TemporaryDirectory(prefix="va-space-") as place:
        found = index(space, folder, place, kind="pictures", progress=progress)
        if failures is not None:
            failures += found.failures
        return search(space, found.library, query, k, **wanted)
