"""4Q audio emotion set: recordings of many genres, each in a quadrant (Panda, Malheiro & Paiva 2018).

The quadrants were made by the set's authors from the mood words that editors gave each song, through norms of
those words: they are of words about music, not ratings of listening.
Layout: `fourq.csv` (song, artist, quadrant) and `audio/<song>.*`, 30 s each.
"""

from pathlib import Path

from va_space.datasets.annotations import files_by_stem, read_csv
from va_space.datasets.records import Quadrant, Record, keep_existing, windows_of
from va_space.errors import DatasetError
from va_space.media.audio import probe_audio

_SUFFIXES = (".opus", ".mp3", ".ogg", ".flac", ".wav", ".m4a")


def load(
    root: Path, *, window_seconds: float | None = None, hop_seconds: float | None = None
) -> list[Record]:
    """Recordings with their quadrant as an interval; the group is the artist.

    Args:
        root: Folder with `fourq.csv` and `audio`.
        window_seconds: None for one record a recording, else windows of this length with its quadrant.
        hop_seconds: From the start of one window to the next; by default the window length.

    Raises:
        DatasetError: The layout is not as published, or no recording is there.
    """
    root = Path(root)
    rows = read_csv(root / "fourq.csv", "4Q", ("song", "artist", "quadrant"))
    files = files_by_stem(root / "audio", _SUFFIXES)
    records = []
    for row in rows:
        if row["quadrant"] not in ("1", "2", "3", "4"):
            raise DatasetError(f"4Q: song {row['song']} with quadrant '{row['quadrant']}'")
        path = files.get(row["song"].casefold(), root / "audio" / f"{row['song']}.opus")
        label = Quadrant(int(row["quadrant"]))
        records.append(Record(path, "music", label, row["artist"].casefold(), row["song"], source="fourq"))
    records = keep_existing(records, "4Q")
    if window_seconds is None:
        return records
    return [
        window
        for record in records
        for window in windows_of(
            record, probe_audio(record.path).duration or window_seconds, window_seconds, hop_seconds
        )
    ]


def word_points(root: Path, norms: Path) -> dict[str, tuple[float, float]]:
    """Mean norm of the mood words of each song, as valence and arousal in [0, 1].

    Noisier than a rating, and of words instead of listening. Songs none of whose words has a norm are left
    out.

    Args:
        root: Folder with `fourq.csv`, whose column `moods` has words with semicolons between them.
        norms: Table of words with `valence_mean` and `arousal_mean` on 1 to 9 (Warriner et al. 2013).

    Raises:
        DatasetError: A table is missing or not as published.
    """
    rows = read_csv(norms, "norms of words", ("word", "valence_mean", "arousal_mean"))
    known = {row["word"]: (float(row["valence_mean"]), float(row["arousal_mean"])) for row in rows}
    points = {}
    for row in read_csv(Path(root) / "fourq.csv", "4Q", ("song", "moods")):
        words = [known[word] for word in _words(row["moods"]) if word in known]
        if words:
            valence, arousal = (sum(values) / len(words) for values in zip(*words, strict=True))
            points[row["song"]] = ((valence - 1) / 8, (arousal - 1) / 8)
    return points


def genres(root: Path) -> dict[str, tuple[str, ...]]:
    """Genres of each song, one or several, as editors named them.

    Raises:
        DatasetError: The table is missing or not as published.
    """
    rows = read_csv(Path(root) / "fourq.csv", "4Q", ("song", "genres"))
    return {
        row["song"]: tuple(genre.strip() for genre in row["genres"].split(";") if genre.strip())
        for row in rows
    }


def _words(moods: str) -> list[str]:
    return [word.strip().casefold() for part in moods.split(";") for word in part.split("/")]
