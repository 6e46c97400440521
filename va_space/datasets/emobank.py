"""EmoBank: 10,062 English sentences with valence and arousal on 1-5 (Buechel & Hahn 2017).

News, blogs, letters, fiction, essays and travel guides; each number is the mean of some five ratings.
Layout: `emobank.csv` (id, split, V, A, text).
"""

from pathlib import Path

from va_space.datasets.annotations import read_csv, to_point
from va_space.datasets.records import Record
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

SCALE = Scale(1, 5)
SPLITS = {"train": "train", "dev": "validation", "test": "test"}


def load(root: Path) -> list[Record]:
    """Sentences with their labels; the group is the document, which the published split does not keep whole.

    Args:
        root: Folder with `emobank.csv`.

    Raises:
        DatasetError: The layout is not as published.
    """
    path = Path(root) / "emobank.csv"
    records = []
    for row in read_csv(path, "EmoBank", ("id", "split", "V", "A", "text")):
        if row["split"] not in SPLITS:
            raise DatasetError(f"EmoBank: {row['id']}: no split is called {row['split']!r}")
        records.append(
            Record(
                path=path,
                modality="text",
                label=to_point(row["V"], row["A"], SCALE, f"EmoBank, {row['id']}"),
                group=row["id"].rsplit("_", 2)[0],
                id=row["id"],
                split=SPLITS[row["split"]],
                source="emobank",
                text=row["text"],
            )
        )
    return records
