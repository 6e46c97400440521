"""Pictures with words of emotion, by the name of their data set: one module here is one data set.

Each is as its authors publish it. Records are labelled with :class:`~va_space.datasets.records.Votes`: shares
of annotators for words. Pictures are to be had from the authors, under their own licences.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from va_space.datasets.records import Record, Votes
from va_space.errors import DatasetError
from va_space.registry import Registry


@dataclass(frozen=True)
class EmotionOptions:
    """What a recipe asks of its source.

    Attributes:
        root: Folder of data sets.
        tables: With the source "table": tables of path and label, relative to the root.
    """

    root: Path
    tables: tuple[str, ...] = ()


EMOTIONS: Registry[Callable[[EmotionOptions], list[Record]]] = Registry(
    "emotion dataset", "va_space.datasets.emotions"
)


def load_emotions(name: str, options: EmotionOptions) -> list[Record]:
    """The records of a data set, or of several with "+" between their names.

    Raises:
        ConfigError: There is no data set of that name.
        DatasetError: It is missing or not as published.
    """
    return [record for part in name.split("+") for record in EMOTIONS[part](options)]


def majority(record: Record) -> str | None:
    """The word with the largest share, the first of equals by the alphabet; None without any votes.

    Raises:
        DatasetError: The record is labelled with something else than votes.
    """
    if not isinstance(record.label, Votes):
        raise DatasetError(f"{record.path}: has no votes for words of emotion")
    shares = {word: share for word, share in sorted(record.label.shares.items()) if share > 0}
    return max(shares, key=lambda word: shares[word]) if shares else None


def share_of(words: list[str]) -> Votes:
    """Shares of words that annotators chose, one word each."""
    return Votes({word: words.count(word) / len(words) for word in sorted(set(words))})
