"""Why the model feels what it does: where in a picture, when in a track, which words, what would change it.

What is explained is one number at a time, an :class:`~va_space.explanation.aims.Aim`: predicted valence,
predicted arousal, or how near to a target the input lies. *Where* is a map of a picture by a method of
attribution (:data:`~va_space.explanation.methods.METHODS`), *when* the number over the windows of a track and
what the track loses without each, *which words* the words of feeling that lie nearest, and *what would change
it* the effect of each control of a photographic grade. All of it is about the model, not about people.
"""

from va_space.explanation.aims import Aim, read_aims
from va_space.explanation.explain import explain
from va_space.explanation.explanation import Explained, Explanation
from va_space.explanation.methods import MapOptions

__all__ = [
    "Aim",
    "Explained",
    "Explanation",
    "MapOptions",
    "explain",
    "read_aims",
]
