"""Feelings as people write them: "0.8,0.3", or a word such as "serene".

The words are the 28 of Russell's circumplex, at the angles of his direct circular scaling (J. A. Russell,
"A circumplex model of affect", Journal of Personality and Social Psychology 39, 1980): pleasure is 0 degrees
and arousal 90. A circumplex knows directions and no strengths, so all of them lie on one circle around
neutral. Other common words take the place of the one that means nearly the same; that is our choice.
"""

import math
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from va_space.emotion.reference import from_normal_scores, normal_scores

VA = tuple[float, float]

# Of 0.5 at most: a strong feeling, and yet within the part of the plane that ratings of pictures reach.
RADIUS = 0.4
STRENGTH = 2.0
"""How far from the middle of its kind a picture is to stand for a word, in standard deviations."""
STRENGTH_IN_MUSIC = 1.8
"""How far from the middle of a library words look."""

ANGLES: Mapping[str, float] = MappingProxyType(
    {
        "happy": 7.8,
        "delighted": 24.9,
        "excited": 48.6,
        "astonished": 69.8,
        "aroused": 73.8,
        "tense": 92.8,
        "alarmed": 96.5,
        "angry": 99.0,
        "afraid": 116.0,
        "annoyed": 123.0,
        "distressed": 138.0,
        "frustrated": 141.0,
        "miserable": 188.7,
        "sad": 207.5,
        "gloomy": 209.0,
        "depressed": 210.0,
        "bored": 241.9,
        "droopy": 256.6,
        "tired": 267.7,
        "sleepy": 271.9,
        "calm": 316.2,
        "relaxed": 318.0,
        "satisfied": 319.0,
        "at ease": 321.0,
        "content": 323.0,
        "serene": 328.6,
        "glad": 349.0,
        "pleased": 353.2,
    }
)
"""Russell's words with their angles in degrees."""

SAME_AS: Mapping[str, str] = MappingProxyType(
    {
        "anxious": "tense",
        "bright": "happy",
        "cheerful": "happy",
        "dark": "gloomy",
        "energetic": "aroused",
        "enthusiastic": "excited",
        "exuberant": "excited",
        "fearful": "afraid",
        "furious": "angry",
        "irritated": "annoyed",
        "joyful": "delighted",
        "lonely": "sad",
        "melancholic": "gloomy",
        "melancholy": "gloomy",
        "mournful": "sad",
        "nervous": "tense",
        "peaceful": "serene",
        "scared": "afraid",
        "sorrowful": "sad",
        "stressed": "distressed",
        "surprised": "astonished",
        "tranquil": "serene",
        "weary": "tired",
    }
)
"""Common words, each with the word of Russell's whose place it takes."""

AXES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"valence": ("unpleasant", "pleasant"), "arousal": ("calm", "excited")}
)
"""What low and high values of each axis are called."""

QUADRANTS: Mapping[int, str] = MappingProxyType(
    {1: "joyful, excited", 2: "tense, angry", 3: "sad, weary", 4: "calm, content"}
)
"""Feelings of each quadrant; see :func:`va_space.emotion.plane.quadrant`."""

_NEUTRAL = 0.5  # deviations from the middle within which a place has no direction worth a word
# Nearer than this to neutral, an axis is not worth a word.
_NEAR_NEUTRAL = 0.05

_NUMBER = r"\s*([+-]?(?:\d*\.?\d+|\d+\.))\s*"
_POINT = re.compile(f"{_NUMBER},{_NUMBER}")


def _on_circle(degrees: float) -> VA:
    angle = math.radians(degrees)
    return 0.5 + RADIUS * math.cos(angle), 0.5 + RADIUS * math.sin(angle)


_CIRCLE = {word: _on_circle(degrees) for word, degrees in ANGLES.items()}
WORDS: Mapping[str, VA] = MappingProxyType(
    {"neutral": (0.5, 0.5), **_CIRCLE, **{word: _CIRCLE[same] for word, same in SAME_AS.items()}}
)
"""Every word that is understood, with its (valence, arousal) in [0, 1]."""
# Where words lie in normal scores, which is where :func:`feeling_percentiles` puts them.
_SCORES = {
    word: tuple(STRENGTH / RADIUS * (axis - 0.5) for axis in WORDS[word]) for word in ("neutral", *ANGLES)
}


def word_point(word: str) -> VA:
    """(valence, arousal) in [0, 1] of a word of feeling, in any case of letters.

    Raises:
        ValueError: The word is not known; the message names near ones.
    """
    point = WORDS.get(_plain(word))
    if point is None:
        near = nearest_words(word)
        hint = f"do you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(WORDS))}"
        raise ValueError(f"{word!r} is not a known word of feeling; {hint}")
    return point


def standing_in_words(percentiles: Sequence[float], others: str) -> str:
    """Where something stands among others, the more telling of valence and arousal first.

    Args:
        percentiles: (valence, arousal) as shares of the others that lie below, in [0, 1].
        others: What it is compared with, as "recordings" or "your music".

    >>> standing_in_words((0.61, 0.07), "recordings")
    'calmer than 93% of recordings, more pleasant than 61%'
    """
    valence, arousal = (min(max(float(share), 0.0), 1.0) for share in percentiles)
    parts = [_more(valence, "more pleasant", "less pleasant"), _more(arousal, "more excited", "calmer")]
    (_, first), (_, second) = sorted(parts, key=lambda part: -part[0])
    return f"{first} of {others}, {second}"


def _more(share: float, above: str, below: str) -> tuple[float, str]:
    """The larger share that something is beyond, and its words; never all, since nobody knows all."""
    larger = max(share, 1 - share)
    return larger, f"{above if share >= 0.5 else below} than {min(round(100 * larger), 99)}%"


def parse_feeling(text: str) -> VA | None:
    """(valence, arousal) in [0, 1] of "0.8,0.3" or of a word of feeling; None if it is neither.

    Raises:
        ValueError: It is two numbers, and one lies outside [0, 1].

    Example:
        >>> parse_feeling("0.8, 0.3")
        (0.8, 0.3)
        >>> parse_feeling("Neutral")
        (0.5, 0.5)
        >>> parse_feeling("a file.jpg") is None
        True
    """
    match = _POINT.fullmatch(text)
    if match is None:
        return WORDS.get(_plain(text))
    valence, arousal = (float(number) for number in match.groups())
    if not (0 <= valence <= 1 and 0 <= arousal <= 1):
        raise ValueError("valence and arousal lie between 0 and 1, 0.5 is neutral")
    return valence, arousal


def describe(valence: float, arousal: float) -> str:
    """A point of the plane, each axis in [0, 1], in words.

    Example:
        >>> describe(0.7, 0.3), describe(0.5, 0.8), describe(0.52, 0.48)
        ('pleasant and calm', 'excited', 'near neutral')
    """
    words = [
        AXES[axis][value > 0.5]
        for axis, value in (("valence", valence), ("arousal", arousal))
        if not 0.5 - _NEAR_NEUTRAL <= value <= 0.5 + _NEAR_NEUTRAL
    ]
    return " and ".join(words) or "near neutral"


def describe_quadrant(number: int) -> str:
    """A quadrant, 1 to 4, by its sides.

    Example:
        >>> describe_quadrant(2)
        'unpleasant, excited'
    """
    from va_space.emotion.plane import quadrant_bounds

    return ", ".join(
        AXES[axis][low >= 0.5] for axis, (low, _) in zip(AXES, quadrant_bounds(number), strict=True)
    )


def feeling_percentiles(text: str, strength: float = STRENGTH) -> VA | None:
    """The percentiles, in [0, 1], that "0.8,0.3" or a word of feeling asks for; None if it is neither.

    Numbers are percentiles as they stand. A word is a direction: it asks for what lies some deviations of the
    standard normal from the middle in that direction.

    Args:
        text: What was asked for.
        strength: How many deviations; beyond 2 is a seventh of a kind, beyond 1.8 a fifth.

    Raises:
        ValueError: It is two numbers, and one lies outside [0, 1].

    >>> [round(share, 2) for share in feeling_percentiles("happy")]
    [0.98, 0.61]
    >>> [round(share, 2) for share in feeling_percentiles("happy", STRENGTH_IN_MUSIC)]
    [0.96, 0.6]
    """
    point = parse_feeling(text)
    if point is None or _POINT.fullmatch(text):
        return point
    valence, arousal = from_normal_scores([(axis - 0.5) * strength / RADIUS for axis in point]).tolist()
    return valence, arousal


def word_at(percentiles: Sequence[float]) -> str:
    """The word of feeling whose direction is nearest to that of a place among others.

    Args:
        percentiles: (valence, arousal) as shares of the others that lie below, in [0, 1].

    Returns:
        A word of Russell's, or "neutral" within half a deviation of the middle.

    >>> word_at((0.1, 0.2)), word_at((0.9, 0.85)), word_at((0.5, 0.6))
    ('depressed', 'excited', 'neutral')
    """
    valence, arousal = normal_scores(percentiles).tolist()
    if math.hypot(valence, arousal) < _NEUTRAL:
        return "neutral"
    direction = math.degrees(math.atan2(arousal, valence))
    single = [word for word in ANGLES if " " not in word]
    return min(single, key=lambda word: abs((ANGLES[word] - direction + 180) % 360 - 180))


def nearest_words(text: str, count: int = 3) -> list[str]:
    """Known words that are spelt much like a text, most alike first; at most `count`, or none.

    Example:
        >>> nearest_words("hapy", count=1)
        ['happy']
    """
    return get_close_matches(_plain(text), WORDS, n=count)


def words_near(percentiles: Sequence[float], count: int = 3) -> list[str]:
    """The words of feeling that lie nearest to a place among others, the nearest first.

    Nearness is the distance of normal scores, as in search. Russell's words and "neutral" are considered, and
    not those that only take the place of one of them.

    Args:
        percentiles: (valence, arousal) as shares of the others that lie below, in [0, 1].
        count: Of words at most.

    >>> words_near((0.9, 0.2), count=2)
    ['serene', 'content']
    """
    place = normal_scores(percentiles)
    return sorted(_SCORES, key=lambda word: math.dist(_SCORES[word], place))[:count]


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace("-", " ").replace("_", " ").split())
