"""What heads for genres learn from: features of sections of 4Q's recordings, and their genres."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.atomic import replacing
from va_space.datasets import fourq
from va_space.datasets.records import Record
from va_space.encoders.three_branch import SETTINGS, ThreeBranch
from va_space.errors import DatasetError, MediaError
from va_space.generation.tags.form import read_form
from va_space.generation.tags.sections import find_sections
from va_space.training.engine.cache import cached, read_windows

LEAST = 40
"""Recordings that a genre must have."""
SECONDS, HOP = 3.0, 6.0
"""Length of the windows, on which MusiCNN was trained, and from one to the next: half is heard."""

Floats = NDArray[np.float32]
Span = tuple[float, float, float]  # start and end of a section in seconds, and its energy


@dataclass(frozen=True)
class Recording:
    """A recording as the heads take it.

    Attributes:
        record: Of the file; the group is the artist.
        sections: (s, features) mean of the windows of each section.
        whole: (features,) mean of all windows.
        first: Row of the first section, the intro.
        loudest: Row of the most energetic section, the drop.
    """

    record: Record
    sections: Floats
    whole: Floats
    first: int
    loudest: int


@dataclass(frozen=True)
class GenreData:
    """All of it.

    Attributes:
        recordings: Those that could be read.
        genres: Names, the commonest first.
        labels: (n, genres) whether each recording has each genre.
        failures: What was left out, and why.
    """

    recordings: list[Recording]
    genres: list[str]
    labels: NDArray[np.bool_]
    failures: list[str]


def read_genre_data(
    root: Path,
    taggers: ThreeBranch,
    fingerprint: str,
    cache: Path,
    *,
    least: int = LEAST,
    progress: Callable[[str, int, int], None] | None = None,
) -> GenreData:
    """Listen to 4Q; what is heard is kept in the cache.

    Args:
        root: Folder with ``fourq.csv`` and ``audio``.
        taggers: Make the features.
        fingerprint: Of the model whose they are.
        cache: Folder.
        least: Recordings that a genre must have.
        progress: Called with what is done, how many are done, and of how many.

    Raises:
        DatasetError: The data set is not there, or no genre is common enough.
    """
    named = fourq.genres(root)
    windows = [
        replace(record, id=record.id.partition("@")[0])
        for record in fourq.load(root, window_seconds=SECONDS, hop_seconds=HOP)
        if named.get(record.id.partition("@")[0])
    ]
    heard = cached(
        "genre-features",
        windows,
        {"model": fingerprint, "seconds": SECONDS, "hop": HOP},
        (taggers.features,),
        np.float16,
        lambda same: _features(taggers, same),
        cache,
        progress,
    )
    files = list(dict.fromkeys(record.path for record in windows))
    sections = read_sections(files, cache, progress)
    recordings, failures = [], []
    for path, rows in groupby(range(len(heard.records)), key=lambda row: heard.records[row].path):
        mine = list(rows)
        found = sections[path.name]
        if isinstance(found, str):
            failures.append(found)
        else:
            recordings.append(_recording([heard.records[row] for row in mine], heard.values[mine], found))
    counts = Counter(genre for each in recordings for genre in named[each.record.id])
    genres = [genre for genre, count in counts.most_common() if count >= least]
    if not genres:
        raise DatasetError(f"4Q: no genre has {least} recordings")
    labels = np.array([[genre in named[each.record.id] for genre in genres] for each in recordings])
    return GenreData(recordings, genres, labels, failures)


def _features(taggers: ThreeBranch, same_file: Sequence[Record]) -> Floats:
    samples = torch.from_numpy(read_windows(same_file, replace(SETTINGS, window_seconds=SECONDS)))
    device = next(taggers.parameters()).device
    with torch.inference_mode():
        return taggers(samples[:, None, None].to(device)).cpu().numpy()


def read_sections(
    files: Sequence[Path], cache: Path, progress: Callable[[str, int, int], None] | None = None
) -> dict[str, list[Span] | str]:
    """Sections of recordings by the name of the file, or why it has none; kept in the cache.

    Args:
        files: The recordings, each with a name of its own.
        cache: Folder.
        progress: Called with what is done, how many are done, and of how many.
    """
    path = cache / "genre-sections.json"
    known: dict[str, list[Span] | str] = {}
    if path.is_file():
        known = json.loads(path.read_text(encoding="utf-8"))
    missing = [file for file in files if file.name not in known]
    for done, file in enumerate(missing, start=1):
        try:
            sections = find_sections(read_form(file))
            known[file.name] = [(each.start, each.end, each.energy) for each in sections]
        except MediaError as error:
            known[file.name] = str(error)
        if progress:
            progress("genre-sections", done, len(missing))
    if missing:
        with replacing(path) as beside:
            beside.write_text(json.dumps(known), encoding="utf-8")
    return known


def _recording(
    windows: Sequence[Record], features: NDArray[np.float16], sections: Sequence[Span]
) -> Recording:
    values = features.astype(np.float32)
    starts = np.array([window.start for window in windows])
    rows = []
    for start, end, _ in sections:
        inside = (starts + SECONDS > start) & (starts < end)
        rows.append(values[inside].mean(axis=0) if inside.any() else values.mean(axis=0))
    whole = replace(windows[0], start=0.0, duration=None)
    loudest = int(np.argmax([energy for _, _, energy in sections]))
    return Recording(whole, np.stack(rows), values.mean(axis=0), 0, loudest)
