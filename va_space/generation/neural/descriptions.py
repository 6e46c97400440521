"""What music sounds like, in words for a text-to-music model: by a language model, or by a template."""

import re

from va_space.generation.neural.language import Message, generate_text
from va_space.generation.neural.models import LoadedModel

_LONGEST = 80  # words; text-to-music models read little more
_SYSTEM = (
    "You are a composer who describes instrumental music for a text-to-music model. Answer with two "
    "plain English sentences: genre, tempo, instruments, harmony and mood. No titles, no names of "
    "people, no lyrics."
)


def describe_music(
    model: LoadedModel | None,
    emotion: str,
    feeling: tuple[float, float],
    caption: str | None = None,
    *,
    seed: int = 0,
) -> str:
    """Describe music that feels like something.

    Args:
        model: One of the kind "language"; None for the template.
        emotion: A word of feeling.
        feeling: (valence, arousal) as percentiles in [0, 1].
        caption: What the music is for, in words.
        seed: Of the language model's choice of words.

    Returns:
        At most 80 words. The template's if the model says nothing.

    Example:
        >>> describe_music(None, "sad", (0.2, 0.2))
        'sad instrumental music: slow tempo, minor harmony, soft, low register, legato'
    """
    if model is not None:
        said = _first_words(generate_text(model, _messages(emotion, feeling, caption), seed=seed))
        if said:
            return said
    return by_template(emotion, feeling)


def by_template(emotion: str, feeling: tuple[float, float]) -> str:
    """The description that follows from valence and arousal alone, as the rules of composing have them."""
    valence, arousal = feeling
    pace = _level(arousal, "very slow tempo", "slow tempo", "moderate tempo", "fast tempo", "very fast tempo")
    harmony = _level(
        valence,
        "dark minor harmony",
        "minor harmony",
        "modal harmony",
        "major harmony",
        "bright major harmony",
    )
    force = _level(
        arousal, "soft and sparse", "soft", "moderately loud", "loud and dense", "very loud and driving"
    )
    register = _level(
        valence, "low register", "low register", "middle register", "high register", "high register"
    )
    touch = _level(arousal, "legato", "legato", "flowing", "detached and rhythmic", "detached and rhythmic")
    return f"{emotion} instrumental music: {pace}, {harmony}, {force}, {register}, {touch}"


def _level(value: float, *words: str) -> str:
    return words[min(int(value * len(words)), len(words) - 1)]


def _messages(emotion: str, feeling: tuple[float, float], caption: str | None) -> list[Message]:
    shown = f"It is for {caption}. " if caption else ""
    valence, arousal = (round(100 * value) for value in feeling)
    asked = (
        f"{shown}It feels {emotion}: more pleasant than {valence} % and more excited than {arousal} % of "
        "others. Describe music that feels the same."
    )
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": asked}]


def _first_words(text: str) -> str:
    """Whole sentences of an answer, as long as a prompt may be, without marks of formatting."""
    plain = " ".join(re.sub(r"[*_#`>|]+", " ", "".join(s if s.isprintable() else " " for s in text)).split())
    words = plain.split(" ")
    if len(words) <= _LONGEST:
        return plain
    cut = " ".join(words[:_LONGEST])
    end = max(cut.rfind(mark) for mark in ".!?")
    return cut[: end + 1] if end > 0 else cut
