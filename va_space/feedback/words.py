"""Words that say what an answer should have been."""

import math
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from va_space.errors import FeedbackError

RIGHT = "right"
"""The word for an answer that feels as it should."""

_ANGLES = {
    "more pleasant": 0,
    "happier": 0,
    "brighter": 0,
    "more joyful": 45,
    "more excited": 90,
    "livelier": 90,
    "tenser": 135,
    "less pleasant": 180,
    "sadder": 180,
    "darker": 180,
    "gloomier": 225,
    "calmer": 270,
    "quieter": 270,
    "gentler": 315,
    "more serene": 315,
}

WORDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        RIGHT: (0.0, 0.0),
        **{
            word: (
                round(math.cos(math.radians(angle)), 6) + 0.0,
                round(math.sin(math.radians(angle)), 6) + 0.0,
            )
            for word, angle in _ANGLES.items()
        },
    }
)
"""Every word, with the way from the item to what was wanted: a unit vector (valence, arousal), or no way."""


def check_word(word: str) -> str:
    """A word as it is kept.

    Raises:
        FeedbackError: It is not among :data:`WORDS`; the message names near ones.

    Example:
        >>> check_word(" Calmer ")
        'calmer'
    """
    plain = " ".join(word.casefold().replace("-", " ").split())
    if plain not in WORDS:
        near = get_close_matches(plain, WORDS, n=2) or list(WORDS)
        raise FeedbackError(f"{word!r} says nothing of how it should feel; there is {', '.join(near)}")
    return plain
