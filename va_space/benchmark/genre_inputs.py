"""What heads for genres learn from: features of sections of 4Q's recordings, and their genres."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

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
    recordings, failures = [], []
    for _, rows in groupby(range(len(heard.records)), key=lambda row: heard.records[row].path):
        mine = list(rows)
        try:
            recordings.append(_recording([heard.records[row] for row in mine], heard.values[mine]))
        except MediaError as error:
            failures.append(str(error))
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


def _recording(windows: Sequence[Record], features: NDArray[np.float16]) -> Recording:
    values = features.astype(np.float32)
    sections = find_sections(read_form(windows[0].path))
    starts = np.array([window.start for window in windows])
    rows = []
    for section in sections:
        inside = (starts + SECONDS > section.start) & (starts < section.end)
        rows.append(values[inside].mean(axis=0) if inside.any() else values.mean(axis=0))
    energies = [section.energy for section in sections]
    return Recording(
        replace(windows[0], start=0.0, duration=None),
        np.stack(rows),
        values.mean(axis=0),
        0,
        int(np.argmax(energies)),
    )
