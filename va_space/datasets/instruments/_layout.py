"""Folders of instruments: one folder for each side, in it a folder for each instrument."""

from pathlib import Path

from va_space.datasets.records import Instrument, Record
from va_space.errors import DatasetError
from va_space.media.kinds import find_media, modality_of


def read_side(folder: Path, modality: str, split: str | None = None) -> list[Record]:
    """The files of one side; each is a group of its own.

    Args:
        folder: With a folder for each instrument.
        modality: "picture" or "music"; other files are passed over.
        split: The published part that it is.

    Raises:
        DatasetError: It is not there, or holds no such file.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder; it should hold a folder for each instrument")
    records = []
    for instrument in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in find_media([instrument]):
            if modality_of(path) != modality:
                continue
            name = path.relative_to(folder.parent).as_posix()
            label = Instrument(instrument.name)
            records.append(Record(path, modality_of(path), label, group=name, id=name, split=split))
    if not records:
        raise DatasetError(
            f"{folder}: holds no folder of {'pictures' if modality == 'picture' else 'sounds'}"
        )
    return records
