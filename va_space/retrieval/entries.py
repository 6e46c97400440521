"""Which files a library takes up, and what it keeps of each."""

import mimetypes
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from va_space.errors import MediaError, MissingExtraError
from va_space.media.heif import ENDINGS as HEIF_ENDINGS
from va_space.media.kinds import Modality, find_media, has_media_extension, is_picture
from va_space.media.pictures import picture_size
from va_space.retrieval.changes import Content
from va_space.retrieval.library import Picture, Track
from va_space.retrieval.metadata import file_title, read_metadata
from va_space.space import Encoded, Failure, VASpace


def find_files(
    given: Sequence[Path], modality: Modality, *, every: bool, passed_over: list[Path]
) -> Iterator[Path]:
    """Music, or pictures, among files and folders; what is named itself is always taken.

    Pictures beside music, such as covers, and music beside pictures are left out.

    Args:
        given: Files and folders.
        modality: What is wanted.
        every: Also try files with other endings, by their content.
        passed_over: Gets the files in folders that were left out for their ending.
    """
    named = set(given)
    for path in find_media(given, every=every, passed_over=passed_over):
        if path in named or path.is_dir() or _may_be(path, modality):
            yield path


def make_entry(
    space: VASpace, item: Encoded, path: Path, name: str, content: Content | None, modality: Modality
) -> Track | Picture | Failure:
    """What a library keeps of a file that was encoded, or why it cannot.

    Args:
        space: The model.
        item: The file under it.
        path: The file.
        name: Its path below the library's root.
        content: What was read of it before; None if it could not be.
        modality: What the library holds.
    """
    if item.modality != modality:
        wrong = "a picture, not music" if modality == "music" else "music, not a picture"
        return Failure(item.index, item.source, wrong)
    if content is None:
        return Failure(item.index, item.source, "could not be read at first; index again")
    predict = space.predict_va_from_vectors
    common: dict[str, Any] = {
        "path": name,
        **asdict(content),
        "vector": item.vector,
        "va": predict(item.vector[None], modality)[0],
    }
    try:
        common |= describe(path, modality)
    except (MediaError, MissingExtraError) as error:  # replaced since it was encoded
        return Failure(item.index, item.source, str(error))
    if item.windows is None or item.starts is None:
        return Picture(**common)
    return Track(
        **common,
        duration=item.duration or 0.0,
        starts=item.starts,
        windows=item.windows,
        windows_va=predict(item.windows, "music"),
    )


def describe(path: Path, modality: Modality) -> dict[str, Any]:
    """What a file says about itself, as columns: tags of music; name and size of a picture.

    Raises:
        MediaError: It is no picture that can be read.
        MissingExtraError: Reading it needs an extra.
    """
    if modality == "music":
        return asdict(read_metadata(path))
    width, height = picture_size(path)
    return {"title": file_title(path), "width": width, "height": height}


def _may_be(path: Path, modality: Modality) -> bool:
    looks = _looks_like_picture(path)
    if modality == "music":
        return not looks
    if looks or has_media_extension(path):
        return looks
    try:  # of an ending that is not known, but tried for its content
        return is_picture(path)
    except (MediaError, MissingExtraError):
        return True  # reading it will say what is wrong


def _looks_like_picture(path: Path) -> bool:
    kind = mimetypes.guess_type(path.name)[0] or ""
    return kind.startswith("image/") or path.suffix.lower() in HEIF_ENDINGS
