"""IAPS: photographs with valence and arousal on 1-9 (Lang, Bradley & Cuthbert 2008).

Layout: the technical report's table `AllSubjects_1-20.txt` (some lines of text, then tab-separated columns
`desc IAPS valmn valsd aromn arosd ...`) and the pictures `<IAPS>.jpg`, in any subfolder.
"""

import re
from pathlib import Path

import numpy as np

from va_space.datasets.annotations import files_by_stem, find_file, to_point
from va_space.datasets.records import Point, Record, keep_existing
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

SCALE = Scale(1, 9)
_COLUMNS = ("desc", "IAPS", "valmn", "aromn")


def _rows(table: Path) -> list[dict[str, str]]:
    # The report was written on Windows; descriptions may hold letters that are not UTF-8.
    lines = [line.split("\t") for line in table.read_text(encoding="latin-1").splitlines() if line.strip()]
    for number, line in enumerate(lines):
        header = [name.strip() for name in line]
        if set(_COLUMNS) <= set(header):
            body = [[cell.strip() for cell in row] for row in lines[number + 1 :]]
            return [dict(zip(header, row, strict=False)) for row in body if len(row) >= len(header)]
    raise DatasetError(f"IAPS: {table} has no tab-separated header line with {', '.join(_COLUMNS)}")


def load(root: Path, *, annotations: Path | None = None) -> list[Record]:
    """Pictures with mean ratings of all subjects; the group is the description without its number.

    A picture that was rated in several sets has the mean of its ratings.

    Args:
        root: Folder that holds the pictures.
        annotations: The table, if it is not under `root`.

    Raises:
        DatasetError: The layout is not as published, or no picture is there.
    """
    table = Path(annotations) if annotations else find_file(root, "AllSubjects*.txt", "IAPS")
    ratings: dict[str, list[Point]] = {}
    descriptions: dict[str, str] = {}
    for row in _rows(table):
        point = to_point(row["valmn"], row["aromn"], SCALE, f"IAPS, {row['IAPS']}")
        ratings.setdefault(row["IAPS"], []).append(point)
        descriptions.setdefault(row["IAPS"], re.sub(r"\s*\d+$", "", row["desc"]).casefold())
    pictures = files_by_stem(root, (".jpg", ".jpeg"))
    records = [
        Record(
            path=pictures.get(number, Path(root) / f"{number}.jpg"),
            modality="picture",
            label=Point(*np.mean([(point.valence, point.arousal) for point in points], axis=0).tolist()),
            group=descriptions[number],
            id=number,
        )
        for number, points in ratings.items()
    ]
    return keep_existing(records, "IAPS")
