"""Simulated people with a hidden offset, who rate what a search with their profile finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from va_space.benchmark.metrics import Floats
from va_space.emotion.reference import from_normal_scores
from va_space.feedback.profile import MOST_LOST, STARS_LOST, Preference
from va_space.feedback.ratings import Item, Rating
from va_space.feedback.words import RIGHT

Way = Literal["words", "stars", "both"]

LIBRARY = 500
OFFSET = 1.0
"""Length of hidden offsets, in standard deviations of the kind."""
NOISE = 0.5
"""Of how a track feels to a person this time, in each axis, likewise; and of stars before they are whole."""
_BEST = 5  # tracks of a search, of which one is rated
_CLOSE = 0.5  # to what is wanted, in both axes: "right"
_DIMENSION = 16  # of vectors that say nothing
_GENEROSITY = 0.5
_HIGHEST = 4.5  # stars for what is right, before generosity


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody with wishes.

    Attributes:
        offset: (2,) normal scores by which answers are wanted elsewhere.
        generosity: Stars that they give more than others.
        way: What they say.
    """

    offset: Floats
    generosity: float
    way: Way

    @classmethod
    def drawn(cls, rng: np.random.Generator, way: Way, length: float = OFFSET) -> "Person":
        """Somebody whose offset has a random direction."""
        angle = rng.uniform(0, 2 * np.pi)
        return cls(length * np.array([np.cos(angle), np.sin(angle)]), rng.normal(0, _GENEROSITY), way)

    def stars(self, missing: Floats, rng: np.random.Generator) -> int | None:
        """For an answer that misses what is wanted by (2,) normal scores; None if they give none."""
        if self.way == "words":
            return None
        lost = MOST_LOST * (1 - np.exp(-STARS_LOST * float(missing @ missing) / MOST_LOST))
        exact = _HIGHEST + self.generosity - lost + rng.normal(0, NOISE)
        return int(np.clip(round(exact), 1, 5))

    def words(self, missing: Floats) -> tuple[str, ...]:
        """Likewise: the axis that is missed most, or that nothing is missed."""
        if self.way == "stars":
            return ()
        if np.abs(missing).max() < _CLOSE:
            return (RIGHT,)
        axis = int(np.abs(missing).argmax())
        below, above = (("less pleasant", "more pleasant"), ("calmer", "more excited"))[axis]
        return (above if missing[axis] > 0 else below,)


def learning_curve(person: Person, ratings: Sequence[int], rng: np.random.Generator) -> Floats:
    """(len(ratings),) distance of the learnt from the hidden offset after so many ratings, rising counts.

    Each time they search for something else with what was learnt so far, and rate one of the best answers.
    """
    places = rng.normal(size=(LIBRARY, 2))
    vectors = rng.normal(size=(LIBRARY, _DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = from_normal_scores(places)
    given: list[Rating] = []
    offset, curve = np.zeros(2), []
    for number in range(1, max(ratings) + 1):
        query = rng.normal(size=2)
        nearest = np.argsort(np.linalg.norm(places - query - offset, axis=1))[:_BEST]
        found = int(rng.choice(nearest))
        missing = query + person.offset - places[found] - rng.normal(0, NOISE, 2)
        item = Item(f"{found:064x}", "track", "music", tuple(shares[found].tolist()), vectors[found])
        asked = Item(f"{number:064x}", "query", "feeling", tuple(from_normal_scores(query).tolist()))
        given.append(Rating(item, asked, "model", person.stars(missing, rng), person.words(missing)))
        offset = Preference.learn(given).offset
        if number in ratings:
            curve.append(float(np.linalg.norm(offset - person.offset)))
    return np.array(curve)
