"""Why something lies where it lies from a query: how far in valence, in arousal, and in all the rest."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.media.kinds import Modality
from va_space.space import VASpace
from va_space.targets import Target, VectorTarget

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """The way from a query to a track or a picture.

    Attributes:
        valence: Of that less that of the query, in [-1, 1]: of percentiles where the ranking is
            relative, else of predictions.
        arousal: Likewise.
        rest: Length of the part of (its vector - query's vector) that changes neither predicted
            valence nor predicted arousal, in [0, 2]; None if the query is a feeling. To first order: what is
            left outside the gradients of the predictions at both.
    """

    valence: float
    arousal: float
    rest: float | None

    @property
    def words(self) -> str:
        """The same in words.

        Example:
            >>> Difference(valence=0.004, arousal=-0.1, rest=0.42).words
            'as pleasant, 0.10 calmer; 0.42 apart in everything else'
        """
        pleasant = _compared(self.valence, "more pleasant", "less pleasant", "as pleasant")
        excited = _compared(self.arousal, "more excited", "calmer", "as excited")
        rest = "" if self.rest is None else f"; {self.rest:.2f} apart in everything else"
        return f"{pleasant}, {excited}{rest}"


def differences(
    space: VASpace, query: Target, vectors: FloatArray, apart: FloatArray, modality: Modality = "music"
) -> list[Difference]:
    """How far what was found is from a query, and in what.

    Args:
        space: The model.
        query: What was searched for.
        vectors: (n, dimension) unit vectors.
        apart: (n, 2) their valence and arousal less those of the query.
        modality: What the vectors were made from.
    """
    rests: list[float | None] = [None] * len(apart)
    if isinstance(query, VectorTarget) and query.modality:
        own = _gradients(space, query.vector[None], query.modality)[0]
        theirs = _gradients(space, vectors, modality)
        differences = vectors - query.vector
        rests = [
            _outside(difference, np.concatenate([own, gradients]))
            for difference, gradients in zip(differences, theirs, strict=True)
        ]
    return [Difference(float(v), float(a), rest) for (v, a), rest in zip(apart, rests, strict=True)]


def _compared(value: float, more: str, less: str, equal: str) -> str:
    return equal if abs(value) < 0.005 else f"{abs(value):.2f} {more if value > 0 else less}"


def _gradients(space: VASpace, vectors: FloatArray, modality: Modality) -> FloatArray:
    """(n, 2, dimension) of predicted valence and arousal at unit vectors (n, dimension)."""
    predictor = space.va_predictor(modality)
    with torch.enable_grad():
        at = torch.tensor(vectors, device=space.device, requires_grad=True)
        # Rows do not depend on each other, so the gradient of a sum holds that of each row.
        sums = predictor(at).sum(dim=0)
        rows = [torch.autograd.grad(value, at, retain_graph=True)[0] for value in sums]
    return torch.stack(rows, dim=1).cpu().numpy()


def _outside(difference: FloatArray, directions: FloatArray) -> float:
    """Length of what is left of a vector (dimension,) outside the span of directions (d, dimension)."""
    scale = np.linalg.norm(directions, axis=1, keepdims=True)
    basis, values, _ = np.linalg.svd((directions / np.maximum(scale, 1e-12)).T, full_matrices=False)
    basis = basis[:, values > 1e-6]
    return float(np.linalg.norm(difference - basis @ (basis.T @ difference)))
