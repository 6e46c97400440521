"""Pictures and music in a folder, without labels."""

from pathlib import Path
from typing import Literal

from va_space.datasets.records import Record
from va_space.errors import DatasetError
from va_space.media.kinds import find_media, modality_of


def load(root: Path, *, modality: Literal["picture", "music"] | None = None) -> list[Record]:
    """Every picture and recording under a folder; each is a group of its own.

    Args:
        root: The folder; subfolders are searched too.
        modality: Only pictures or only music; None for both.

    Raises:
        DatasetError: The folder is not there, or holds nothing of the kind.
        MediaError: A file that by its name is a picture or a recording is neither.
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder")
    records = []
    for path in find_media([root]):
        kind = modality_of(path)
        if modality in (None, kind):
            name = path.relative_to(root).as_posix()
            records.append(Record(path, kind, None, group=name, id=name))
    if not records:
        raise DatasetError(f"{root}: holds no {modality or 'picture or recording'}")
    return records
