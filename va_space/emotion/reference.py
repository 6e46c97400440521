"""Where a feeling stands among others of its kind: percentiles in a reference distribution.

Predictions keep near the middle, and those of pictures and of music lie in different parts of the plane:
0.55 may be calm for a recording and excited for a painting. A percentile says how large a share of a kind
lies below. It can be compared across kinds and understood by people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

Kind = Literal["photograph", "painting", "recording", "rendering", "text"]
Floats = NDArray[np.float64]

KINDS: tuple[Kind, ...] = get_args(Kind)
KINDS_OF: Mapping[str, tuple[Kind, ...]] = MappingProxyType(
    {"picture": ("photograph", "painting"), "music": ("recording", "rendering"), "text": ("text",)}
)
"""The kinds of each modality; the first stands for those that cannot be told."""

PLURALS: Mapping[Kind, str] = MappingProxyType({kind: f"{kind}s" for kind in KINDS})

LEVELS = 100
# A library's own distribution counts from FEW tracks on, and alone from MANY: a percentile among n tracks has
# a standard error of up to 0.5 / sqrt(n).
FEW, MANY = 50, 200
# Percentiles of 0 and 1 have no normal score: the outermost thousandth ends where it begins.
_OUTERMOST = 1e-3


@dataclass(frozen=True, eq=False)
class Distribution:
    """How valence and arousal are distributed in a set of things, each axis by itself.

    Attributes:
        quantiles: (LEVELS, 2) values of valence and arousal in [0, 1] that shares of (i + 1/2) / LEVELS of
            the set lie below; rising in each column.
        count: How many things it was made from.

    >>> calm = Distribution.of([(0.4, 0.2), (0.5, 0.3), (0.6, 0.4)])
    >>> calm.percentile([(0.5, 0.3), (0.4, 0.4)]).round(2).tolist()
    [[0.5, 0.5], [0.08, 0.92]]
    """

    quantiles: Floats
    count: int

    def __post_init__(self) -> None:
        values = self.quantiles
        if values.ndim != 2 or values.shape[1] != 2 or not len(values):
            raise ValueError(f"quantiles must have the shape (levels, 2), not {values.shape}")
        if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
            raise ValueError("quantiles must lie in [0, 1]")
        if (np.diff(values, axis=0) < 0).any():
            raise ValueError("quantiles must rise")

    @classmethod
    def of(cls, va: ArrayLike) -> "Distribution":
        """The distribution of (n, 2) points, n at least 1.

        Raises:
            ValueError: There is no point, or one lies outside [0, 1].
        """
        points = np.asarray(va, np.float64).reshape(-1, 2)
        if not len(points):
            raise ValueError("a distribution needs at least one point")
        # Hazen's quantiles: the i-th of n sorted points has the share (i - 1/2) / n below it.
        return cls(np.quantile(points, _shares(LEVELS), axis=0, method="hazen"), len(points))

    def percentile(self, va: ArrayLike) -> Floats:
        """Share of the set that lies below, for valence and for arousal.

        Piecewise linear between the quantiles, and from the outermost ones to 0 and 1 at the ends of the
        scale: strictly rising wherever the quantiles are, so that no two predictions beyond the set are tied.

        Args:
            va: (..., 2) valence and arousal in [0, 1].

        Returns:
            (..., 2) in [0, 1].
        """
        points = np.asarray(va, np.float64)
        return np.stack([np.interp(points[..., axis], *self.curve(axis)) for axis in (0, 1)], axis=-1)

    def deviation(self, va: ArrayLike, std: ArrayLike) -> Floats:
        """Standard deviations (..., 2) of percentiles: half of what one deviation up and one down span."""
        points, widths = np.asarray(va, np.float64), np.asarray(std, np.float64)
        return (self.percentile(points + widths) - self.percentile(points - widths)) / 2

    def value(self, percentile: ArrayLike) -> Floats:
        """Valence and arousal (..., 2) of percentiles (..., 2): the inverse of :meth:`percentile`."""
        shares = np.asarray(percentile, np.float64)
        curves = [self.curve(axis)[::-1] for axis in (0, 1)]
        return np.stack([np.interp(shares[..., axis], *curves[axis]) for axis in (0, 1)], axis=-1)

    def mixed(self, other: "Distribution", share: float) -> "Distribution":
        """The mixture that takes a share in [0, 1] from this one and the rest from another."""
        if share in (0, 1):
            return self if share else other
        columns = []
        for axis in (0, 1):
            values = np.union1d(self.curve(axis)[0], other.curve(axis)[0])
            below = [np.interp(values, *each.curve(axis)) for each in (self, other)]
            columns.append(np.interp(_shares(LEVELS), share * below[0] + (1 - share) * below[1], values))
        return Distribution(np.stack(columns, axis=1), self.count + other.count)

    def curve(self, axis: int) -> tuple[Floats, Floats]:
        """Values of valence (0) or arousal (1) in [0, 1], and the shares below them, both rising.

        :meth:`percentile` is piecewise linear between them. There is one share for each value: of equals the
        middle one.
        """
        values = np.concatenate([[0.0], self.quantiles[:, axis], [1.0]])
        shares = np.concatenate([[0.0], _shares(len(self.quantiles)), [1.0]])
        different, group = np.unique(values, return_inverse=True)
        return different, np.bincount(group, shares) / np.bincount(group)


def normal_scores(percentile: ArrayLike) -> Floats:
    """Standard normal quantiles of percentiles in [0, 1], of any shape, within about 3.1 of 0.

    >>> normal_scores([0, 0.5, 0.84]).round(2).tolist()
    [-3.09, 0.0, 0.99]
    """
    shares = _OUTERMOST + (1 - 2 * _OUTERMOST) * np.asarray(percentile, np.float64)
    return torch.special.ndtri(torch.from_numpy(shares)).numpy()


def from_normal_scores(scores: ArrayLike) -> Floats:
    """The inverse of :func:`normal_scores`; 0 or 1 for what is farther out."""
    shares = torch.special.ndtr(torch.from_numpy(np.asarray(scores, np.float64))).numpy()
    return ((shares - _OUTERMOST) / (1 - 2 * _OUTERMOST)).clip(0, 1)


def for_library(own: Distribution | None, shipped: Distribution) -> Distribution:
    """What a library's tracks are compared with: the shipped distribution, its own, or a mixture.

    Args:
        own: Of the library's tracks; None if it has none.
        shipped: Of the kind of music it holds.
    """
    share = 0.0 if own is None else min(max((own.count - FEW) / (MANY - FEW), 0.0), 1.0)
    return shipped if own is None else own.mixed(shipped, share)


@dataclass(frozen=True, eq=False)
class Detector:
    """Tells the second kind of a modality from the first by a linear function of the encoder's features.

    Attributes:
        weight: (features,) of the features before the space.
        bias: Added to them.
    """

    weight: Floats
    bias: float

    def logits(self, features: ArrayLike) -> Floats:
        """(n, features) to (n,): above 0 the second kind is more probable."""
        return np.asarray(features, np.float64) @ self.weight + self.bias


@dataclass(frozen=True, eq=False)
class Reference:
    """What a model's predictions are compared with.

    Attributes:
        distributions: Of predicted valence and arousal, by kind.
        detectors: What tells the kinds of a modality apart, by modality; those that cannot be told count as
            the first kind.
    """

    distributions: Mapping[str, Distribution]
    detectors: Mapping[str, Detector]

    def of(self, kind: str) -> Distribution:
        """The distribution of a kind.

        Raises:
            ValueError: There is none of that name.
        """
        if kind not in self.distributions:
            raise ValueError(f"no reference for {kind!r}; there are {', '.join(self.distributions)}")
        return self.distributions[kind]

    def detect(self, modality: str, features: ArrayLike) -> Kind:
        """The kind of one input, by the features (n, features) of it or of its windows."""
        kinds = KINDS_OF[modality]
        detector = self.detectors.get(modality)
        return kinds[1] if detector and detector.logits(features).mean() > 0 else kinds[0]

    def to_arrays(self) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
        """All of it as arrays, by names that say what they are."""
        arrays: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {}
        for kind, each in self.distributions.items():
            arrays[f"quantiles.{kind}"] = each.quantiles.astype(np.float32)
            arrays[f"count.{kind}"] = np.array([each.count])
        for modality, detector in self.detectors.items():
            weights = np.append(detector.weight, detector.bias)
            arrays[f"detector.{modality}"] = weights.astype(np.float32)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.floating] | NDArray[np.int64]]) -> "Reference":
        """The inverse of :meth:`to_arrays`.

        Raises:
            ValueError: An array is missing or not what its name says.
        """
        kinds, modalities = _named("quantiles.", arrays), _named("detector.", arrays)
        if missing := [kind for kind in kinds if f"count.{kind}" not in arrays]:
            raise ValueError(f"no count of {', '.join(missing)}")
        distributions = {
            kind: Distribution(
                np.asarray(arrays[f"quantiles.{kind}"], np.float64), int(arrays[f"count.{kind}"][0])
            )
            for kind in kinds
        }
        detectors = {}
        for modality in modalities:
            weights = np.asarray(arrays[f"detector.{modality}"], np.float64)
            detectors[modality] = Detector(weights[:-1], float(weights[-1]))
        return cls(distributions, detectors)


def _named(prefix: str, names: Iterable[str]) -> list[str]:
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def _shares(levels: int) -> Floats:
    return (np.arange(levels) + 0.5) / levels
