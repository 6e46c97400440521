"""Ranking for one person: what their profile adds to how well tracks answer.

A picture, a feeling or a text is looked for where the person wants answers to it, their offset away from
where it stands, and their taste weighs besides; for music, which is compared by the cosine, offset and taste
both do. A star more multiplies the odds of a score by e.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.emotion.reference import Distribution
from va_space.feedback.profile import Preference
from va_space.space import FloatArray, VASpace
from va_space.targets import Row, Target, Tracks

CANDIDATES = 300
"""Best tracks without the profile that it puts in order."""
_ALMOST = 1e-6


@dataclass(frozen=True, eq=False)
class PersonalTarget(Target):
    """A query as one person asks it.

    Attributes:
        ranking: The query, compared with the library: where it is placed, by their offset.
        preference: What is known of their wishes for music.
        distribution: Of the library's tracks.
        place: (2,) percentiles of a query that the ranking does not place; None if it does.
    """

    ranking: Target = field(kw_only=True)
    preference: Preference = field(kw_only=True)
    distribution: Distribution = field(kw_only=True)
    place: NDArray[np.float64] | None = field(default=None, kw_only=True)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> NDArray[np.float64]:
        """(n,) the scores of the ranking, their odds multiplied by e for each star that the person adds."""
        if self.place is None:
            stars = self.preference.stars(vectors)
        else:
            places = self.distribution.percentile(va)
            stars = self.preference.gain(self.place, places, vectors)
        return with_stars(self.ranking.scores(space, vectors, va), stars)

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The best of the ranking, many enough for the person's wishes to put in order."""
        return self.ranking.candidates(tracks, max(count, CANDIDATES), where=where)

    @classmethod
    def mean(cls, space: VASpace, targets: Sequence[Self]) -> Self:
        """Not needed: the mean is taken before the comparison."""
        raise TypeError("take the mean of targets before they are compared with a library")


def with_stars(scores: ArrayLike, stars: ArrayLike) -> NDArray[np.float64]:
    """Scores (n,) in [0, 1] with their odds multiplied by e for each of (n,) stars.

    >>> with_stars([0.5, 0.5], [0, 1]).round(2).tolist()
    [0.5, 0.73]
    """
    given = np.asarray(scores, np.float64).clip(_ALMOST, 1 - _ALMOST)
    odds = np.log(given / (1 - given)) + np.asarray(stars, np.float64)
    return 1 / (1 + np.exp(-odds))
