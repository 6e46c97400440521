"""Emotify: recordings with votes for nine GEMS feelings (Aljanaki, Wiering & Veltkamp 2016).

The feelings are *induced*, and chosen from a list; they are not valence and arousal.
Layout: `emotify.csv` (one row a track: file, genre, artist, share of each feeling) and the audio it names.
"""

from pathlib import Path

from va_space.datasets.annotations import read_csv
from va_space.datasets.records import Record, Votes, keep_existing
from va_space.errors import DatasetError

FEELINGS = (
    "amazement",
    "solemnity",
    "tenderness",
    "nostalgia",
    "calmness",
    "power",
    "joyful_activation",
    "tension",
    "sadness",
)

# Designed stand-ins, to compare with: listeners voted for feelings that music made them feel, not for valence
# and arousal.
PROXIES = {
    "valence": {"joyful_activation": 1, "calmness": 1, "tenderness": 1, "tension": -1, "sadness": -1},
    "arousal": {"calmness": -1, "tenderness": -1, "power": 1, "joyful_activation": 1, "tension": 1},
}


def _votes(row: dict[str, str]) -> Votes:
    try:
        return Votes({feeling: float(row[feeling]) for feeling in FEELINGS})
    except ValueError as error:
        raise DatasetError(f"Emotify: track {row['track']}: {error}") from error


def load(root: Path) -> list[Record]:
    """Recordings with the share of listeners for each of :data:`FEELINGS`; the group is the artist.

    Args:
        root: Folder with `emotify.csv`.

    Raises:
        DatasetError: The layout is not as published, or no recording is there.
    """
    root = Path(root)
    rows = read_csv(root / "emotify.csv", "Emotify", ("track", "file", "artist", *FEELINGS))
    records = [
        Record(
            path=root / row["file"],
            modality="music",
            label=_votes(row),
            group=row["artist"].casefold(),
            id=row["track"],
            source="emotify",
        )
        for row in rows
    ]
    return keep_existing(records, "Emotify")
