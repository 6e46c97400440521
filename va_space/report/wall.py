"""Pictures that were found, as a page shows them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from va_space.errors import MediaError, MissingExtraError
from va_space.report.answer import picture_address
from va_space.report.sounds import address_of
from va_space.retrieval.results import PictureResult

_SIDE = 640  # pixels of the longer side


@dataclass(frozen=True)
class Hung:
    """A picture on the wall.

    Attributes:
        url: A data: address of a small copy, or a link to the file.
        aspect: Width divided by height.
    """

    url: str
    aspect: float


def hang(
    results: Iterable[PictureResult],
    folder: Path,
    *,
    embed_limit: int,
    progress: Callable[[int, int], None] | None = None,
) -> dict[Path, Hung]:
    """Pictures, each once: embedded as small JPEGs, or linked if that is too much.

    Args:
        results: What was found.
        folder: Where the page will be; links are relative to it.
        embed_limit: Bytes that all embedded pictures may have together.
        progress: Called after each picture with (pictures done, pictures in all).

    Returns:
        By their files; one that is gone or cannot be read is missing.
    """
    wanted = {result.path: result for result in results}
    hung: dict[Path, Hung] = {}
    for number, (path, result) in enumerate(wanted.items()):
        aspect = result.width / max(result.height, 1)
        if embed_limit > 0:
            try:
                url = picture_address(path, _SIDE)
            except (MediaError, MissingExtraError):
                url = ""
            embed_limit -= len(url)
        if embed_limit < 0 or (embed_limit == 0 and path.is_file()):
            url = address_of(path, folder) if path.is_file() else ""
        if url:
            hung[path] = Hung(url, aspect)
        if progress:
            progress(number + 1, len(wanted))
    return hung
