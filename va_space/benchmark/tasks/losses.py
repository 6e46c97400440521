"""Ablation of the objective on synthetic pairs: what each part of it does to the space, in seconds.

Pictures and music are vectors that follow from hidden valence-arousal through a fixed random network of their
own, plus noise. Two small networks learn the space from them with the real objective and predictors, and are
judged on new items.
"""

import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.benchmark.context import Context
from va_space.benchmark.metrics import mean_of_top, spearman
from va_space.benchmark.result import TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.emotion import plane as emotion
from va_space.encoders.predictors import SimilarityPredictor, VAPredictor
from va_space.training.space.losses import squared_distances

INPUTS, WIDTH, DIMENSION = 32, 128, 64
NOISE = 0.3
LEARNING_RATE = 2e-3

METRICS = {
    "spearman_distance": "Spearman's correlation of S with minus the squared distance, over all pairs",
    "spearman_cosine": "the same with the cosine",
    "spearman_predictor": "the same with the similarity predictor",
    "nearest_10_by_distance": "mean distance in valence-arousal of the ten tracks nearest to a picture",
    "nearest_10_by_cosine": "the same by the cosine",
    "spearman_distance_range": "smallest and largest value of spearman_distance among the seeds",
}
ABLATIONS: dict[str, dict[str, Any]] = {
    "all losses, inverse sign": {},
    "printed sign of CFR": {"sign": "printed"},
    "no CFR": {"without": ("cfr",)},
    "no SFR": {"without": ("sfr_pictures", "sfr_music")},
    "CFM of every pair alike": {"weighting": "none"},
    "one sampled j, k per anchor": {"sampled": 1},
    "no normalisation": {"unit_norm": False},
}


class SyntheticItems:
    """Pictures or music that are vectors.

    Attributes:
        va: (n, 2) hidden valence and arousal, uniform in [0, 1].
        inputs: (n, 32) what an encoder sees of them.
    """

    def __init__(self, count: int) -> None:
        self.va = torch.rand(count, 2)
        first, second = nn.Linear(2, WIDTH), nn.Linear(WIDTH, INPUTS)
        world = nn.Sequential(first, nn.Tanh(), second, nn.Tanh())
        with torch.no_grad():
            for layer in (first, second):
                layer.weight.normal_(std=2 * layer.in_features**-0.5)
            self.inputs = world(2 * self.va - 1) + NOISE * torch.randn(count, INPUTS)


class SmallSpace(nn.Module):
    """Two encoders of (n, 32) inputs to (n, 64) features, and the predictors of the real model."""

    def __init__(self, unit_norm: bool) -> None:
        super().__init__()
        self.unit_norm = unit_norm
        self.picture_encoder, self.music_encoder = (
            nn.Sequential(nn.Linear(INPUTS, WIDTH), nn.GELU(), nn.Linear(WIDTH, DIMENSION)) for _ in range(2)
        )
        self.picture_va, self.music_va = (VAPredictor(DIMENSION, INPUTS) for _ in range(2))
        self.similarity = SimilarityPredictor(DIMENSION, INPUTS)

    def forward(self, pictures: Tensor, music: Tensor) -> tuple[Tensor, Tensor]:
        """Features of (n, 32) pictures and (m, 32) music; of unit norm, or as the encoders leave them."""
        p, m = self.picture_encoder(pictures), self.music_encoder(music)
        return (functional.normalize(p, dim=1), functional.normalize(m, dim=1)) if self.unit_norm else (p, m)


@TASKS.register("losses")
def run(context: Context) -> TaskResult:
    """What each loss does, on synthetic pairs."""
    return measure(context.seed)


def measure(
    seed: int = 0,
    *,
    repeats: int = 2,
    count: int = 2000,
    held_out: int = 300,
    steps: int = 200,
    batch_size: int = 64,
) -> dict[str, Any]:
    """Train small spaces on synthetic pairs, with and without each loss.

    Args:
        seed: First seed of data, weights and batches; the same for all rows, so that rows can be compared.
        repeats: Number of consecutive seeds.
        count: Pictures, and as many pieces of music, to learn from.
        held_out: Pictures, and as many pieces of music, to be judged on.
        steps: Training steps.
        batch_size: Random pairs in a step.

    Returns:
        What was done, and rows of the metrics named in "metrics", as means over the seeds.

    Raises:
        MissingExtraError: The extra ``train`` is not installed.
    """
    started = time.perf_counter()
    found: dict[str, list[dict[str, float]]] = {}
    with torch.random.fork_rng(devices=[]):
        for now in range(seed, seed + repeats):
            torch.default_generator.manual_seed(now)
            pictures, music = SyntheticItems(count + held_out), SyntheticItems(count + held_out)
            for name, scores in _trivial(pictures.va[count:], music.va[count:]).items():
                found.setdefault(name, []).append(scores)
            for name, options in ABLATIONS.items():
                torch.default_generator.manual_seed(now)
                scores = _ablate(pictures, music, count, steps, batch_size, **options)
                found.setdefault(name, []).append(scores)
    return {
        "task": "losses",
        "data": f"synthetic, {count} pictures and {count} tracks",
        "split": f"{held_out} new pictures and {held_out} new tracks",
        "n": {"pictures": held_out, "tracks": held_out, "seeds": repeats},
        "seed": seed,
        "metrics": METRICS,
        "rows": [{"name": name, **_summary(scores)} for name, scores in found.items()],
        "notes": [
            f"means over {repeats} seeds from {seed} on; {steps} steps of {batch_size} random pairs",
            "oracle: the hidden distance itself; random: random scores",
        ],
        "seconds": round(time.perf_counter() - started, 1),
    }


def _ablate(
    pictures: SyntheticItems,
    music: SyntheticItems,
    count: int,
    steps: int,
    batch_size: int,
    *,
    unit_norm: bool = True,
    without: tuple[str, ...] = (),
    **options: Any,
) -> dict[str, float]:
    # Needs the extra `train`, without which the other tasks run.
    from va_space.training.space.objective import VASpaceObjective
    from va_space.training.space.terms import ObjectiveBatch

    sigma = emotion.mean_distance(pictures.va[:count], music.va[:count])
    weights = dict.fromkeys(("quadrant", *without), 0.0)
    objective = VASpaceObjective(sigma, weights, **options)
    space, draws = SmallSpace(unit_norm), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(space.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        i, j = torch.randint(count, (2, batch_size))
        p, m = space(pictures.inputs[i], music.inputs[j])
        predictions = space.picture_va(p), space.music_va(m), space.similarity(p, m)
        terms = objective(ObjectiveBatch(p, m, pictures.va[i], music.va[j], *predictions, rng=draws))
        optimizer.zero_grad()
        terms["total"].backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        p, m = space(pictures.inputs[count:], music.inputs[count:])
        cosine = functional.normalize(p, dim=1) @ functional.normalize(m, dim=1).T
        scores = {"distance": -squared_distances(p, m), "cosine": cosine, "predictor": space.similarity(p, m)}
        return _judge(scores, emotion.distance(pictures.va[count:], music.va[count:]))


def _judge(scores: dict[str, Tensor], distances: Tensor) -> dict[str, float]:
    """Metrics of (n, m) scores against the true distances in valence-arousal; S falls as they grow."""
    by_rank = {
        f"spearman_{name}": spearman(score.flatten(), -distances.flatten()) for name, score in scores.items()
    }
    nearest = {
        f"nearest_10_by_{name}": float(mean_of_top(score, distances, k=10).mean())
        for name, score in scores.items()
        if name != "predictor"
    }
    return {**by_rank, **nearest}


def _trivial(va_pictures: Tensor, va_music: Tensor) -> dict[str, dict[str, float]]:
    distances = emotion.distance(va_pictures, va_music)
    names = ("distance", "cosine", "predictor")
    return {
        "oracle": _judge(dict.fromkeys(names, -distances), distances),
        "random": _judge(dict.fromkeys(names, torch.rand_like(distances)), distances),
    }


def _summary(scores: list[dict[str, float]]) -> dict[str, Any]:
    means = {name: round(float(np.mean([score[name] for score in scores])), 4) for name in scores[0]}
    by_distance = [round(score["spearman_distance"], 4) for score in scores]
    return {**means, "spearman_distance_range": [min(by_distance), max(by_distance)]}
