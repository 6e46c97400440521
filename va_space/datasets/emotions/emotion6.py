"""Emotion6: photographs with a distribution over seven words (Peng, Chen, Sadovnik, Gallagher 2015).

Layout: ``emotion6/ground_truth.txt``, separated by tabs: ``[image_filename]``, ``[valence]``, ``[arousal]``
and ``[prob. WORD]`` for six emotions and neutral; and ``emotion6/images/CATEGORY/NUMBER.jpg``.
"""

from va_space.datasets.annotations import find_file, read_csv
from va_space.datasets.emotions import EMOTIONS, EmotionOptions
from va_space.datasets.records import Record, Votes, keep_existing
from va_space.errors import DatasetError


@EMOTIONS.register("emotion6")
def load(options: EmotionOptions) -> list[Record]:
    """Photographs with shares of words; each is a group of its own.

    Raises:
        DatasetError: The layout is not as published, or no photograph is there.
    """
    root = options.root / "emotion6"
    table = find_file(root, "ground_truth.txt", "Emotion6")
    records = []
    for row in read_csv(table, "Emotion6", ("[image_filename]",), delimiter="\t"):
        name = row["[image_filename]"]
        columns = {_word(column): value for column, value in row.items() if column.startswith("[prob.")}
        if not columns:
            raise DatasetError(f"Emotion6: {table} has no column [prob. ...]")
        try:
            # The shares are rounded: some lie a hair above 1.
            label = Votes({word: min(float(value), 1.0) for word, value in columns.items()})
        except ValueError as error:
            raise DatasetError(f"Emotion6: {name}: {error}") from error
        records.append(Record(table.parent / "images" / name, "picture", label, name, name))
    return keep_existing(records, "Emotion6")


def _word(column: str) -> str:
    return column.removeprefix("[prob.").rstrip("]").strip()
