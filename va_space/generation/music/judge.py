"""The symbolic judge: how a score feels, by a linear function of what it is like.

Its weights are a small JSON file that ships with the package, with its card beside it. It was fitted by
:mod:`va_space.training.symbolic_judge` on half of the songs of EMOPIA and of the series of VGMIDI; the other
half is left to judges of what it selects.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.errors import CheckpointError
from va_space.generation.music.features import NAMES, FloatArray

WEIGHTS = Path(__file__).parent / "symbolic_judge.json"
CLIP = 3.0  # standard deviations beyond which a feature says no more


def seen_by_symbolic_judge(group: str) -> bool:
    """Whether songs of this group (EMOPIA's song, VGMIDI's series) were for fitting the symbolic judge."""
    return hashlib.sha256(group.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True)
class SymbolicJudge:
    """Linear functions of standardised score features.

    Attributes:
        mean: (f,) of the features where it was fitted.
        spread: (f,) likewise, standard deviation.
        weights: (f, 2) for valence and arousal.
        bias: (2,).
        quantiles: (q, 2) evenly spaced quantiles of its output over scores composed by rule for feelings all
            over the plane; what a percentile refers to.
    """

    mean: FloatArray
    spread: FloatArray
    weights: FloatArray
    bias: FloatArray
    quantiles: FloatArray

    def __call__(self, features: FloatArray) -> FloatArray:
        """(n, f) features to (n, 2) valence and arousal, centred on 0 and without a unit."""
        standard = np.clip((features - self.mean) / self.spread, -CLIP, CLIP)
        return standard @ self.weights + self.bias

    def percentile(self, features: FloatArray) -> FloatArray:
        """(n, f) features to (n, 2) in [0, 1]: where each stands among scores composed by rule."""
        felt = self(features)
        levels = np.linspace(0, 1, len(self.quantiles))
        return np.column_stack([np.interp(felt[:, k], self.quantiles[:, k], levels) for k in range(2)])

    def reasons(self, features: FloatArray, which: int, count: int = 4) -> list[tuple[str, float]]:
        """The features of one score that move one output most, with how much, largest first.

        Args:
            features: (f,).
            which: 0 for valence, 1 for arousal.
            count: How many.
        """
        standard = np.clip((features - self.mean) / self.spread, -CLIP, CLIP)
        parts = standard * self.weights[:, which]
        order = np.argsort(-np.abs(parts), kind="stable")[:count]
        return [(NAMES[place], float(parts[place])) for place in order]


@cache
def load_judge(path: Path = WEIGHTS) -> SymbolicJudge:
    """Read a judge.

    Raises:
        CheckpointError: The file is missing, damaged, or of other features.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        names: Sequence[str] = stored["features"]
        arrays: list[NDArray[np.float64]] = [
            np.array(stored[name], np.float64) for name in ("mean", "spread", "weights", "bias", "quantiles")
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: not a symbolic judge ({error})") from error
    if tuple(names) != NAMES:
        raise CheckpointError(f"{path}: made for other features than this version computes")
    return SymbolicJudge(*arrays)
