"""What the taggers can name, in this package's words, and how strongly each name usually is heard.

``vocabulary.csv`` has a line for each class that is used: the tagger, its own name of the class, the kind of
tag, our name, a more general name that is left out beside it, and a level. The taggers' probabilities differ
by class: a trumpet solo gets 0.2, a rapper 0.1, rock 0.6. So each class has a level of its own, which nine of
ten recordings do not reach (``scripts/fit_tag_levels.py``), and what reaches it counts as heard.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Tagger = Literal["musicnn", "yamnet"]
TagKind = Literal["genre", "mood", "voice", "era", "instrument", "sound"]
KINDS: tuple[TagKind, ...] = get_args(TagKind)


@dataclass(frozen=True)
class Entry:
    """A class of a tagger.

    Attributes:
        tagger: Which.
        index: Of the class among the tagger's.
        kind: Of the tag.
        name: Of the tag; several classes may share one.
        within: A more general tag, which this one makes superfluous; "" if there is none.
        level: Probability from which it counts as heard.
    """

    tagger: Tagger
    index: int
    kind: TagKind
    name: str
    within: str
    level: float


@cache
def vocabulary() -> tuple[Entry, ...]:
    """All classes that are used."""
    from va_space.networks.musicnn import TAGS
    from va_space.networks.yamnet import class_names

    places = {"musicnn": {name: index for index, name in enumerate(TAGS)}}
    places["yamnet"] = {name: index for index, name in enumerate(class_names())}
    text = (files("va_space.generation.tags") / "vocabulary.csv").read_text(encoding="utf-8")
    return tuple(
        Entry(
            row["tagger"],  # type: ignore[arg-type]
            places[row["tagger"]][row["class"]],
            row["kind"],  # type: ignore[arg-type]
            row["name"],
            row["within"],
            float(row["level"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def names(kind: TagKind) -> tuple[str, ...]:
    """All tags of a kind that a recording may get, sorted.

    >>> "saxophone" in names("instrument"), "jazz" in names("genre")
    (True, True)
    """
    return tuple(sorted({entry.name for entry in vocabulary() if entry.kind == kind}))
