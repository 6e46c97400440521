"""Fits the symbolic judge of composed scores: a ridge regression on score features.

From half of the songs of EMOPIA (quadrants, as -1 and 1 on both axes) and half of the series of VGMIDI
(points, standardised); the other half, by :func:`va_space.generation.music.judge.seen_by_symbolic_judge`, is
left to whoever judges what the symbolic judge selects. Needs the extras ``midi`` and ``benchmark``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.atomic import replacing
from va_space.datasets import emopia, vgmidi
from va_space.datasets.midi import quarter_seconds
from va_space.datasets.records import Quadrant, Record
from va_space.datasets.score import Notes, read_notes
from va_space.generation.music.features import NAMES, FloatArray, score_features
from va_space.generation.music.judge import CLIP, SymbolicJudge, seen_by_symbolic_judge
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score

WINDOW = 10.0  # seconds
PENALTY = 300.0
FOLDS = 8
_REFERENCE_SCORES, _QUANTILES = 2000, 101


@dataclass(frozen=True)
class Passages:
    """Labelled passages of scores.

    Attributes:
        features: (n, f).
        labels: (n, 2) valence and arousal; each source has its own mean 0 and spread 1.
        groups: (n,) songs or series.
        source: (n,) "EMOPIA" or "VGMIDI".
    """

    features: FloatArray
    labels: FloatArray
    groups: NDArray[np.str_]
    source: NDArray[np.str_]

    def part(self, rows: NDArray[np.bool_]) -> "Passages":
        """Some of them."""
        return Passages(self.features[rows], self.labels[rows], self.groups[rows], self.source[rows])


def read_passages(data_root: Path) -> Passages:
    """All passages of EMOPIA and VGMIDI, ten seconds each.

    Args:
        data_root: Folder with ``emopia`` and ``vgmidi``.

    Raises:
        DatasetError: A data set is not as published.
    """
    rows = [*_emopia(data_root / "emopia"), *_vgmidi(data_root / "vgmidi")]
    features, labels, groups, source = (np.array(column) for column in zip(*rows, strict=True))
    for name in np.unique(source):
        own = labels[source == name]
        labels[source == name] = (own - own.mean(axis=0)) / own.std(axis=0)
    return Passages(features, labels, groups, source)


_Row = tuple[FloatArray, tuple[float, float], str, str]


def _emopia(root: Path) -> list[_Row]:
    rows: list[_Row] = []
    for record in emopia.midi_records(root):
        point = _point(record)
        notes = read_notes(record.path)
        end = float(notes[:, 0].max(initial=0)) + 1
        for start in np.arange(0, max(1.0, end - WINDOW / 2), WINDOW):
            rows += _row(notes, float(start), min(WINDOW, end - start), point, record.group, "EMOPIA")
    return rows


def _point(record: Record) -> tuple[float, float]:
    assert isinstance(record.label, Quadrant)
    return sum(record.label.valence_interval) - 1, sum(record.label.arousal_interval) - 1


def _vgmidi(root: Path) -> list[_Row]:
    rows: list[_Row] = []
    for piece in vgmidi.pieces(root):
        if not piece.midi.is_file():
            continue
        notes, curve = read_notes(piece.midi), piece.curve
        edges = quarter_seconds(piece.midi, vgmidi.QUARTERS_PER_MEASURE * np.arange(len(curve) + 1))
        for start in np.arange(0, max(1.0, edges[-1] - WINDOW / 2), WINDOW):
            heard = np.diff(np.clip(edges, start, start + WINDOW))
            valence, arousal = np.average(curve, axis=0, weights=heard)
            group = vgmidi.group_of(piece.midi)
            rows += _row(notes, float(start), WINDOW, (valence, arousal), group, "VGMIDI")
    return rows


def _row(
    notes: Notes, start: float, seconds: float, point: tuple[float, float], group: str, source: str
) -> list[_Row]:
    inside = notes[(notes[:, 0] >= start) & (notes[:, 0] < start + WINDOW)]
    features = score_features(inside, seconds)
    return [] if features is None else [(features, point, group, source)]


def fit(passages: Passages) -> SymbolicJudge:
    """A judge of these passages, without quantiles."""
    mean, spread = passages.features.mean(axis=0), passages.features.std(axis=0) + 1e-9
    standard = np.clip((passages.features - mean) / spread, -CLIP, CLIP)
    # Each source has its own level of features: only what differs within a source counts.
    labels = passages.labels.copy()
    for name in np.unique(passages.source):
        rows = passages.source == name
        standard[rows] -= standard[rows].mean(axis=0)
        labels[rows] -= labels[rows].mean(axis=0)
    gram = standard.T @ standard + PENALTY * np.eye(standard.shape[1])
    weights = np.linalg.solve(gram, standard.T @ labels)
    return SymbolicJudge(mean, spread, weights, np.zeros(2), np.zeros((2, 2)))


def cross_validated(passages: Passages) -> dict[str, dict[str, float]]:
    """Pearson's r, and for EMOPIA the accuracy of the halves, of passages whose song was not fitted on."""
    from sklearn.model_selection import GroupKFold

    predicted = np.zeros_like(passages.labels)
    for train, held in GroupKFold(FOLDS).split(passages.features, groups=passages.groups):
        rows = np.zeros(len(passages.labels), bool)
        rows[train] = True
        predicted[held] = fit(passages.part(rows))(passages.features[held])
    found: dict[str, dict[str, float]] = {}
    for name in ("EMOPIA", "VGMIDI"):
        rows = passages.source == name
        own, truth = predicted[rows] - predicted[rows].mean(axis=0), passages.labels[rows]
        found[name] = {"n": int(rows.sum())}
        for place, axis in enumerate(("valence", "arousal")):
            found[name][f"{axis} r"] = float(np.corrcoef(own[:, place], truth[:, place])[0, 1])
            if name == "EMOPIA":
                found[name][f"{axis} accuracy"] = float(((own > 0) == (truth > 0))[:, place].mean())
    return found


def with_quantiles(judge: SymbolicJudge, seed: int = 0) -> SymbolicJudge:
    """The judge with the distribution of what it says of scores composed for all of the plane."""
    source = chance(seed, 1)
    found = []
    for number in range(_REFERENCE_SCORES):
        feeling = source.random(), source.random()
        piece = compose_score(lambda _, feeling=feeling: feeling, WINDOW, chance(seed, 2, number))  # type: ignore[misc]
        features = score_features(piece.score.notes(), piece.score.duration)
        if features is not None:
            found.append(features)
    felt = judge(np.stack(found))
    quantiles = np.quantile(felt, np.linspace(0, 1, _QUANTILES), axis=0)
    return SymbolicJudge(judge.mean, judge.spread, judge.weights, judge.bias, quantiles)


def write_judge(path: Path, judge: SymbolicJudge, measured: Mapping[str, object]) -> None:
    """Write a judge as JSON, with what was measured of it."""

    def rounded(values: FloatArray) -> list[object]:
        digits = 4 if values.ndim == 2 else 5
        return np.round(values, digits).tolist()

    stored = {
        "features": list(NAMES),
        "mean": rounded(judge.mean),
        "spread": rounded(judge.spread),
        "weights": rounded(judge.weights),
        "bias": rounded(judge.bias),
        "quantiles": rounded(judge.quantiles),
        "measured": measured,
    }
    with replacing(path) as beside:
        beside.write_text(json.dumps(stored) + "\n", encoding="utf-8")


def train_judge(data_root: Path, path: Path) -> dict[str, dict[str, float]]:
    """Fit, measure and write the judge; returns what was measured.

    Args:
        data_root: Folder with ``emopia`` and ``vgmidi``.
        path: Where to write the JSON.
    """
    passages = read_passages(data_root)
    seen = np.array([seen_by_symbolic_judge(str(group)) for group in passages.groups])
    mine = passages.part(seen)
    measured = cross_validated(mine)
    write_judge(path, with_quantiles(fit(mine)), measured)
    return measured
