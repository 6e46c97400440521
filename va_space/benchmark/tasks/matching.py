"""Which held-out music is found for held-out pictures, against the emotional similarity of their labels."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from va_space.benchmark import metrics
from va_space.benchmark.context import Context, groups, mean_by_file, points
from va_space.benchmark.hubness import METRICS as HUBNESS_METRICS
from va_space.benchmark.hubness import best, hubness
from va_space.benchmark.maps import MAPS
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow, TaskResult, failure_notes
from va_space.benchmark.tasks import TASKS
from va_space.emotion.plane import distance, similarity
from va_space.emotion.reference import Distribution, Kind, for_library, normal_scores
from va_space.space import VASpace

RANDOM_ROWS = 20
MUSIC_ALONE = "music alone: ridge"
OWN = "predict both sides: our predictors"
RIDGE = "predict both sides: ridge"
COSINE = "ours: cosine"
RELATIVE = "ours: relative"
SIMILARITY = "ours: similarity predictor"
TOP = 10

METRICS = {
    "spearman": "Spearman's rank correlation of score and S over all pairs",
    "ndcg@10": "normalised discounted cumulative gain of the ten best tracks of a picture, with gain S",
    "distance@10": "mean valence-arousal distance of the ten best tracks; lower is better",
    **HUBNESS_METRICS,
    "mse": "mean squared error of the predicted S, for rows that predict it; lower is better",
}


@TASKS.register("matching")
def run(context: Context) -> TaskResult:
    """Every picture of the test part asks for tracks of the test part."""
    pictures, music = context.test_pictures, context.test_music
    space, sigma = context.space, context.space.config.sigma
    true_pictures, true_music = points(pictures.records), points(music.records)
    gain, apart = _similarity(true_pictures, true_music, sigma), _distance(true_pictures, true_music)
    train = points(context.pictures["train"]), points(context.music["train"])
    ridge_music = mean_by_file(music.windows, context.mel_ridge)
    own_pictures = space.predict_va_from_vectors(pictures.vectors, "picture")
    own_music = space.predict_va_from_vectors(music.vectors, "music")
    # A row of similarities (True) also predicts S; a row of other scores only ranks.
    scores: dict[str, tuple[Floats, bool]] = {
        "constant": (np.full_like(gain, _similarity(*train, sigma).mean()), True),
        MUSIC_ALONE: (_similarity(np.tile(train[0].mean(axis=0), (len(gain), 1)), ridge_music, sigma), True),
        OWN: (_similarity(own_pictures, own_music, sigma), True),
        RIDGE: (_similarity(context.colour_ridge, ridge_music, sigma), True),
        COSINE: (np.asarray(pictures.vectors @ music.vectors.T, np.float64), False),
        SIMILARITY: (np.asarray(space.similarity(pictures.vectors, music.vectors), np.float64), True),
        "oracle": (gain, True),
    }
    relative = _among(space, own_pictures, "photograph", own_music, "rendering")
    if relative is not None:
        scores[RELATIVE] = relative, False
    for name, scores_of in MAPS.items():
        if "512" not in name and name != "absolute":  # absolute is a row already: predict both sides
            mapped = scores_of(pictures.vectors, music.vectors, own_pictures, own_music)
            scores[f"map: {name}"] = np.asarray(mapped, np.float64), False
    scores_back = {name: score.T for name, (score, _) in scores.items()}
    back = {name: metrics.ndcg(score, gain.T) for name, score in scores_back.items()}
    # A search in an album compares with the album itself: that is what may have hubs.
    relative_back = _among(space, own_music, "rendering", own_pictures, "photograph")
    if relative_back is not None:
        scores_back[RELATIVE] = relative_back
    ndcg = {name: metrics.ndcg(score, gain) for name, (score, _) in scores.items()}
    baseline = max(OWN, RIDGE, key=lambda name: ndcg[name].mean())
    rows = [_random_row(gain, apart, context.seed)] + [
        {
            "model": f"{name} (baseline)" if name == baseline else name,
            "spearman": metrics.spearman(score.ravel(), gain.ravel()),
            "ndcg@10": float(ndcg[name].mean()),
            "distance@10": float(metrics.mean_of_top(score, apart).mean()),
            "mse": float(np.mean((score - gain) ** 2)) if predicts else None,
            "ndcg@10, pictures for music": float(back[name].mean()),
        }
        for name, (score, predicts) in scores.items()
    ]
    return {
        "data": "OASIS pictures and VGMIDI pieces, by their track vectors",
        "split": f"test parts of the open split: {len(true_pictures)} pictures of "
        f"{len(set(groups(pictures.records)))} themes x {len(true_music)} pieces of "
        f"{len(set(groups(music.records)))} series; S with the training sigma, {sigma:.4f}",
        "n": {"pictures": len(true_pictures), "tracks": len(true_music)},
        "metrics": METRICS,
        "rows": [
            *rows,
            *_differences(ndcg, baseline, groups(pictures.records), context.seed),
            *_differences(back, baseline, groups(music.records), context.seed, "pictures for music"),
            *_spread({name: score for name, (score, _) in scores.items()}),
            *_spread(scores_back, "pictures for music: "),
        ],
        "baseline": baseline,
        "notes": [
            f"baseline: the better of the two ways to predict both sides, here '{baseline}'",
            f"random: the mean of {RANDOM_ROWS} orders; constant: the mean S of training; oracle: S itself",
            "music alone: every picture is taken for the mean of training, so all get the same tracks; what "
            "is above this row comes from looking at the picture",
            "map: each side by where it stands in its own test part (ours: relative compares with the "
            "reference that ships); see va-space benchmark listeners",
            *failure_notes([*pictures.failures, *music.failures]),
        ],
    }


def _among(space: VASpace, asking: Floats, kind: Kind, library: Floats, of_kind: Kind) -> Floats | None:
    """(n, m) scores of the relative ranking of m things for n others; None without a reference."""
    if space.reference is None:
        return None
    held = for_library(Distribution.of(library), space.reference.of(of_kind))
    standings = normal_scores(space.reference.of(kind).percentile(asking))
    return -np.linalg.norm(standings[:, None] - normal_scores(held.percentile(library))[None], axis=-1)


def _spread(scores: Mapping[str, Floats], direction: str = "") -> list[TableRow]:
    """How evenly the ten best of each way to rank are spread."""
    return [
        {"list": f"{direction}{name}", **hubness(best(score, TOP), score.shape[1])}
        for name, score in scores.items()
        if name not in ("constant", "oracle")
    ]


def _differences(
    ndcg: Mapping[str, Floats],
    baseline: str,
    themes: NDArray[np.str_],
    seed: int,
    what: str = "music for pictures",
) -> list[TableRow]:
    """Paired bootstrap of NDCG@10 against the baseline, drawing queries, and whole themes or series."""
    rows = []
    for name in (COSINE, RELATIVE, SIMILARITY):
        if name not in ndcg:
            continue
        gained = ndcg[name] - ndcg[baseline]
        rows.append(
            {
                "difference in ndcg@10": f"{name} - {baseline}",
                "search": what,
                "mean": float(gained.mean()),
                "interval": metrics.bootstrap_interval(np.mean, [gained], range(len(gained)), seed=seed),
                "interval by theme": metrics.bootstrap_interval(np.mean, [gained], themes, seed=seed),
            }
        )
    return rows


def _random_row(gain: Floats, apart: Floats, seed: int) -> TableRow:
    random = np.random.default_rng(seed)
    drawn = [random.uniform(size=gain.shape) for _ in range(RANDOM_ROWS)]
    return {
        "model": "random",
        "spearman": float(np.mean([metrics.spearman(score.ravel(), gain.ravel()) for score in drawn])),
        "ndcg@10": float(np.mean([metrics.ndcg(score, gain) for score in drawn])),
        "distance@10": float(np.mean([metrics.mean_of_top(score, apart) for score in drawn])),
        "mse": None,
    }


def _similarity(va_pictures: Floats, va_music: Floats, sigma: float) -> Floats:
    return similarity(_tensor(va_pictures), _tensor(va_music), sigma).numpy()


def _distance(va_pictures: Floats, va_music: Floats) -> Floats:
    return distance(_tensor(va_pictures), _tensor(va_music)).numpy()


def _tensor(values: Floats) -> torch.Tensor:
    return torch.as_tensor(values, dtype=torch.float64)
