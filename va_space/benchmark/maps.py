"""Ways to compare pictures with music whose predictions lie elsewhere: maps of each side, measured.

A map puts pictures, and music, each by itself, where they can be compared; then the nearest track is the
best. Maps of predicted valence and arousal know the plane, the others all numbers of the vectors.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.metrics import Floats
from va_space.emotion.reference import Distribution, normal_scores

SHRINKAGE = 0.03  # of covariances, as a share of the largest variance
ROUNDS = 200
_NEIGHBOURS = 10
OURS = "normal scores"


def distances(pictures: Floats, music: Floats) -> Floats:
    """(n, m) negative Euclidean distances of (n, d) and (m, d): larger is nearer."""
    return -np.linalg.norm(pictures[:, None] - music[None], axis=-1)


def cosines(pictures: Floats, music: Floats) -> Floats:
    """(n, m) cosines of (n, d) and (m, d)."""
    return _unit(pictures) @ _unit(music).T


def centred(values: Floats) -> Floats:
    """Values less their mean."""
    return values - values.mean(axis=0)


def standardised(values: Floats) -> Floats:
    """Values with mean 0 and deviation 1 in each column."""
    return centred(values) / np.maximum(values.std(axis=0), 1e-12)


def percentiles(values: Floats) -> Floats:
    """Percentiles of valence and arousal (n, 2) among themselves."""
    return Distribution.of(values).percentile(values)


def whitened(values: Floats) -> Floats:
    """Values less their mean, with all directions equally spread, up to shrinkage (zero-phase whitening)."""
    apart = centred(values)
    variances, axes = np.linalg.eigh(apart.T @ apart / len(apart))
    scale = 1 / np.sqrt(np.maximum(variances, 0) + SHRINKAGE * variances.max())
    return apart @ (axes * scale) @ axes.T


def transported(pictures: Floats, music: Floats) -> Floats:
    """(n, m) scores by optimal transport of percentiles with entropy (Sinkhorn): potential of a track - cost.

    The potentials make every track the aim of an equal share of the pictures.
    """
    cost = ((percentiles(pictures)[:, None] - percentiles(music)[None]) ** 2).sum(axis=-1)
    blur = 0.02
    potential: Floats = np.zeros(len(music))
    for _ in range(ROUNDS):
        other = -blur * _log_mean_exp((potential - cost) / blur, axis=1)
        potential = -blur * _log_mean_exp((other[:, None] - cost) / blur, axis=0)
    return potential - cost


def partly_absolute(pictures: Floats, music: Floats, share: float) -> Floats:
    """(n, m) scores of normal scores; a share of a picture's place is its prediction's among music."""
    among_music = Distribution.of(music).percentile(pictures)
    places = (1 - share) * normal_scores(percentiles(pictures)) + share * normal_scores(among_music)
    return distances(places, normal_scores(percentiles(music)))


def hubs_discounted(scores: Floats) -> Floats:
    """(n, m) scores less half the mean score of each track's nearest queries.

    Cross-domain similarity local scaling (Conneau et al., "Word translation without parallel data", 2018),
    with nothing taken from the queries, which would not change their rankings.
    """
    nearest = np.sort(scores, axis=0)[-_NEIGHBOURS:]
    return scores - nearest.mean(axis=0) / 2


Scores = Callable[[Floats, Floats, Floats, Floats], NDArray[np.floating]]
MAPS: Mapping[str, Scores] = {
    "absolute": lambda vp, vm, p, m: distances(p, m),
    "centre": lambda vp, vm, p, m: distances(centred(p), centred(m)),
    "mean and spread": lambda vp, vm, p, m: distances(standardised(p), standardised(m)),
    "quantiles": lambda vp, vm, p, m: distances(percentiles(p), percentiles(m)),
    OURS: lambda vp, vm, p, m: distances(normal_scores(percentiles(p)), normal_scores(percentiles(m))),
    "optimal transport": lambda vp, vm, p, m: transported(p, m),
    f"{OURS}, pictures shrunk by a fifth": lambda vp, vm, p, m: distances(
        0.8 * normal_scores(percentiles(p)), normal_scores(percentiles(m))
    ),
    f"{OURS}, a fifth absolute": lambda vp, vm, p, m: partly_absolute(p, m, 0.2),
    f"{OURS}, half absolute": lambda vp, vm, p, m: partly_absolute(p, m, 0.5),
    "absolute, hubs discounted": lambda vp, vm, p, m: hubs_discounted(distances(p, m)),
    "512: cosine": lambda vp, vm, p, m: cosines(vp, vm),
    "512: centre": lambda vp, vm, p, m: cosines(centred(vp), centred(vm)),
    "512: whitened": lambda vp, vm, p, m: cosines(whitened(vp), whitened(vm)),
    f"{OURS} + 512: centre": lambda vp, vm, p, m: (
        distances(normal_scores(percentiles(p)), normal_scores(percentiles(m)))
        + cosines(centred(vp), centred(vm))
    ),
}
"""Name -> (vectors of pictures, of music, valence-arousal of pictures, of music) to (n, m) scores."""


def _unit(values: Floats) -> Floats:
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)


def _log_mean_exp(values: Floats, axis: int) -> Floats:
    largest = values.max(axis=axis, keepdims=True)
    return np.log(np.exp(values - largest).mean(axis=axis)) + largest.squeeze(axis)
