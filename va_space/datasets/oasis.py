"""OASIS: 900 photographs with valence and arousal on 1-7 (Kurdi, Lozano & Banaji 2017).

Layout: `OASIS.csv` and `images/<theme>.jpg`.
"""

import re
from pathlib import Path

from va_space.datasets.annotations import read_csv, to_point
from va_space.datasets.records import Record, keep_existing
from va_space.emotion.plane import Scale

SCALE = Scale(1, 7)


def load(root: Path) -> list[Record]:
    """Pictures with the mean ratings of about 100 people each.

    The group is the theme without its number ("Acorns 1" and "Acorns 2" are nearly the same picture).

    Args:
        root: Folder with `OASIS.csv` and `images`.

    Raises:
        DatasetError: The layout is not as published, or no picture is there.
    """
    root = Path(root)
    rows = read_csv(root / "OASIS.csv", "OASIS", ("Theme", "Valence_mean", "Arousal_mean"))
    records = [
        Record(
            path=root / "images" / f"{row['Theme']}.jpg",
            modality="picture",
            label=to_point(row["Valence_mean"], row["Arousal_mean"], SCALE, f"OASIS, {row['Theme']}"),
            group=re.sub(r"\s*\d+$", "", row["Theme"]).casefold(),
            id=row["Theme"],
        )
        for row in rows
    ]
    return keep_existing(records, "OASIS")
