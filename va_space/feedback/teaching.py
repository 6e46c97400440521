"""What a rating has taught, or why it has not, in words."""

import numpy as np

from va_space.feedback.profile import Floats, Preference, Profile
from va_space.feedback.ratings import Rating
from va_space.feedback.words import RIGHT

# What is less would be shown as 0.0.
_NOTED = 0.05
_WAYS = (("less pleasant", "more pleasant"), ("calmer", "livelier"))


def taught(rating: Rating, before: Profile | None, after: Profile) -> str:
    """What changed in a profile by a rating, or why nothing did and what would, in one sentence.

    Args:
        rating: The latest.
        before: What was known without it; None if that was nothing.
        after: What is known with it.
    """
    if rating.item.sort == "feeling" or (known := after.of(rating.item.sort)) is None:
        return "It teaches nothing: rate music, or pictures."
    known_before = before.of(rating.item.sort) if before else None
    changes = [*_moves(known_before, known), *_stars(rating, known_before, known)]
    again = known_before is not None and known_before.ratings == known.ratings
    instead = ", in place of the earlier rating of the same" if again else ""
    if changes:
        return f"Learnt from it{instead}: {'; '.join(changes)}."
    return f"Nothing learnt from it yet{instead}: {_reason(rating)}."


def _moves(before: Preference | None, after: Preference) -> list[str]:
    moved: Floats = after.offset - (np.zeros(2) if before is None else before.offset)
    ways = [
        f"{words[int(by > 0)]} by {abs(by):.2f}"
        for words, by in zip(_WAYS, moved, strict=True)
        if abs(by) >= _NOTED
    ]
    return [f"answers are looked for {' and '.join(ways)} standard deviations"] if ways else []


def _stars(rating: Rating, before: Preference | None, after: Preference) -> list[str]:
    vector = rating.item.vector
    if vector is None or rating.stars is None:
        return []
    was, now = (0.0 if known is None else float(known.stars(vector[None])[0]) for known in (before, after))
    return [f"what is like it gets {now - was:+.2f} stars"] if abs(now - was) >= _NOTED else []


def _reason(rating: Rating) -> str:
    words = " and ".join(rating.words)
    if rating.words and set(rating.words) != {RIGHT}:
        return (
            f"{rating.item.name} is off from what was asked for, and {words} leads back to that, which is no "
            "wish of your own; rate answers that stand where you asked"
        )
    if rating.words:
        return "it stands where answers are looked for"
    return "stars are compared with one another; give several, some more and some fewer, or --say a word"
