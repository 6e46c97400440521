"""NAPS: 1,356 photographs with valence and arousal on 1-9 (Marchewka et al. 2014).

Layout: `NAPS_valence_arousal_2014.csv` (semicolons, decimal commas) and the pictures under the names they
are published with, `Animals_001_h.jpg`, in any subfolder.
"""

from pathlib import Path

from va_space.datasets.annotations import files_by_stem, read_csv, to_point
from va_space.datasets.records import Record, keep_existing
from va_space.emotion.plane import Scale

SCALE = Scale(1, 9)


def load(root: Path, *, annotations: Path | None = None) -> list[Record]:
    """Pictures with mean ratings; the group is the category with the description ("Animals: lion").

    Args:
        root: Folder that holds the pictures.
        annotations: The table, if it is not in `root`.

    Raises:
        DatasetError: The layout is not as published, or no picture is there.
    """
    table = Path(annotations) if annotations else Path(root) / "NAPS_valence_arousal_2014.csv"
    columns = ("ID", "Category", "Description", "Valence", "Arousal")
    pictures = files_by_stem(root, (".jpg", ".jpeg"))
    records = [
        Record(
            path=pictures.get(row["ID"].casefold(), Path(root) / f"{row['ID']}.jpg"),
            modality="picture",
            label=to_point(row["Valence"], row["Arousal"], SCALE, f"NAPS, {row['ID']}"),
            group=f"{row['Category']}: {row['Description'].casefold()}",
            id=row["ID"],
        )
        for row in read_csv(table, "NAPS", columns, delimiter=";")
    ]
    return keep_existing(records, "NAPS")
