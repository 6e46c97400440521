"""Texts as inputs of an export: one a line of a file, or one a row of a table."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from va_space.atomic import require_ending
from va_space.errors import ConfigError, MediaError

ENDINGS = (".txt", ".csv", ".tsv", ".parquet")
COLUMN = "text"
"""Of a table, unless another one is named."""


@dataclass(frozen=True)
class TextSource:
    """A text that is embedded.

    Attributes:
        name: As it is called in tables, such as "reviews.csv:3".
        text: It.
    """

    name: str
    text: str

    @property
    def stamp(self) -> tuple[str]:
        """What changes with its content."""
        return (self.text,)


def read_texts(path: str | Path, column: str = COLUMN) -> list[TextSource]:
    r"""The texts of a file, each under the file's name and the number of its line or row, counted from 1.

    Args:
        path: A .txt file with a text a line, of which empty lines are left out; or a table, .csv (commas),
            .tsv (tabs), .parquet. Texts are UTF-8.
        column: Of a table.

    Raises:
        ConfigError: The file has another ending, or the table no such column.
        MediaError: It cannot be read.

    Example:
        >>> _ = Path("texts.txt").write_text("a quiet evening\n\nthe crowd went wild\n")
        >>> [(each.name, each.text) for each in read_texts("texts.txt")]
        [('texts.txt:1', 'a quiet evening'), ('texts.txt:3', 'the crowd went wild')]
    """
    path = Path(path)
    require_ending(path, "files of texts", ENDINGS)
    try:
        found = list(_texts_of(path, column))
    except FileNotFoundError as error:
        raise MediaError(path, "no such file") from error
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise MediaError(path, f"cannot be read as {path.suffix.lower()} in UTF-8 ({error})") from error
    return [TextSource(f"{path}:{number}", text) for number, text in found]


def as_sources(texts: Iterable[str | TextSource]) -> list[TextSource]:
    """Texts under names; those without are called by their number."""
    return [
        each if isinstance(each, TextSource) else TextSource(f"text {number}", each)
        for number, each in enumerate(texts, start=1)
    ]


def _texts_of(path: Path, column: str) -> Iterator[tuple[int, str]]:
    if path.suffix.lower() == ".txt":
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        yield from ((number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip())
        return
    rows = _parquet(path, column) if path.suffix.lower() == ".parquet" else _csv(path, column)
    for number, text in enumerate(rows, start=1):
        yield number, "" if text is None else str(text)


def _csv(path: Path, column: str) -> Iterator[str | None]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        _check_column(path, column, table.fieldnames or ())
        yield from (row[column] for row in table)


def _parquet(path: Path, column: str) -> Iterator[str | None]:
    import pyarrow.parquet as pq

    with path.open("rb") as opened, pq.ParquetFile(opened) as file:
        _check_column(path, column, file.schema_arrow.names)
        for batch in file.iter_batches(columns=[column]):
            yield from batch[column].to_pylist()


def _check_column(path: Path, column: str, there: Iterable[str]) -> None:
    if column not in (names := list(there)):
        raise ConfigError(f"{path}: no column {column!r}; there are {', '.join(names) or 'none'}")
