"""Pictures and music in a folder, without labels."""

import logging
from pathlib import Path
from typing import Literal

from va_space.datasets.records import Record
from va_space.errors import DatasetError, MediaError
from va_space.media.kinds import find_media, modality_of

logger = logging.getLogger(__name__)


def load(root: Path, *, modality: Literal["picture", "music"] | None = None) -> list[Record]:
    """Every picture and recording under a folder; each is a group of its own.

    A file that is neither, whatever its name says, is left out; a warning with their number is logged.

    Args:
        root: The folder; subfolders are searched too.
        modality: Only pictures or only music; None for both.

    Raises:
        DatasetError: The folder is not there, or holds nothing of the kind.
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder")
    records, unusable = [], []
    for path in find_media([root]):
        try:
            kind = modality_of(path)
        except MediaError as error:
            unusable.append(error)
            continue
        if modality in (None, kind):
            name = path.relative_to(root).as_posix()
            records.append(Record(path, kind, None, group=name, id=name))
    if unusable:
        logger.warning("%s: %d files cannot be used, the first: %s", root, len(unusable), unusable[0])
    if not records:
        raise DatasetError(f"{root}: holds no {modality or 'picture or recording'}")
    return records
