"""Task ``composing``: whether composed music feels as asked for, differs, and is like music.

The judge had no part in choosing the takes; see :mod:`va_space.benchmark.composing_judge`. Targets are places
all over the plane, and the paintings of the data folder, each as its percentile among them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark import metrics
from va_space.benchmark.composing_judge import Fitted, TaggerFeatures, fit_judge
from va_space.benchmark.composing_pipeline import pipeline_rows
from va_space.benchmark.composing_rows import People, like_music_rows, matches_row, musical_rows, varied_row
from va_space.benchmark.composing_scores import asked_rows, repetition_row
from va_space.benchmark.composing_takes import SYSTEMS, Takes, TakeStore, Wanted
from va_space.benchmark.context import Context
from va_space.benchmark.result import TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.errors import DatasetError
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
def run(context: Context) -> TaskResult:
    """Compose, judge and measure.

    Raises:
        DatasetError: The weights of the tagger are not given, or EMOPIA or VGMIDI is missing.
    """
    if context.tagger is None:
        raise DatasetError(
            "the weights of the music tagger that judges are missing: --tagger, or VA_SPACE_TAGGER"
        )
    folder = (context.output or context.cache) / "composing"
    fitted = fit_judge(context.data_root, context.tagger, folder / "judge.npz")
    tagger = TaggerFeatures(context.tagger)
    store = TakeStore(folder, context.space, context.judge, tagger)
    places = plane_places(min(TARGETS, context.limit or TARGETS))
    paths, pictures, failed = _paintings(context)
    plane = [Wanted(f"plane-{i:03}", place, context.seed) for i, place in enumerate(places)]
    painted = [Wanted(f"painting-{i:03}", place, context.seed, ("ours",)) for i, place in enumerate(pictures)]
    repeated = _repeated(plane, painted, context.seed, min(REPEATED, (context.limit or TARGETS) // 5))
    takes, picture_takes = list(store.all(plane)), list(store.all(painted))
    again = list(store.all(repeated))
    heard = _Heard(fitted, places, takes, context.seed)
    rows: list[TableRow] = [heard.follows(system) for system in SYSTEMS]
    rows.append(heard.ceiling())
    if picture_takes:
        rows.append(matches_row(fitted, pictures, picture_takes, context.seed))
    rows.append(varied_row(plane, painted, repeated, takes, picture_takes, again))
    rows += musical_rows(fitted, takes)
    rows += [repetition_row(places[:REPEATED]), *asked_rows()]
    people = People(fitted)
    rows += like_music_rows(people, takes)
    staged, notes = pipeline_rows(context, fitted, people, tagger, paths, pictures, folder / "pipeline")
    rows += staged
    return {
        "data": "EMOPIA and VGMIDI (judge, ceiling, reference), paintings (targets); takes of 10 s",
        "n": {"places": len(plane), "paintings": len(painted), "further seeds": len(repeated)},
        "judge": _about(fitted, heard),
        "rows": rows,
        "metrics": METRICS,
        "notes": [*heard.notes(context.judge is not None), *failed, *notes],
    }


def plane_places(count: int) -> list[tuple[float, float]]:
    """Places that cover the plane evenly."""
    steps = np.arange(1, count + 1)[:, None] * np.array(_STEPS)
    return [(v, a) for v, a in np.round((0.5 + steps) % 1.0, 3).tolist()]


def _paintings(context: Context) -> tuple[list[Path], list[tuple[float, float]], list[str]]:
    """Paintings that can be read, their places among one another, and what is to be said."""
    root = context.data_root / "paintings"
    if not root.is_dir():
        return [], [], ["no folder paintings in the data folder: no row of pictures"]
    paths = sorted(find_media([root]))[: context.limit]
    items = list(context.space.encode_iter(paths))
    read = [(path, item) for path, item in zip(paths, items, strict=True) if isinstance(item, Encoded)]
    read = [(path, item) for path, item in read if item.modality == "picture"]
    vectors = [item.vector for _, item in read]
    if not vectors:
        raise DatasetError(f"{root}: no painting could be read")
    places = np.round(
        among(context.space.predict_va_from_vectors(np.stack(vectors), "picture").astype(np.float64)), 3
    )
    failed = len(items) - len(vectors)
    notes = [f"{failed} paintings could not be read"] if failed else []
    return [path for path, _ in read], [(v, a) for v, a in places.tolist()], notes


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

    def follows(self, system: str) -> TableRow:
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

    def ceiling(self) -> TableRow:
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


METRICS = {
    "valence, arousal": "Spearman's rank correlation of asked and felt; intervals: 95% "
    "bootstrap over targets",
    "V→A, A→V": "the same between valence asked for and arousal felt, and the other way: 0 is best",
    "quadrant": "share of takes felt in the quadrant asked for, halves cut at the judge's median; chance "
    f"0.25. clear: of targets at least {CLEAR} from the middle on both axes",
    "second judge": "the same correlations by the model that --judge names",
    "AUC": "probability that a painting is nearer to its own take than to another's; 0.5 is chance",
    "trigram distance": "1 less the share of runs of three pitches that two takes have in common",
    "KAD": "100 times the unbiased squared Gaussian MMD of the tagger's features (256, 16 kHz), standardised "
    "on people's; below about 1 is the same distribution",
    "FAD∞": "Frechet distance of the same, extrapolated in 1/n; FAD: at this n, biased upwards",
    "IS, KL": "of the posteriors of a classifier of EMOPIA's quadrants on the same features: sureness and "
    "spread (1 to 4), and divergence from the mean posterior of people's music",
    "CLAP": "mean cosine of takes and their prompts in the space of the CLAP that --neural names",
    "THD": "power of the harmonics of the strongest partial; meant for sines, so music has much of it",
}
