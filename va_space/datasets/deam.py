"""DEAM: songs with valence and arousal, whole (1-9) and every half second (-1..1) (Aljanaki et al. 2017).

Layout: `MEMD_audio/<song>.mp3`, and anywhere below the folder the averaged annotations
`static_annotations_averaged_songs_*.csv` (two files with different columns, with a space after each comma)
and `valence.csv`, `arousal.csv` (columns `song_id, sample_15000ms, sample_15500ms, ...`).
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.datasets.annotations import find_file, read_csv, require, to_point
from va_space.datasets.records import Record, keep_existing, windows_of
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

STATIC_SCALE = Scale(1, 9)
DYNAMIC_SCALE = Scale(-1, 1)
SAMPLE_SECONDS = 0.5


def load(root: Path, *, window_seconds: float | None = None, annotations: Path | None = None) -> list[Record]:
    """Songs, or windows of songs; the group is the song.

    Args:
        root: Folder that holds `MEMD_audio`.
        window_seconds: None for one record a song with its static label; else windows of this length from
            the first rated second on, each with the mean of its half-second ratings.
        annotations: Folder of the annotations, if they are not under `root`.

    Raises:
        DatasetError: The layout is not as published, or no song is there.
    """
    folder = Path(annotations) if annotations else Path(root)
    audio = Path(root) / "MEMD_audio"
    records = _songs(folder, audio) if window_seconds is None else _windows(folder, audio, window_seconds)
    return keep_existing(records, "DEAM")


def _song(audio: Path, song: str) -> Record:
    return Record(audio / f"{song}.mp3", "music", None, group=song, id=song)


def _songs(folder: Path, audio: Path) -> list[Record]:
    tables = sorted(require(folder, "DEAM").rglob("*static_annotations_averaged_songs_*.csv"))
    if not tables:
        raise DatasetError(f"DEAM: no static_annotations_averaged_songs_*.csv under {folder}")
    return [
        replace(
            _song(audio, row["song_id"]),
            label=to_point(
                row["valence_mean"], row["arousal_mean"], STATIC_SCALE, f"DEAM, song {row['song_id']}"
            ),
        )
        for table in tables
        for row in read_csv(table, "DEAM", ("song_id", "valence_mean", "arousal_mean"))
    ]


def _curves(path: Path) -> dict[str, dict[float, float]]:
    """Song -> second -> rating in -1..1; songs end at different columns."""
    curves = {}
    for row in read_csv(path, "DEAM", ("song_id",)):
        song = row.pop("song_id")
        try:
            curves[song] = {
                int(name.removeprefix("sample_").removesuffix("ms")) / 1000: float(value)
                for name, value in row.items()
                if value
            }
        except ValueError as error:
            raise DatasetError(f"DEAM: song {song} in {path}: {error}") from error
    return curves


def _windows(folder: Path, audio: Path, window_seconds: float) -> list[Record]:
    tables = [find_file(folder, f"{name}.csv", "DEAM") for name in ("valence", "arousal")]
    valence, arousal = (_curves(table) for table in tables)
    records = []
    for song, curve in valence.items():
        times = np.array(sorted(curve.keys() & arousal.get(song, {}).keys()))
        if len(times):
            points = np.array([(curve[time], arousal[song][time]) for time in times.tolist()])
            records += _labelled_windows(_song(audio, song), times, points, window_seconds)
    return records


def _labelled_windows(
    record: Record, times: NDArray[np.float64], points: NDArray[np.float64], window_seconds: float
) -> list[Record]:
    """Windows of one song from its first sample on; `times` (samples,), `points` (samples, 2) in -1..1."""
    labelled = []
    for window in windows_of(record, times[-1] + SAMPLE_SECONDS - times[0], window_seconds):
        start = window.start + float(times[0])
        heard = points[(times >= start) & (times < start + window_seconds)]
        if len(heard):
            valence, arousal = heard.mean(axis=0).tolist()
            label = to_point(valence, arousal, DYNAMIC_SCALE, f"DEAM, song {record.id}")
            labelled.append(replace(window, id=f"{record.id}@{start:g}", start=start, label=label))
    return labelled
