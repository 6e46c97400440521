"""Ranking by where things stand among their kind, not by predicted valence and arousal as they are.

A query has percentiles among its own kind, a track, or a picture, has percentiles in the library. Both are
put on the scale of normal scores (the standard normal's quantile of the percentile), and what is at the
smallest Euclidean distance is the best. Percentiles undo that the predictions of pictures and of music lie in
different parts of the plane; normal scores keep apart what is extreme, which percentiles crowd together.
``va-space benchmark listeners`` measures this map beside others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.emotion.reference import (
    FEW,
    KINDS_OF,
    MANY,
    PLURALS,
    Distribution,
    Kind,
    for_library,
    from_normal_scores,
    normal_scores,
)
from va_space.emotion.words import STRENGTH, STRENGTH_IN_MUSIC, standing_in_words
from va_space.feedback.profile import Profile
from va_space.retrieval.asking import asking
from va_space.retrieval.library import Library
from va_space.retrieval.personal import PersonalTarget
from va_space.space import FloatArray, VAScale, VASpace
from va_space.targets import FeelingTarget, Row, Target, Tracks, VectorTarget

_SIDE = 64
_GRID = (np.stack(np.meshgrid(*[(np.arange(_SIDE) + 0.5) / _SIDE] * 2), axis=-1)).reshape(-1, 2)
# Tracks that the first box is expected to hold, if the library is spread evenly; and how fast it grows.
_FIRST, _GROWTH = 100, 1.6
_WIDEST = 8.0  # normal scores differ by less
_AS_SUBJECT = {"picture": "a picture", "music": "a track"}


@dataclass(frozen=True, eq=False)
class RelativeTarget(Target):
    """A query with its percentiles, and the library that it is compared with.

    Attributes:
        percentiles: (2,) percentiles of valence and arousal of the query among its kind, in [0, 1].
        distribution: Of what the library holds.
        size: How many that is.
    """

    percentiles: NDArray[np.float64] = field(kw_only=True)
    distribution: Distribution = field(kw_only=True)
    size: int = field(kw_only=True)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> NDArray[np.float64]:
        """Share, in [0, 1], of music spread evenly over all percentiles that would lie farther away.

        It falls strictly with the distance, so it ranks as the distance does.
        """
        return np.interp(self.distances(va), *self._farther)

    def distances(self, va: ArrayLike) -> NDArray[np.float64]:
        """(n,) distance of tracks of predicted valence and arousal (n, 2), in normal scores."""
        return np.linalg.norm(normal_scores(self.distribution.percentile(va)) - self._place, axis=-1)

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest tracks, exactly, by looking into a box around the query that grows until it holds them.

        What is outside a box of half width r is farther than r. So the box is wide enough as soon as the
        last of the wanted tracks is not farther.
        """
        wanted = max(_FIRST, 4 * count) / max(self.size, 1)
        distances, shares = self._farther
        width = float(np.interp(1 - wanted, shares[::-1], distances[::-1])) if wanted < 1 else _WIDEST
        while True:
            everything = width >= _WIDEST
            ids, va = tracks.points(where=where if everything else self._box(width, where))
            away = self.distances(va)
            nearest = np.argsort(away, kind="stable")[:count]
            if everything or (len(nearest) == count and away[nearest[-1]] <= width):
                return tracks.tracks([ids[index] for index in nearest])
            width *= _GROWTH

    @classmethod
    def mean(cls, space: VASpace, targets: Sequence[Self]) -> Self:
        """Not needed: the mean is taken before the comparison."""
        raise TypeError("take the mean of targets before they are compared with a library")

    @cached_property
    def _place(self) -> NDArray[np.float64]:
        return normal_scores(self.percentiles)

    @cached_property
    def _farther(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances, rising, and the share of an even library that is farther than each."""
        distances = np.sort(np.linalg.norm(normal_scores(_GRID) - self._place, axis=1))
        shares = 1 - (np.arange(len(distances)) + 0.5) / len(distances)
        return np.concatenate([[0.0], distances, [2 * _WIDEST]]), np.concatenate([[1.0], shares, [0.0]])

    def _box(self, width: float, where: str | None) -> str:
        low, high = (
            self.distribution.value(from_normal_scores(self._place + side)) for side in (-width, width)
        )
        # Columns are float32: a track on the edge must not be lost to rounding.
        bounds = " AND ".join(
            f"{name} >= {low[axis] - 1e-6:.9f} AND {name} <= {high[axis] + 1e-6:.9f}"
            for axis, name in enumerate(("valence", "arousal"))
        )
        return f"({bounds}) AND ({where})" if where else bounds


@dataclass(frozen=True, eq=False)
class Comparison:
    """How a query is compared with a library.

    Attributes:
        ranking: What scores tracks and finds candidates.
        standing: (2,) percentiles of the query's valence and arousal: among its kind, or in the library if
            that is of the same modality, of a feeling those it asks for; None on the absolute scale.
        std: (2,) standard deviations of those; None if they are not known.
        distribution: What the library's tracks are compared with; None on the absolute scale.
    """

    ranking: Target
    standing: NDArray[np.float64] | None = None
    std: NDArray[np.float64] | None = None
    distribution: Distribution | None = None


def compare(
    space: VASpace,
    library: Library,
    query: Target,
    scale: VAScale = "relative",
    kind: Kind | None = None,
    profile: Profile | None = None,
) -> Comparison:
    """Compare a query with a library.

    Pictures, texts and, in a library of pictures, music rank by where they stand among their kind, and
    feelings as percentiles in the library: "0.9,0.5" is more pleasant than 90% of it. Music is compared with
    music, and a picture with pictures, as it is, by the cosine. Without reference distributions in the model
    nothing is relative.

    Args:
        space: The model.
        library: Where to search.
        query: What was asked for.
        scale: "absolute" leaves the query as it is.
        kind: What the query's picture or music is; by default what was detected.
        profile: Whose answers are wanted; by default everybody's.

    Raises:
        FeedbackError: The profile is of another model, or nothing is relative.
        ValueError: The query cannot be of that kind.
    """
    if profile is not None:
        profile.check_use(space, scale)
    asks = asking(query, library.modality)
    if scale == "absolute" or space.reference is None:
        return Comparison(asks)
    distribution = standing_in(space, library)
    own = distribution
    across = isinstance(query, VectorTarget) and query.modality != library.modality
    if isinstance(query, VectorTarget) and across:
        kinds = KINDS_OF[str(query.modality)]
        if kind is not None and kind not in kinds and query.modality != "text":
            raise ValueError(f"{_AS_SUBJECT[str(query.modality)]} is a {' or a '.join(kinds)}, not a {kind}")
        own = space.distribution(query.kind_in(kind))
    strength = STRENGTH_IN_MUSIC if library.modality == "music" else STRENGTH
    if isinstance(query, FeelingTarget):
        standing, std = query.standing(space, strength=strength), None
    else:
        standing = own.percentile(query.point)
        std = None if query.std is None else own.deviation(query.point, query.std)
    ranking = asks
    placed = isinstance(query, FeelingTarget) or across
    if placed:
        ranking = RelativeTarget(
            query.name,
            query.point,
            query.std,
            query.source,
            query.vector,
            percentiles=standing if profile is None else profile.moved(standing, library.modality),
            distribution=distribution,
            size=len(library),
        )
    if profile is not None and (preference := profile.of(library.modality)) is not None:
        ranking = PersonalTarget(
            query.name,
            query.point,
            query.std,
            query.source,
            query.vector,
            ranking=ranking,
            preference=preference,
            distribution=distribution,
            place=None if placed else standing,
        )
    return Comparison(ranking, standing, std, distribution)


def standing_in(space: VASpace, library: Library) -> Distribution:
    """The distribution that a library's tracks or pictures are compared with.

    Raises:
        CheckpointError: The model has no reference distributions.
    """
    return for_library(library.distribution(), space.require_reference().of(library.kind))


def compared_with(library: Library) -> str:
    """What :func:`standing_in` compares a library's tracks or pictures with, in words.

    A small library does not stand for itself.
    """
    own = library.distribution()
    return f"your {library.media}" if own is not None and own.count > FEW else PLURALS[library.kind]


def basis_of(library: Library) -> str:
    """What a small library is compared with, why, and how to have it otherwise, in a sentence for people.

    Empty for a library that is empty, or large enough to stand for itself.
    """
    count = len(library)
    if not 0 < count < MANY:
        return ""
    kinds = KINDS_OF[library.modality]
    other = next(kind for kind in kinds if kind != library.kind)
    itself = "themselves and with " if count > FEW else ""
    found = "as --kind said" if library.kind_given else "which most were taken for"
    return (
        f"{count} {library.entries} are too few to stand for themselves"
        f"{' alone' if itself else ''} (from {MANY} on): they are compared with {itself}"
        f"{PLURALS[library.kind]}, {found}; va-space index --kind {other} takes them for {PLURALS[other]}."
    )


def standing_of(space: VASpace, query: Target, kind: Kind | None = None) -> str:
    """Where a query stands, in words; empty for a model without reference distributions."""
    if space.reference is None:
        return ""
    if isinstance(query, FeelingTarget):
        asked = query.standing(space, strength=STRENGTH_IN_MUSIC)
        return standing_in_words(asked.tolist(), "the library")
    if isinstance(query, VectorTarget):
        return standing_in_words(query.standing(space, kind).tolist(), PLURALS[query.kind_in(kind)])
    return ""
