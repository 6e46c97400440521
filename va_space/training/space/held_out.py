"""Held-out tracks of which the quadrant or listeners' votes are known: what folds' models say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor
from torch.nn import functional

from va_space.atomic import replacing
from va_space.datasets.emotify import PROXIES
from va_space.datasets.records import Quadrant, Record, Votes
from va_space.emotion.plane import quadrant
from va_space.encoders.model import SpaceModel
from va_space.training.space.examples import Examples

if TYPE_CHECKING:
    from va_space.training.space.task import SpaceTask

POSITIVE, AROUSED = (1, 4), (1, 2)


@dataclass
class HeldOutTracks:
    """Tracks of all folds, each from the fold that has not seen its group.

    Attributes:
        records: One of each track.
        vectors: Unit vectors (dimension,), the normalised mean of the track's windows.
        points: Valence and arousal (2,) that the fold's model predicts from it, before calibration.
        scores: What the auxiliary layer says of feelings, (feelings,); empty where there is none.
    """

    records: list[Record] = field(default_factory=list)
    vectors: list[Tensor] = field(default_factory=list)
    points: list[Tensor] = field(default_factory=list)
    scores: list[Tensor] = field(default_factory=list)

    def add(self, task: "SpaceTask", model: SpaceModel, examples: Examples) -> None:
        """Take the tracks of a fold, by the mean vector of their windows."""
        windows, _ = task.predict(model.music_encoder, model.music_va, examples)
        rows: dict[Path, list[int]] = {}
        for row, record in enumerate(examples.records):
            rows.setdefault(record.path, []).append(row)
        vectors = torch.stack([windows[found].mean(dim=0) for found in rows.values()])
        vectors = functional.normalize(vectors, dim=1)
        device = next(model.parameters()).device
        with torch.no_grad():
            self.points += model.music_va(vectors.to(device)).cpu()
            votes = task.module.votes
            self.scores += (votes(vectors.to(device)).cpu() if votes else torch.zeros(len(vectors), 0)).unbind()
        self.records += [examples.records[found[0]] for found in rows.values()]
        self.vectors += vectors

    def summary(self, renderings: set[Path]) -> dict[str, Any]:
        """Agreement with quadrants, by source, and with votes.

        Args:
            renderings: Files that count where a clip is rendered several times.
        """
        labels = [record.label for record in self.records]
        result: dict[str, Any] = {}
        for source in sorted({record.source for record in self.records}):
            rows = [row for row, record in enumerate(self.records) if record.source == source]
            clips = [r for r in rows if isinstance(labels[r], Quadrant) and self.records[r].path in renderings]
            if clips:
                numbers = np.array([labels[row].number for row in clips])  # type: ignore[union-attr]
                result[source] = agreement(self._points(clips), numbers)
            voted = [row for row in rows if isinstance(labels[row], Votes)]
            if voted:
                shares = [labels[row].shares for row in voted]  # type: ignore[union-attr]
                scores = torch.stack([self.scores[row] for row in voted]).numpy()
                result[source] = _order(scores, self._points(voted), shares)
        return result

    def save(self, path: Path) -> None:
        """Write `vectors`, `points` and, in the file's header, the name of each track."""
        from safetensors.torch import save

        if not self.records:
            return
        names = "\n".join(f"{record.source}/{record.id.rpartition('@')[0]}" for record in self.records)
        tensors = {"vectors": torch.stack(self.vectors), "points": torch.stack(self.points)}
        with replacing(path) as beside:
            beside.write_bytes(save(tensors, metadata={"tracks": names}))

    def _points(self, rows: Sequence[int]) -> NDArray[np.float32]:
        return torch.stack([self.points[row] for row in rows]).numpy()


def agreement(points: NDArray[np.floating], numbers: NDArray[np.integer]) -> dict[str, Any]:
    """How well predicted points (n, 2) agree with quadrants (n,): high is 0.5 and above.

    Returns:
        Number of clips, accuracy and macro F1 of the quadrant, and for valence and arousal the accuracy of its
        half and the area under the ROC curve.
    """
    predicted = quadrant(points)
    f1 = []
    for number in (1, 2, 3, 4):
        both = (predicted == number).sum() + (numbers == number).sum()
        f1.append(2 * ((predicted == number) & (numbers == number)).sum() / max(1, both))
    result: dict[str, Any] = {
        "clips": len(numbers),
        "quadrant": float((predicted == numbers).mean()),
        "f1": float(np.mean(f1)),
    }
    for axis, (name, high) in enumerate((("valence", POSITIVE), ("arousal", AROUSED))):
        truth = np.isin(numbers, high)
        ranks = stats.rankdata(points[:, axis])
        count = int(truth.sum())
        area = (ranks[truth].sum() - count * (count + 1) / 2) / max(1, count * (len(truth) - count))
        result[name] = float((np.isin(predicted, high) == truth).mean())
        result[f"{name} auc"] = float(area)
    return result


def _order(
    scores: NDArray[np.floating], points: NDArray[np.floating], shares: Sequence[Mapping[str, float]]
) -> dict[str, Any]:
    """Spearman's correlation of scores with votes, and of two designed proxies with both."""
    names = sorted(shares[0])
    votes = np.array([[share[name] for name in names] for share in shares])
    result: dict[str, Any] = {"tracks": len(votes)}
    given = dict(zip(names, stats.zscore(scores, axis=0).T, strict=True)) if scores.size else {}
    for axis, (name, formula) in enumerate(PROXIES.items()):
        truth = sum(sign * votes[:, names.index(feeling)] for feeling, sign in formula.items())
        result[f"{name} proxy by points"] = _spearman(points[:, axis], truth)
        if given:
            # Each score counts by the spread of its votes, since shares are what the proxy adds.
            spread = dict(zip(names, votes.std(axis=0), strict=True))
            told = sum(sign * given[feeling] * spread[feeling] for feeling, sign in formula.items())
            result[f"{name} proxy by votes"] = _spearman(told, truth)
    if given:
        result["feelings"] = {name: _spearman(given[name], votes[:, at]) for at, name in enumerate(names)}
    return result


def _spearman(a: Any, b: Any) -> float:
    return float(stats.spearmanr(a, b).statistic)
