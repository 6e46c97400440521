"""Task ``composing``: whether composed music feels as asked for, differs, and is like music.

The judge had no part in choosing the takes; see :mod:`va_space.benchmark.composing_judge`. Targets are places
all over the plane, and the paintings of the data folder, each as its percentile among them.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.benchmark import audio_metrics, metrics
from va_space.benchmark.composing_judge import Fitted, TaggerFeatures, fit_judge
from va_space.benchmark.composing_scores import asked_rows, repetition_row
from va_space.benchmark.composing_takes import SYSTEMS, Takes, TakeStore, Wanted, trigram_distance
from va_space.benchmark.context import Context
from va_space.benchmark.result import Result, Row
from va_space.benchmark.tasks import TASKS
from va_space.errors import ConfigError, DatasetError
from va_space.generation.music.features import summary
from va_space.generation.music.selection import among
from va_space.media.kinds import find_media
from va_space.space import Encoded

TARGETS, REPEATED, SEEDS = 200, 40, 5
CLEAR = 0.2  # from the middle on both axes: a target whose quadrant is not in doubt
RESAMPLES = 1000
# Irrational steps that cover the square evenly (Roberts's R2 sequence).
_STEPS = (0.7548776662466927, 0.5698402909980532)

FloatArray = NDArray[np.float64]


@TASKS.register("composing")
def run(context: Context) -> Result:
    """Compose, judge and measure.

    Raises:
        ConfigError: The weights of the tagger are not given.
        DatasetError: EMOPIA or VGMIDI is missing.
    """
    if context.tagger is None:
        raise ConfigError(
            "composing: name the weights of the music tagger that judges: --tagger, or VA_SPACE_TAGGER"
        )
    folder = (context.output or context.cache) / "composing"
    fitted = fit_judge(context.data_root, context.tagger, folder / "judge.npz")
    store = TakeStore(folder, context.space, context.judge, TaggerFeatures(context.tagger))
    places = plane_places(min(TARGETS, context.limit or TARGETS))
    pictures, failed = _paintings(context)
    plane = [Wanted(f"plane-{i:03}", place, context.seed) for i, place in enumerate(places)]
    painted = [Wanted(f"painting-{i:03}", place, context.seed, ("ours",)) for i, place in enumerate(pictures)]
    repeated = _repeated(plane, painted, context.seed, min(REPEATED, context.limit or REPEATED))
    takes, picture_takes = list(store.all(plane)), list(store.all(painted))
    again = list(store.all(repeated))
    heard = _Heard(fitted, places, takes, context.seed)
    rows: list[Row] = [heard.follows(system) for system in SYSTEMS]
    rows.append(heard.ceiling())
    if picture_takes:
        rows.append(_matches(fitted, pictures, picture_takes, context.seed))
    rows.append(_varied(plane, painted, repeated, takes, picture_takes, again))
    rows += _musical(fitted, takes)
    rows += [repetition_row(places[:REPEATED]), *asked_rows()]
    rows += _like_music(fitted, takes)
    return {
        "data": "EMOPIA and VGMIDI (judge, ceiling, reference), paintings (targets); takes of 10 s",
        "n": {"places": len(plane), "paintings": len(painted), "further seeds": len(repeated)},
        "judge": _about(fitted, heard),
        "rows": rows,
        "metrics": METRICS,
        "notes": [*heard.notes(context.judge is not None), *failed],
    }


def plane_places(count: int) -> list[tuple[float, float]]:
    """Places that cover the plane evenly."""
    steps = np.arange(1, count + 1)[:, None] * np.array(_STEPS)
    return [(v, a) for v, a in np.round((0.5 + steps) % 1.0, 3).tolist()]


def _paintings(context: Context) -> tuple[list[tuple[float, float]], list[str]]:
    root = context.data_root / "paintings"
    if not root.is_dir():
        return [], ["no folder paintings in the data folder: no row of pictures"]
    paths = sorted(find_media([root]))[: context.limit]
    items = list(context.space.encode_iter(paths))
    vectors = [item.vector for item in items if isinstance(item, Encoded) and item.modality == "picture"]
    if not vectors:
        raise DatasetError(f"{root}: no painting could be read")
    places = np.round(
        among(context.space.predict_va_from_vectors(np.stack(vectors), "picture").astype(np.float64)), 3
    )
    failed = len(items) - len(vectors)
    return [(v, a) for v, a in places.tolist()], [f"{failed} paintings could not be read"] if failed else []


def _repeated(plane: list[Wanted], painted: list[Wanted], seed: int, count: int) -> list[Wanted]:
    half = count // 2 if painted else count
    chosen = [*plane[:half], *painted[: count - half]]
    return [
        Wanted(f"{each.name}-seed{seed + more}", each.place, seed + more, ("ours",))
        for each in chosen
        for more in range(1, SEEDS)
    ]


class _Heard:
    """Takes for places of the plane under the independent judge."""

    def __init__(
        self, fitted: Fitted, places: Sequence[tuple[float, float]], takes: list[Takes], seed: int
    ) -> None:
        self.fitted, self.takes, self.seed = fitted, takes, seed
        self.places = np.array(places)
        self.felt = {s: fitted.judge(np.stack([t.tagger[t.row(s)] for t in takes])) for s in SYSTEMS}

    def follows(self, system: str) -> Row:
        """A row for one system."""
        second = np.stack([t.second[t.row(system)] for t in self.takes])
        row = {"system": system, "n": len(self.takes), **self._scores(self.felt[system])}
        return row | {
            "second judge valence": _spearman(second[:, 0], self.places[:, 0]),
            "second judge arousal": _spearman(second[:, 1], self.places[:, 1]),
        }

    def _scores(self, felt: FloatArray) -> dict[str, Any]:
        wanted = self.places
        found: dict[str, Any] = {}
        for axis, name in enumerate(("valence", "arousal")):
            found[name] = _spearman(felt[:, axis], wanted[:, axis])
            found[f"{name} interval"] = self._interval(felt[:, axis], wanted[:, axis])
        found["V→A"] = _spearman(felt[:, 1], wanted[:, 0])
        found["A→V"] = _spearman(felt[:, 0], wanted[:, 1])
        right = (among(felt) >= 0.5) == (wanted >= 0.5)
        clear = (np.abs(wanted - 0.5) >= CLEAR).all(axis=1)
        found["quadrant"] = float(right.all(axis=1).mean())
        found["quadrant, clear"] = float(right.all(axis=1)[clear].mean()) if clear.any() else float("nan")
        return found

    def _interval(self, x: FloatArray, y: FloatArray) -> tuple[float, float]:
        return metrics.bootstrap_interval(
            metrics.spearman, [x, y], np.arange(len(x)), resamples=RESAMPLES, seed=self.seed
        )

    def ceiling(self) -> Row:
        """What people composed, by the quadrant that people gave it; judged unheard."""
        rows = [place for place, song in enumerate(self.fitted.songs) if song.quadrant]
        felt = self.fitted.felt[rows]
        wanted = np.array([self.fitted.songs[place].label for place in rows])
        right = (among(felt) >= 0.5) == (wanted > 0)
        found: dict[str, Any] = {"system": "people (EMOPIA)", "n": len(rows)}
        for axis, name in enumerate(("valence", "arousal")):
            found[name] = _spearman(felt[:, axis], wanted[:, axis])
            found[f"{name} interval"] = self._interval(felt[:, axis], wanted[:, axis])
        found["V→A"], found["A→V"] = _spearman(felt[:, 1], wanted[:, 0]), _spearman(felt[:, 0], wanted[:, 1])
        quadrant = float(right.all(axis=1).mean())
        found |= {"quadrant": quadrant, "quadrant, clear": quadrant}
        return found | {"second judge valence": float("nan"), "second judge arousal": float("nan")}

    def notes(self, second: bool) -> list[str]:
        """How much the judges have in common, over takes by the rules alone."""
        row = "rules alone"
        felt = self.felt[row]
        symbolic = np.stack([t.symbolic[t.row(row)] for t in self.takes])
        encoder = np.stack([t.encoder[t.row(row)] for t in self.takes])
        notes = []
        for name, other in (("the symbolic judge", symbolic), ("the music encoder", encoder)):
            r = [_spearman(felt[:, axis], other[:, axis]) for axis in (0, 1)]
            notes.append(
                f"the judge's Spearman correlation with {name}: valence {r[0]:.2f}, arousal {r[1]:.2f}"
            )
        return notes if second else [*notes, "no second judge was named (--judge)"]


def _spearman(x: FloatArray, y: FloatArray) -> float:
    return metrics.spearman(x, y) if np.isfinite(x).all() else float("nan")


def _about(fitted: Fitted, heard: _Heard) -> str:
    r = ", ".join(f"{name} {value:.2f}" for name, value in fitted.measured().items())
    return (
        f"ridge on blocks 3-4 of a music tagger, {len(fitted.songs)} passages by people; its r by song: {r}"
    )


def _matches(fitted: Fitted, places: Sequence[tuple[float, float]], takes: list[Takes], seed: int) -> Row:
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


def _varied(
    plane: list[Wanted],
    painted: list[Wanted],
    repeated: list[Wanted],
    takes: list[Takes],
    picture_takes: list[Takes],
    again: list[Takes],
) -> Row:
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


def _musical(fitted: Fitted, takes: list[Takes]) -> list[Row]:
    """Medians beside the band of EMOPIA's passages, as long as the takes."""
    people = [summary(song.notes, 10.0) for song in fitted.songs if song.quadrant]
    rows = []
    for place, name in enumerate(people[0]):
        theirs = np.array([each[name] for each in people])
        low, middle, high = np.percentile(theirs, (5, 50, 95)).tolist()
        row: Row = {"feature": name, "EMOPIA 5 %": low, "EMOPIA median": middle, "EMOPIA 95 %": high}
        for system in ("rules alone", "ours"):
            row[system] = float(np.nanmedian([t.musical[t.row(system), place] for t in takes]))
        rows.append(row | {"within": "yes" if low <= row["ours"] <= high else "no"})
    return rows


def _like_music(fitted: Fitted, takes: list[Takes]) -> list[Row]:
    """Distances of the takes to people's music by the same synthesiser, and the classifier's metrics."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    quadrants = np.array([song.quadrant for song in fitted.songs])
    emopia = quadrants > 0
    scaler = StandardScaler().fit(fitted.features)
    classifier = LogisticRegression(C=0.003, max_iter=500)
    classifier.fit(scaler.transform(fitted.features[emopia]), quadrants[emopia])
    sets = {s: np.stack([t.tagger[t.row(s)] for t in takes]) for s in ("neutral", "rules alone", "ours")}
    # Half of EMOPIA beside the other half: what a set of one distribution gets at this n.
    halves = fitted.features[emopia][::2], fitted.features[emopia][1::2]
    rows = []
    for name, features in {**sets, "EMOPIA, the other half": halves[0]}.items():
        reference = halves[1] if name.startswith("EMOPIA") else fitted.features[emopia]
        x, y, z = (
            torch.from_numpy(scaler.transform(f)) for f in (features, reference, fitted.features[~emopia])
        )
        posteriors = torch.from_numpy(classifier.predict_proba(scaler.transform(features)))
        people = torch.from_numpy(classifier.predict_proba(scaler.transform(reference))).mean(dim=0)
        thd = [float(np.median([t.thd[t.row(name)] for t in takes]))] if name in sets else [float("nan")]
        rows.append(
            {
                "set": name,
                "n": len(features),
                "KAD EMOPIA": float(audio_metrics.kernel_audio_distance(x, y)),
                "KAD VGMIDI": float(audio_metrics.kernel_audio_distance(x, z)),
                "FAD∞ EMOPIA": float(audio_metrics.fad_infinity(x, y)),
                "FAD EMOPIA": float(audio_metrics.frechet_audio_distance(x, y)),
                "IS": float(audio_metrics.inception_score(posteriors)),
                "KL": float(audio_metrics.posterior_kl(posteriors, people.expand_as(posteriors))),
                "THD": thd[0],
            }
        )
    return rows


METRICS = {
    "valence, arousal": "Spearman's rank correlation of asked and felt; intervals: 95% "
    "bootstrap over targets",
    "V→A, A→V": "the same between valence asked for and arousal felt, and the other way: 0 is best",
    "quadrant": "share of takes felt in the quadrant asked for, halves cut at the judge's median; chance 0.25. "
    f"clear: of targets at least {CLEAR} from the middle on both axes",
    "second judge": "the same correlations by the model that --judge names",
    "AUC": "probability that a painting is nearer to its own take than to another's; 0.5 is chance",
    "trigram distance": "1 less the share of runs of three pitches that two takes have in common",
    "KAD": "100 times the unbiased squared Gaussian MMD of the tagger's features (256, 16 kHz), standardised on "
    "people's; below about 1 is the same distribution",
    "FAD∞": "Frechet distance of the same, extrapolated in 1/n; FAD: at this n, biased upwards",
    "IS, KL": "of the posteriors of a classifier of EMOPIA's quadrants on the same features: sureness and "
    "spread (1 to 4), and divergence from the mean posterior of people's music",
    "THD": "power of the harmonics of the strongest partial; meant for sines, so music has much of it",
}
