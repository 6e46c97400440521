"""What ratings teach of one person: an offset on the plane, and a taste, both with their uncertainty.

Places are pairs of normal scores of percentiles in valence and arousal, so that 1 is one standard deviation
of the kind. An answer x to a query q is wanted at z(q) + b, where b is the person's *offset*, and it gets

    s = a - L (1 - exp(-K |z(q) + b - z(x)|^2 / L)) + w . v(x) + noise

stars: K less at a distance of 1, and never more than L less. a says how generous the person is, and w . v(x),
a ridge on the centred vectors, is their *taste*. To first order in b this is linear in (a, b, w).

A word that points along the unit vector d says d . (z(q) + b - z(x)) = STEP + noise; where the answer
without b is off by more than that already, it says no more than d . b = 0 + noise. "right" says that nothing
is missing, on both axes. All unknowns have a Gaussian prior, so that what is known of them after any ratings
is a Gaussian in closed form (Bayesian linear regression; C. M. Bishop, "Pattern Recognition and Machine
Learning", 2006, 3.3): what few ratings say is shrunk towards no offset and no taste.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.emotion.reference import from_normal_scores, normal_scores
from va_space.emotion.words import AXES
from va_space.errors import FeedbackError
from va_space.feedback.ratings import Rating, Sort
from va_space.feedback.words import RIGHT, WORDS
from va_space.space import VAScale, VASpace

Floats = NDArray[np.float64]

STARS_LOST = 0.5
MOST_LOST = 3.0
"""Stars by which an answer is worse at a distance of 1, and at any distance (K and L above)."""
STEP = 0.75
"""Normal scores by which an answer is off, of which a word says so."""

# Standard deviations before anything was rated: of the offset in each axis, of the taste for a typical item
# in stars, of generosity about _USUAL_STARS; and of what ratings say, in stars and in normal scores.
_OFFSET, _TASTE, _GENEROSITY, _USUAL_STARS = 0.75, 0.7, 1.0, 3.5
_STAR_NOISE, _WORD_NOISE, _RIGHT_NOISE = 0.8, 0.75, 0.5
_UNSURE = "neither is larger than its uncertainty: rate more, words teach quickest"
_PLANE = slice(1, 3)  # where the offset is among the unknowns: (a, b, w)


@dataclass(frozen=True, eq=False)
class Preference:
    """What is known of a person's wishes for answers of one sort.

    Attributes:
        offset: (2,) normal scores of valence and arousal by which answers are wanted elsewhere (b above).
        offset_covariance: (2, 2).
        taste: (dimension,) weights of centred vectors, in stars (w above).
        taste_covariance: (dimension, dimension).
        center: (dimension,) what is taken off vectors.
        ratings: How many ratings it was learnt from.
    """

    offset: Floats
    offset_covariance: Floats
    taste: Floats
    taste_covariance: Floats
    center: Floats
    ratings: int

    @property
    def offset_std(self) -> Floats:
        """(2,) standard deviations of the offset."""
        return np.sqrt(np.diag(self.offset_covariance))

    def stars(self, vectors: ArrayLike) -> Floats:
        """Stars (n,) that the taste adds for vectors (n, dimension), about 0."""
        return (np.asarray(vectors, np.float64) - self.center) @ self.taste

    def stars_std(self, vectors: ArrayLike) -> Floats:
        """Standard deviations (n,) of :meth:`stars`."""
        apart = np.asarray(vectors, np.float64) - self.center
        return np.sqrt(np.einsum("nd,de,ne->n", apart, self.taste_covariance, apart))

    def gain(self, query: ArrayLike, places: ArrayLike, vectors: ArrayLike) -> Floats:
        """Stars that items get beyond those that they would get from a person without wishes.

        Args:
            query: (2,) percentiles.
            places: (n, 2) percentiles of the items.
            vectors: (n, dimension) of the items.
        """
        away = normal_scores(places) - normal_scores(query)
        return STARS_LOST * (2 * away @ self.offset - self.offset @ self.offset) + self.stars(vectors)

    @classmethod
    def learn(cls, ratings: Sequence[Rating]) -> Self:
        """The posterior after ratings, all of items of one sort; at least one.

        Raises:
            FeedbackError: Their vectors are not of one length.
        """
        vectors = _vectors(ratings)
        center = vectors.mean(axis=0)
        scale = max(float(np.sqrt(np.square(vectors - center).sum(axis=1).mean())), 1e-6)
        rows, values, noise = map(
            np.array, zip(*_equations(ratings, (vectors - center) / scale), strict=True)
        )
        dimension = vectors.shape[1]
        prior = np.concatenate([[_GENEROSITY], [_OFFSET] * 2, np.full(dimension, _TASTE)])
        weighted = rows / noise[:, None]
        # In units of the prior the unknowns have unit variance: well conditioned whatever their scales are.
        design = weighted * prior
        covariance = np.linalg.inv(design.T @ design + np.eye(len(prior))) * np.outer(prior, prior)
        mean = covariance @ (weighted.T @ (values / noise))
        return cls(
            mean[_PLANE],
            covariance[_PLANE, _PLANE],
            mean[_PLANE.stop :] / scale,
            covariance[_PLANE.stop :, _PLANE.stop :] / scale**2,
            center,
            len(ratings),
        )


@dataclass(frozen=True, eq=False)
class Profile:
    """What a person's ratings teach.

    Attributes:
        name: Such as "me".
        model: Fingerprint of the model that made the vectors.
        preferences: By the sort of the answers, "music" and "picture"; of what was never rated there is none.
    """

    name: str
    model: str
    preferences: Mapping[Sort, Preference]

    @classmethod
    def learn(cls, ratings: Sequence[Rating], *, name: str, model: str) -> Self:
        """A profile from ratings made with one model.

        Args:
            ratings: Of music, of pictures, or of both; ratings of words and texts teach nothing.
            name: For people.
            model: Fingerprint of the model.

        Raises:
            FeedbackError: A rating was made with another model.
        """
        if any(rating.model != model for rating in ratings):
            raise FeedbackError(f"profile {name}: ratings of several models cannot be learnt from together")
        sorts: tuple[Sort, ...] = ("music", "picture")
        own = {sort: [rating for rating in ratings if rating.item.sort == sort] for sort in sorts}
        return cls(name, model, {sort: Preference.learn(some) for sort, some in own.items() if some})

    def check_use(self, space: VASpace, scale: VAScale = "relative") -> None:
        """Make sure that the profile can be used with a model on a scale.

        Raises:
            CheckpointError: The model has no reference distributions.
            FeedbackError: It was learnt with another model, or the scale is absolute.
        """
        if space.fingerprint != self.model:
            raise FeedbackError(
                f"profile {self.name}: learnt with another model ({self.model[:12]}, this one is "
                f"{space.fingerprint[:12]}), and vectors of two models cannot be compared; rate with this one"
            )
        if scale == "absolute":
            raise FeedbackError(f"profile {self.name}: moves where things stand; the scale must be relative")
        space.require_reference()

    def of(self, sort: Sort) -> Preference | None:
        """What is known of wishes for answers of a sort; None if there was no rating of one."""
        return self.preferences.get(sort)

    def moved(self, percentiles: ArrayLike, sort: Sort) -> Floats:
        """Where answers of a sort are wanted for queries that stand at percentiles (..., 2) in [0, 1]."""
        known = self.of(sort)
        if known is None:
            return np.asarray(percentiles, np.float64)
        return from_normal_scores(normal_scores(percentiles) + known.offset)

    @property
    def words(self) -> str:
        """What it says, for people."""
        parts = []
        for sort, known in self.preferences.items():
            moves = ", ".join(
                f"{axis} {offset:+.2f} ± {std:.2f}"
                for axis, offset, std in zip(AXES, known.offset, known.offset_std, strict=True)
            )
            unsure = "" if (np.abs(known.offset) > known.offset_std).any() else f" ({_UNSURE})"
            parts.append(f"{sort} after {known.ratings} rating{'s' * (known.ratings != 1)}: {moves}{unsure}")
        nothing = "no music and no picture was rated"
        return f"Profile {self.name}, in standard deviations: {'; '.join(parts) or nothing}"


def _vectors(ratings: Sequence[Rating]) -> Floats:
    vectors = [rating.item.vector for rating in ratings if rating.item.vector is not None]
    if len({len(vector) for vector in vectors}) != 1 or len(vectors) != len(ratings):
        raise FeedbackError("ratings with vectors of different lengths: they are not of one model")
    return np.stack(vectors).astype(np.float64)


def _equations(ratings: Sequence[Rating], vectors: Floats) -> Iterator[tuple[Floats, float, float]]:
    """What each rating says: a row over (a, b, w), the value, and the standard deviation of its noise."""
    nothing = np.zeros_like(vectors[0])
    for rating, vector in zip(ratings, vectors, strict=True):
        item = rating.item.place
        query = item if rating.query is None else rating.query.place
        away = normal_scores(query) - normal_scores(item)
        if rating.stars is not None:
            kept = np.exp(-STARS_LOST * float(away @ away) / MOST_LOST)
            row = np.concatenate([[1.0], -2 * STARS_LOST * kept * away, vector])
            yield row, rating.stars - _USUAL_STARS + MOST_LOST * (1 - kept), _STAR_NOISE
        for word in rating.words:
            if word == RIGHT:
                for way in np.eye(2):
                    yield np.concatenate([[0.0], way, nothing]), -float(way @ away), _RIGHT_NOISE
            else:
                way = np.array(WORDS[word])
                missing = max(STEP - float(way @ away), 0.0)
                yield np.concatenate([[0.0], way, nothing]), missing, _WORD_NOISE
