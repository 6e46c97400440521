"""What a data set yields: records, each a file (or a window of one), its label and its group."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from va_space.emotion.plane import quadrant_bounds
from va_space.errors import DatasetError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Point:
    """Valence and arousal, each in [0, 1].

    Raises:
        ValueError: A coordinate is outside [0, 1] or NaN.
    """

    valence: float
    arousal: float

    def __post_init__(self) -> None:
        if not (0 <= self.valence <= 1 and 0 <= self.arousal <= 1):
            raise ValueError(f"valence {self.valence}, arousal {self.arousal}: both must lie in [0, 1]")


@dataclass(frozen=True)
class Quadrant:
    """A quadrant of the plane, which is a pair of intervals and not a point.

    Attributes:
        number: 1 is v+ a+, 2 is v- a+, 3 is v- a-, 4 is v+ a-.

    Raises:
        ValueError: The number is not 1 to 4.
    """

    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise ValueError(f"quadrant {self.number}: must be 1, 2, 3 or 4")

    @property
    def valence_interval(self) -> tuple[float, float]:
        """Lowest and highest valence, in [0, 1]."""
        return quadrant_bounds(self.number)[0]

    @property
    def arousal_interval(self) -> tuple[float, float]:
        """Lowest and highest arousal, in [0, 1]."""
        return quadrant_bounds(self.number)[1]


@dataclass(frozen=True)
class Votes:
    """Shares of listeners who chose each feeling; never valence and arousal.

    Attributes:
        shares: Feeling -> share in [0, 1]. Listeners may choose several, so the sum is free.

    Raises:
        ValueError: A share is outside [0, 1] or NaN.
    """

    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        for feeling, share in self.shares.items():
            if not 0 <= share <= 1:
                raise ValueError(f"{feeling} {share}: a share must lie in [0, 1]")


@dataclass(frozen=True)
class Instrument:
    """The instrument that is seen or heard.

    Attributes:
        name: Such as "violin".
    """

    name: str


@dataclass(frozen=True)
class Record:
    """One labelled (or unlabelled) picture, piece of music or text.

    Attributes:
        path: The picture or sound file, or the table that holds the text.
        modality: "picture" or "music".
        label: A point, a quadrant, votes, an instrument, or None.
        group: What must not straddle a split: song, series, artist, picture theme.
        id: Unique within the data set.
        split: The published split, where there is one.
        start: First second of the window inside the file.
        duration: Seconds of the window; None means to the end of the file.
        source: Name of the data set, where several are balanced against each other.
        text: The text itself.
    """

    path: Path
    modality: Literal["picture", "music", "text"]
    label: Point | Quadrant | Votes | Instrument | None
    group: str
    id: str
    split: str | None = None
    start: float = 0.0
    duration: float | None = None
    source: str = ""
    text: str = ""


def keep_existing(records: Iterable[Record], source: str) -> list[Record]:
    """The records whose file is there; a warning is logged with the number of those that are not.

    Args:
        records: Records of one source.
        source: Name of the data set, for messages.

    Raises:
        DatasetError: Not one of the files is there.
    """
    records = list(records)
    exists = {path: path.is_file() for path in {record.path for record in records}}
    kept = [record for record in records if exists[record.path]]
    missing = sorted(path for path, there in exists.items() if not there)
    if not kept:
        where = f"for example {missing[0]}" if missing else "and its annotations list none"
        raise DatasetError(f"{source}: no media file of this data set was found, {where}")
    if missing:
        count = f"{len(missing)} of {len(exists)} annotated files are missing"
        logger.warning("%s: %s, the first is %s", source, count, missing[0])
    return kept


def windows_of(
    record: Record, end: float, window_seconds: float, hop_seconds: float | None = None
) -> list[Record]:
    """Cut one record into windows that start at 0, one hop, two hops, ...

    The first window that reaches beyond the end is the last; it is dropped if it holds less than half a
    window, unless it is the only one, as in va_space.media.

    Args:
        record: A record of a whole file.
        end: Seconds that the file, or its annotated part, lasts.
        window_seconds: Length of a window, > 0.
        hop_seconds: From one start to the next, > 0; by default the window length.

    Returns:
        Records with the same label and group, `start` and `duration`, and the start in the id.
    """
    hop = hop_seconds or window_seconds
    full = max(0, int((end - window_seconds) / hop) + 1) if end >= window_seconds else 0
    partial = full == 0 or end - full * hop >= window_seconds / 2
    starts = [index * hop for index in range(full + partial)]
    return [
        replace(record, id=f"{record.id}@{start:g}", start=start, duration=window_seconds) for start in starts
    ]
