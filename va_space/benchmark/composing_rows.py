"""Rows of the task ``composing``: pictures and takes, variety, musicality, distance to people's music."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.benchmark import audio_metrics, metrics
from va_space.benchmark.composing_judge import Fitted
from va_space.benchmark.composing_takes import Takes, Wanted, trigram_distance
from va_space.benchmark.result import TableRow
from va_space.generation.music.features import summary
from va_space.generation.music.selection import among


def matches_row(
    fitted: Fitted, places: Sequence[tuple[float, float]], takes: list[Takes], seed: int
) -> TableRow:
    """AUC of true pairs of picture and take against shuffled ones."""
    felt = among(fitted.judge(np.stack([t.tagger[t.row("ours")] for t in takes])))
    wanted = among(np.array(places))
    near = -np.linalg.norm(wanted[:, None] - felt[None], axis=-1)  # (pictures, takes)

    def auc(rows: NDArray[np.int64]) -> float:
        part = near[np.ix_(rows, rows)]
        true, other = np.diag(part), part[rows[:, None] != rows[None]]
        ranks = (
            np.searchsorted(np.sort(other), true, side="left"),
            np.searchsorted(np.sort(other), true, side="right"),
        )
        return float((ranks[0] + ranks[1]).mean() / (2 * len(other)))

    rows = np.arange(len(takes))
    interval = metrics.bootstrap_interval(auc, [rows], rows, resamples=200, seed=seed)
    return {"pairs": "paintings and their takes", "n": len(takes), "AUC": auc(rows), "AUC interval": interval}


def varied_row(
    plane: list[Wanted],
    painted: list[Wanted],
    repeated: list[Wanted],
    takes: list[Takes],
    picture_takes: list[Takes],
    again: list[Takes],
) -> TableRow:
    """Trigram distance between takes of one target."""
    first = {
        each.name: take.trigrams
        for each, take in zip([*plane, *painted], [*takes, *picture_takes], strict=True)
    }
    by_target: dict[str, list[frozenset[tuple[int, int, int]]]] = {}
    for each, take in zip(repeated, again, strict=True):
        name = each.name.rpartition("-")[0]
        by_target.setdefault(name, [first[name]]).append(take.trigrams)
    distances = [trigram_distance(a, b) for group in by_target.values() for a, b in combinations(group, 2)]
    return {
        "takes of": "one target, five seeds",
        "n": len(distances),
        "trigram distance": float(np.mean(distances)),
        "least": float(np.min(distances)),
    }


def musical_rows(fitted: Fitted, takes: list[Takes]) -> list[TableRow]:
    """Medians beside the band of EMOPIA's passages, as long as the takes."""
    people = [summary(song.notes, 10.0) for song in fitted.songs if song.quadrant]
    rows = []
    for place, name in enumerate(people[0]):
        theirs = np.array([each[name] for each in people])
        low, middle, high = np.percentile(theirs, (5, 50, 95)).tolist()
        row: TableRow = {"feature": name, "EMOPIA 5 %": low, "EMOPIA median": middle, "EMOPIA 95 %": high}
        for system in ("rules alone", "ours"):
            row[system] = float(np.nanmedian([t.musical[t.row(system), place] for t in takes]))
        rows.append(row | {"within": "yes" if low <= row["ours"] <= high else "no"})
    return rows


class People:
    """People's music by the same synthesiser, which sets of takes are compared with.

    Args:
        fitted: The judge, with the songs.
    """

    def __init__(self, fitted: Fitted) -> None:
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        quadrants = np.array([song.quadrant for song in fitted.songs])
        emopia = quadrants > 0
        self.emopia, self.vgmidi = fitted.features[emopia], fitted.features[~emopia]
        self.scaler = StandardScaler().fit(fitted.features)
        self.classifier = LogisticRegression(C=0.003, max_iter=500)
        self.classifier.fit(self.scaler.transform(self.emopia), quadrants[emopia])

    def row(
        self,
        name: str,
        features: NDArray[np.floating],
        thd: float = float("nan"),
        reference: NDArray[np.floating] | None = None,
    ) -> TableRow:
        """Distances of a set of takes to people's music, and the classifier's metrics.

        Args:
            name: Of the set.
            features: (n, f) of the tagger.
            thd: Median of its takes.
            reference: (m, f) instead of EMOPIA's.
        """
        scaled = self.scaler.transform
        theirs = self.emopia if reference is None else reference
        x, y, z = (torch.from_numpy(scaled(f)) for f in (features, theirs, self.vgmidi))
        posteriors = torch.from_numpy(self.classifier.predict_proba(scaled(features)))
        people = torch.from_numpy(self.classifier.predict_proba(scaled(theirs))).mean(dim=0)
        return {
            "set": name,
            "n": len(features),
            "KAD EMOPIA": float(audio_metrics.kernel_audio_distance(x, y)),
            "KAD VGMIDI": float(audio_metrics.kernel_audio_distance(x, z)),
            "FAD∞ EMOPIA": float(audio_metrics.fad_infinity(x, y)),
            "FAD EMOPIA": float(audio_metrics.frechet_audio_distance(x, y)),
            "IS": float(audio_metrics.inception_score(posteriors)),
            "KL": float(audio_metrics.posterior_kl(posteriors, people.expand_as(posteriors))),
            "THD": thd,
        }


def like_music_rows(people: People, takes: list[Takes]) -> list[TableRow]:
    """Distances of the takes to people's music by the same synthesiser, and the classifier's metrics."""
    rows = []
    for system in ("neutral", "rules alone", "ours"):
        features = np.stack([t.tagger[t.row(system)] for t in takes])
        rows.append(people.row(system, features, float(np.median([t.thd[t.row(system)] for t in takes]))))
    # Half of EMOPIA beside the other half: what a set of one distribution gets at this n.
    halves = people.emopia[::2], people.emopia[1::2]
    return [*rows, people.row("EMOPIA, the other half", halves[0], reference=halves[1])]
