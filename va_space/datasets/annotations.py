"""Reading annotation files, with errors that say which file is not as published."""

import csv
import io
from pathlib import Path

from va_space.datasets.records import Point
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError


def require(path: Path, source: str) -> Path:
    """The path itself, if it is there.

    Raises:
        DatasetError: It is not; the message names the data set and the path.
    """
    if not path.exists():
        raise DatasetError(f"{source}: {path} is missing; give the folder that holds the published layout")
    return path


def read_text(path: Path, source: str) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises:
        DatasetError: The file is missing or not text.
    """
    try:
        return require(path, source).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{source}: {path} is not a UTF-8 text file ({error})") from error


def read_csv(path: Path, source: str, columns: tuple[str, ...], delimiter: str = ",") -> list[dict[str, str]]:
    """Read a table with a header line; spaces around names and values are dropped.

    Args:
        path: The file, UTF-8 with or without a byte order mark.
        source: Name of the data set, for messages.
        columns: Columns that must be there; others are kept too.
        delimiter: What separates the columns.

    Raises:
        DatasetError: The file is missing, not text, has a row of another length, or lacks a column.
    """
    reader = csv.reader(io.StringIO(read_text(path, source)), delimiter=delimiter, skipinitialspace=True)
    header, *lines = [line for line in reader if line] or [[]]
    names = [name.strip() for name in header]
    if missing := [column for column in columns if column not in names]:
        raise DatasetError(f"{source}: {path} has no column {', '.join(missing)}; it has {', '.join(names)}")
    rows = []
    for number, line in enumerate(lines, start=2):
        if len(line) != len(names):
            raise DatasetError(f"{source}: line {number} of {path} has {len(line)} of {len(names)} columns")
        rows.append({name: value.strip() for name, value in zip(names, line, strict=True)})
    return rows


def to_point(valence: object, arousal: object, scale: Scale, where: str) -> Point:
    """The label that two ratings on a source's own scale mean.

    Args:
        valence: A number, or its text; a decimal comma is accepted.
        arousal: Likewise.
        scale: The source's scale.
        where: What the ratings belong to, for messages.

    Raises:
        DatasetError: Not a number, or outside the scale.
    """
    try:
        ratings = [float(str(rating).replace(",", ".")) for rating in (valence, arousal)]
        return Point(*scale.to_unit(ratings).tolist())
    except ValueError as error:
        raise DatasetError(
            f"{where}: valence {valence!r}, arousal {arousal!r} is no rating: {error}"
        ) from error


def find_file(root: Path, pattern: str, source: str) -> Path:
    """The first file under a folder whose name matches, since archives are unpacked in many ways.

    Raises:
        DatasetError: There is none.
    """
    found = sorted(path for path in Path(root).rglob(pattern) if path.is_file())
    if not found:
        raise DatasetError(f"{source}: no {pattern} under {root}")
    return found[0]


def files_by_stem(root: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """Files under a folder with one of the suffixes, by name without suffix, in lower case."""
    files = sorted(path for path in Path(root).rglob("*") if path.suffix.casefold() in suffixes)
    return {path.stem.casefold(): path for path in reversed(files)}
