"""EMID: music paired with pictures of eight emotions (Zou et al. 2023, "EMID").

Layout: a table of clips, anywhere below ``emid``, with the columns ``Image1_filename``, ``Image1_tag`` up to
``Image3_...``; and the pictures, anywhere below, under those names. Only the pictures and their tags are
read.
"""

from pathlib import Path

from va_space.datasets.annotations import read_csv, read_text
from va_space.datasets.emotions import EMOTIONS, EmotionOptions
from va_space.datasets.records import Record, Votes, keep_existing
from va_space.errors import DatasetError

_PAIRED = 3  # pictures a clip


@EMOTIONS.register("emid")
def load(options: EmotionOptions) -> list[Record]:
    """Pictures with one word each; each is a group of its own, in however many pairs it is.

    Raises:
        DatasetError: The layout is not as published, or no picture is there.
    """
    root = options.root / "emid"
    table = _table(root)
    delimiter = max(",;\t", key=read_text(table, "EMID").partition("\n")[0].count)
    files = {path.name: path for path in sorted(root.rglob("*")) if path.is_file()}
    records: dict[str, Record] = {}
    for row in read_csv(table, "EMID", ("Image1_filename", "Image1_tag"), delimiter):
        for number in range(1, _PAIRED + 1):
            name, tag = row.get(f"Image{number}_filename", ""), row.get(f"Image{number}_tag", "")
            if name and tag:
                path = files.get(Path(name).name, root / name)
                label = Votes({tag.casefold(): 1.0})
                records.setdefault(name, Record(path, "picture", label, name, name))
    return keep_existing(records.values(), "EMID")


def _table(root: Path) -> Path:
    for path in sorted(root.rglob("*.csv")):
        if "Image1_filename" in read_text(path, "EMID").partition("\n")[0]:
            return path
    raise DatasetError(f"EMID: no table with the column Image1_filename under {root}")
