"""A user's own data: a CSV or parquet table of `path, valence, arousal[, group]` with the scale stated."""

from pathlib import Path

from va_space.datasets.annotations import read_csv, require, to_point
from va_space.datasets.records import Record, keep_existing
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError
from va_space.media.kinds import modality_of

_COLUMNS = ("path", "valence", "arousal")


def _read(path: Path) -> list[dict[str, str]]:
    if path.suffix.casefold() != ".parquet":
        return read_csv(path, "table", _COLUMNS)
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(require(path, "table"))
    except (pyarrow.ArrowException, OSError) as error:
        raise DatasetError(f"table: {path} is not a readable parquet file ({error})") from error
    if missing := [column for column in _COLUMNS if column not in table.column_names]:
        raise DatasetError(
            f"table: {path} has no column {', '.join(missing)}; it has {', '.join(table.column_names)}"
        )
    return [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in table.to_pylist()
    ]


def load(path: Path, scale: Scale) -> list[Record]:
    """Pictures and music with their labels; which is which is told by content.

    Args:
        path: The table, `.parquet` or CSV (UTF-8, commas). Relative paths in it are relative to its folder.
            Without a `group` column each file is a group of its own.
        scale: The scale that its valence and arousal are on.

    Raises:
        DatasetError: The table is missing or lacks a column, a rating is outside the scale, a path is
            listed twice, or none of the files is there.
        MediaError: A file is neither a picture nor sound.
    """
    path = Path(path)
    records: dict[str, Record] = {}
    for row in _read(path):
        name = row["path"]
        if name in records:
            raise DatasetError(f"table: {name} is listed twice in {path}")
        label = to_point(row["valence"], row["arousal"], scale, f"table, {name}")
        media = path.parent / name
        kind = modality_of(media) if media.is_file() else "picture"
        records[name] = Record(media, kind, label, group=row.get("group") or name, id=name)
    return keep_existing(records.values(), str(path))
