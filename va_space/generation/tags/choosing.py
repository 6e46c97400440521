"""From probabilities of the taggers' classes, window by window, to tags."""

import numpy as np
from numpy.typing import NDArray

from va_space.generation.tags.description import Tag
from va_space.generation.tags.hearing import Heard
from va_space.generation.tags.vocabulary import Entry, Tagger, TagKind, vocabulary
from va_space.networks.musicnn import TAGS

Floats = NDArray[np.float64]
Scored = tuple[Entry, float]  # a class, and how probable it is

MOST = 6
"""Tags of a kind at most."""
FAINT = 0.15
"""Share of the score of a tagger's strongest class of a kind below which another one is left out."""
NARROWER = 0.5
"""Share of the score of a general name ("guitar") from which a narrower one ("banjo") takes its place; below
it, the narrower one is left out."""
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


def _chosen(tags: Floats, classes: Floats, kind: TagKind) -> list[Scored]:
    """Classes of a kind that are heard, one of each name, those that exceed their level most first."""
    best: dict[str, Scored] = {}
    for entry in vocabulary():
        if entry.kind == kind:
            score = float((tags if entry.tagger == "musicnn" else classes)[entry.index])
            if score >= entry.level:
                pair = entry, round(score, _ROUNDED)
                best[entry.name] = max(best.get(entry.name, pair), pair, key=_excess)
    found = _without_faint(list(best.values()))
    return sorted(_without_doubles(found), key=_excess, reverse=True)[:MOST]


def _excess(pair: Scored) -> float:
    return pair[1] / pair[0].level


def _without_faint(found: list[Scored]) -> list[Scored]:
    """Without what is far less probable than the most probable class of its tagger."""
    most: dict[Tagger, float] = {}
    for entry, score in found:
        most[entry.tagger] = max(score, most.get(entry.tagger, 0.0))
    return [(entry, score) for entry, score in found if score >= FAINT * most[entry.tagger]]


def _without_doubles(found: list[Scored]) -> list[Scored]:
    """Of a general and a narrower name one: the narrower if it is probable enough beside the general one."""
    scores = {entry.name: score for entry, score in found}
    narrower = {
        entry.name: entry.within
        for entry, score in found
        if entry.within in scores and score >= NARROWER * scores[entry.within]
    }
    return [
        (entry, score)
        for entry, score in found
        if entry.name not in narrower.values() and (entry.within not in scores or entry.name in narrower)
    ]


def _seconds(value: np.floating | None) -> float | None:
    return None if value is None else round(float(value), 2)
