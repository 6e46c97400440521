"""From probabilities of the taggers' classes, window by window, to tags."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from va_space.generation.tags.description import Tag
from va_space.generation.tags.hearing import Heard
from va_space.generation.tags.vocabulary import Entry, TagKind, vocabulary
from va_space.networks.musicnn import TAGS

Floats = NDArray[np.float64]

MOST = 6
"""Tags of a kind at most."""
_ROUNDED = 4


def stronger_half(probabilities: NDArray[np.floating]) -> Floats:
    """(c,) mean of the larger half of (w, c) probabilities: a solo is no less heard for its rests."""
    windows = len(probabilities)
    return np.sort(probabilities, axis=0)[windows // 2 :].mean(axis=0, dtype=np.float64)


def tags_of(heard: Heard, kind: TagKind) -> tuple[Tag, ...]:
    """Tags of a kind for a whole recording, and from when to when each is heard.

    A tag is given where the mean over the stronger half of the windows reaches the level of its class; those
    that exceed their level by the largest factor come first.
    """
    found = _chosen(stronger_half(heard.tags), stronger_half(heard.classes), kind)
    tags = []
    for entry, score in found:
        windows = heard.of(entry.tagger)[:, entry.index] >= entry.level
        rows = np.flatnonzero(windows)
        start, end = (heard.starts[rows[0]], heard.ends[rows[-1]]) if len(rows) else (None, None)
        tags.append(Tag(entry.name, score, _seconds(start), _seconds(end)))
    return tuple(tags)


def tags_between(heard: Heard, start: float, end: float, kind: TagKind, most: int = MOST) -> tuple[Tag, ...]:
    """Tags of a kind for a part of a recording: the windows weigh as much as they overlap it."""
    weights = heard.between(start, end)
    found = _chosen(weights @ heard.tags, weights @ heard.classes, kind)[:most]
    return tuple(Tag(entry.name, score) for entry, score in found)


def instruments_in(classes: NDArray[np.floating]) -> tuple[Tag, ...]:
    """Instruments by (w, 521) probabilities of YAMNet's classes alone."""
    nothing = np.zeros(len(TAGS))
    found = _chosen(nothing, stronger_half(classes), "instrument")
    return tuple(Tag(entry.name, score) for entry, score in found)


def _chosen(tags: Floats, classes: Floats, kind: TagKind) -> list[tuple[Entry, float]]:
    """Classes of a kind that reach their level, one of each name, without what is said by a narrower one."""
    found: dict[str, tuple[Entry, float]] = {}
    excess: Callable[[tuple[Entry, float]], float] = lambda pair: pair[1] / pair[0].level  # noqa: E731
    for entry in vocabulary():
        if entry.kind != kind:
            continue
        score = float((tags if entry.tagger == "musicnn" else classes)[entry.index])
        if score >= entry.level:
            pair = entry, round(score, _ROUNDED)
            found[entry.name] = max(found.get(entry.name, pair), pair, key=excess)
    said = {entry.within for entry, _ in found.values()}
    kept = [pair for name, pair in found.items() if name not in said]
    return sorted(kept, key=excess, reverse=True)[:MOST]


def _seconds(value: np.floating | None) -> float | None:
    return None if value is None else round(float(value), 2)
