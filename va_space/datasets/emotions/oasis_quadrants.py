"""OASIS with the quadrant of its ratings as a word: happy, tense, sad or calm."""

from dataclasses import replace

from va_space.datasets import oasis
from va_space.datasets.emotions import EMOTIONS, EmotionOptions
from va_space.datasets.records import Point, Record, Votes
from va_space.emotion.plane import quadrant

WORDS = {1: "happy", 2: "tense", 3: "sad", 4: "calm"}


@EMOTIONS.register("oasis-quadrants")
def load(options: EmotionOptions) -> list[Record]:
    """Pictures with one word each; the group is the theme.

    Raises:
        DatasetError: OASIS is not there or not as published.
    """
    return [replace(record, label=_word(record)) for record in oasis.load(options.root / "oasis")]


def _word(record: Record) -> Votes:
    assert isinstance(record.label, Point)
    return Votes({WORDS[int(quadrant((record.label.valence, record.label.arousal)))]: 1.0})
