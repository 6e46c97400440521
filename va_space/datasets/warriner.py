"""Norms of 13,915 English words: valence and arousal on 1-9 (Warriner, Kuperman & Brysbaert 2013).

Under CC BY-NC-ND: to compare with, not to train on. Layout: `warriner2013.csv`.
"""

from pathlib import Path

from va_space.datasets.annotations import read_csv, to_point
from va_space.datasets.records import Point
from va_space.emotion.plane import Scale

SCALE = Scale(1, 9)


def load(root: Path) -> dict[str, Point]:
    """Word, in small letters -> its mean ratings.

    Args:
        root: Folder with `warriner2013.csv`.

    Raises:
        DatasetError: The layout is not as published.
    """
    rows = read_csv(Path(root) / "warriner2013.csv", "Warriner", ("word", "valence_mean", "arousal_mean"))
    return {
        row["word"].casefold(): to_point(
            row["valence_mean"], row["arousal_mean"], SCALE, f"Warriner, {row['word']}"
        )
        for row in rows
    }
