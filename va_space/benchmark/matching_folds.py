"""Which music is found for pictures, over all folds of a training with ``schedule.folds``; prints markdown.

    python -m va_space.benchmark.matching_folds runs/open

The test part has six game series, which is few. Here every theme of pictures and every series of the
training and validation parts is held out once: pictures and pieces of a fold meet under the model that was
trained without them. Calibration, of predictions and of the weights of the evidence for similarity, is that
of the model that ships and has seen these labels; it is a dozen numbers.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import typer
from torch.nn import functional

from va_space.benchmark import metrics
from va_space.benchmark.context import mean_by_file
from va_space.emotion import plane as emotion
from va_space.encoders.pretrained import load_model
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import load_recipe
from va_space.training.sources import cache_of, resolve_initial_weights, space_data
from va_space.training.space.calibration import Calibration
from va_space.training.space.cross_validation import folds
from va_space.training.space.labels import points
from va_space.training.space.task import SpaceTask

PREDICTIONS, COSINE, SIMILARITY = "predict both sides", "cosine", "similarity predictor"


def main() -> None:
    """Measure every fold, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="output folder of the recipe open, with folds")
    options = parser.parse_args()
    recipe = load_recipe("open")
    recipe = replace(recipe, initial=resolve_initial_weights(recipe))
    calibration = json.loads((options.run / "cross-validation.json").read_text(encoding="utf-8"))
    lines = {
        side: Calibration(*(np.array(calibration[side][name]) for name in ("scale", "shift", "deviation")))
        for side in ("picture", "music")
    }
    ndcg: dict[str, list[np.ndarray]] = {PREDICTIONS: [], COSINE: [], SIMILARITY: []}
    themes: list[str] = []
    parts = folds(space_data(recipe), recipe.seed, recipe.schedule.folds)
    for number, data in enumerate(parts):
        with TrainingProgress(None) as progress:
            task = SpaceTask(recipe, data, cache_of(recipe.data), progress.reading)
        model = load_model(options.run / "folds" / str(number) / "model")[0]
        fused = calibration["similarity"]
        model.similarity.fusion_weights.copy_(torch.tensor(fused.get("fusion_weights", fused.get("blend"))))
        (pictures, va_pictures), (windows, _) = task.held_out(model)
        seen, heard = task.inputs.held_pictures.records, task.inputs.held_music.records
        music, va_music = (
            torch.from_numpy(mean_by_file(heard, values.numpy())) for values in (windows, points(heard))
        )
        music = functional.normalize(music, dim=1)
        gain = emotion.similarity(points(seen), va_music, task.sigma).numpy()
        with torch.no_grad():
            va_similarity = emotion.similarity(
                torch.from_numpy(lines["picture"](va_pictures)).float(),
                torch.from_numpy(lines["music"](model.music_va(music))).float(),
                task.sigma,
            )
            scores = {
                PREDICTIONS: va_similarity,
                COSINE: pictures @ music.T,
                SIMILARITY: model.similarity.fused(pictures, music, va_similarity),
            }
        for name, score in scores.items():
            ndcg[name].append(metrics.ndcg(score.numpy(), gain))
        themes += [record.group for record in seen]
    report({name: np.concatenate(parts) for name, parts in ndcg.items()}, np.array(themes))


def report(ndcg: dict[str, np.ndarray], themes: np.ndarray) -> None:
    """Print NDCG@10 and paired differences with 95% bootstrap intervals over pictures and over themes."""
    typer.echo(f"{len(themes)} pictures of {len(set(themes))} themes\n")
    typer.echo(
        "| | NDCG@10 | less predict both sides | interval | interval by theme |\n|---|--:|--:|--:|--:|"
    )
    for name, values in ndcg.items():
        gained = values - ndcg[PREDICTIONS]
        cells = ["–", "–", "–"]
        if name != PREDICTIONS:
            intervals = (
                metrics.bootstrap_interval(np.mean, [gained], g) for g in (range(len(gained)), themes)
            )
            cells = [f"{gained.mean():+.4f}", *(f"{low:+.4f} … {high:+.4f}" for low, high in intervals)]
        typer.echo(f"| {name} | {values.mean():.3f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
