"""What each part of the training does: the recipe "open" with one thing changed, over several seeds.

    python -m va_space.benchmark.ablation [key=value ...] > ablation.md

Backbones do not learn, so that a training takes about a minute. Seed s trains on all but the s-th of five
folds of the training and validation parts, by theme, series, song and artist, and is measured there: the
test part stays untouched. ``--only NAME`` runs one row, and may be given several times.
"""

import argparse
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
import typer
from lightning.fabric import Fabric
from numpy.typing import NDArray
from torch.nn import functional

from va_space.benchmark import metrics
from va_space.datasets.sources import SpaceData
from va_space.emotion import plane as emotion
from va_space.encoders.pretrained import load_model
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import Data, Recipe, load_recipe
from va_space.training.run import fit_task
from va_space.training.sources import cache_of, resolve_initial_weights, space_data
from va_space.training.space.cross_validation import folds
from va_space.training.space.held_out import HeldOutTracks
from va_space.training.space.labels import points
from va_space.training.space.task import SpaceModule, SpaceTask

SHIPPED = "as shipped"
VARIANTS: dict[str, list[str]] = {
    SHIPPED: [],
    "printed sign": ['objective.sign="printed"'],
    "three sampled triplets": ["objective.sampled=3"],
    "no unit norm": [],
    "without CFR": ["objective.weights.cfr=0.0"],
    "without CFM": ["objective.weights.cfm=0.0"],
    "without SFR": ["objective.weights.sfr_pictures=0.0", "objective.weights.sfr_music=0.0"],
    "without similarity": ["objective.weights.similarity=0.0"],
    "without valence-arousal": ["objective.weights.va_pictures=0.0", "objective.weights.va_music=0.0"],
    "without quadrants": ["objective.weights.quadrant=0.0"],
    "without votes": ["objective.weights.votes=0.0"],
    "without consistency": ["objective.weights.consistency=0.0"],
    "music of renderings alone": ['data.source="open"'],
    "quadrants of recordings alone": ['data.source="open-points+fourq+emotify"'],
    # What ships is trained without these two: see va_space.training.space.noisy_points.
    "with norms of mood words": ['data.noisy_points="mood-words"', "objective.weights.noisy_points=10.0"],
    "with arousal of another model": [
        'data.noisy_points="arousal-head"',
        "objective.weights.noisy_points=10.0",
    ],
    "with a kernel teacher": [
        "model.music_hidden=512",
        "model.music_dropout=0.3",
        "teacher.batch_size=128",
        "teacher.point_batch_size=64",
        "objective.weights.teacher=200.0",
        "objective.weights.quadrant=0.0",
        "schedule.quadrant_batch_size=0",
    ],
}
FOLDS = 5
# What the last columns are called by va_space.training.space.held_out.
_HEARD = (
    ("fourq", "f1"),
    ("fourq", "valence"),
    ("fourq", "arousal"),
    ("emopia", "quadrant"),
    ("emotify", "valence proxy by points"),
    ("emotify", "arousal proxy by points"),
)
COLUMNS = (
    "NDCG@10 by cosine",
    "NDCG@10 by similarity",
    "Spearman of cosine",
    "Spearman of -distance",
    "picture valence r",
    "picture arousal r",
    "piece valence r",
    "piece arousal r",
    "4Q macro F1",
    "4Q valence half",
    "4Q arousal half",
    "EMOPIA quadrant",
    "Emotify valence rho",
    "Emotify arousal rho",
)


def main() -> None:
    """Train every variant with every seed, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("overrides", nargs="*", help="of the recipe, such as data.root=/data")
    parser.add_argument("--seeds", type=int, default=3, choices=range(1, FOLDS + 1))
    parser.add_argument("--only", action="append", choices=VARIANTS, metavar="NAME", help="a row by its name")
    arguments = parser.parse_args()
    found: dict[str, NDArray[np.float64]] = {}
    typer.echo(header())
    for name in arguments.only or VARIANTS:
        changes, runs = VARIANTS[name], []
        for seed in range(arguments.seeds):
            given = ["schedule.folds=0", f"seed={seed}", *changes, *arguments.overrides]
            runs.append(measure(load_recipe("open", given), unit_norm=name != "no unit norm"))
        found[name] = np.array(runs)
        typer.echo(row(name, found[name]))
    typer.echo("\nLess what ships, on the same folds:\n\n" + header())
    for name, figures in found.items():
        other_data = any(change.startswith("data.source") for change in VARIANTS[name])  # and other folds
        if SHIPPED in found and name != SHIPPED and not other_data:
            typer.echo(row(name, figures - found[SHIPPED], signed=True))


def header() -> str:
    """Of a table with :data:`COLUMNS`."""
    return f"| | {' | '.join(COLUMNS)} |\n|---|{'--:|' * len(COLUMNS)}"


def row(name: str, figures: NDArray[np.float64], *, signed: bool = False) -> str:
    """Mean and standard deviation over seeds of (seeds, columns) figures; a dash where there is none.

    >>> row("a", np.array([[0.5, np.nan], [0.7, np.nan]]))
    '| a | 0.600 ± 0.100 | – |'
    >>> row("a", np.array([[0.1]]), signed=True)
    '| a | +0.100 ± 0.000 |'
    """
    sign = "+" if signed else ""
    means = zip(figures.mean(axis=0), figures.std(axis=0), strict=True)
    cells = ["–" if np.isnan(mean) else f"{mean:{sign}.3f} ± {spread:.3f}" for mean, spread in means]
    return f"| {name} | {' | '.join(cells)} |"


@cache
def fold(data: Data, number: int) -> SpaceData:
    """The same records for all seeds: to list them takes longer than a short training."""
    return list(folds(space_data(replace(load_recipe("open"), data=data)), 0, FOLDS))[number]


def measure(recipe: Recipe, *, unit_norm: bool) -> list[float]:
    """Train once, and the figures of COLUMNS on the held-out fold."""
    data = fold(recipe.data, recipe.seed)
    with tempfile.TemporaryDirectory() as folder, TrainingProgress(None) as progress:
        recipe = replace(recipe, initial=resolve_initial_weights(recipe), output=folder)
        fabric = Fabric(accelerator="cpu", devices=1, precision=recipe.precision)  # type: ignore[arg-type]
        fabric.launch()
        task = SpaceTask(recipe, data, cache_of(recipe.data), progress.reading)
        assert isinstance(task.module, SpaceModule)
        for encoder in (task.module.model.picture_encoder, task.module.model.music_encoder):
            encoder.unit_norm = unit_norm
        fit_task(task, recipe, fabric, progress)
        model = load_model(Path(folder) / "model")[0]
    tracks = HeldOutTracks()
    for examples in (task.inputs.held_quadrant_music, task.inputs.held_votes_music):
        if examples is not None:
            tracks.add(task, model, examples)
    heard = tracks.summary({record.path for record in tracks.records})
    for encoder in (model.picture_encoder, model.music_encoder):
        encoder.unit_norm = unit_norm
    (pictures, va_pictures), (windows, _) = task.held_out(model)
    records = task.inputs.held_music.records
    pieces = sorted({record.path for record in records})
    rows = [[row for row, record in enumerate(records) if record.path == path] for path in pieces]
    music = torch.stack([windows[found].mean(dim=0) for found in rows])
    if unit_norm:
        music = functional.normalize(music, dim=1)
    labels = points(task.inputs.held_pictures.records), points(records)
    true_music = torch.stack([labels[1][found].mean(dim=0) for found in rows])
    gain = emotion.similarity(labels[0], true_music, task.sigma).numpy()
    cosine = (functional.normalize(pictures, dim=1) @ functional.normalize(music, dim=1).T).numpy()
    with torch.no_grad():
        similarity, va_music = model.similarity(pictures, music).numpy(), model.music_va(music)
    return [
        float(metrics.ndcg(cosine, gain).mean()),
        float(metrics.ndcg(similarity, gain).mean()),
        metrics.spearman(cosine.ravel(), gain.ravel()),
        metrics.spearman(-torch.cdist(pictures, music).numpy().ravel(), gain.ravel()),
        *(metrics.pearson(va_pictures[:, i].numpy(), labels[0][:, i].numpy()) for i in (0, 1)),
        *(metrics.pearson(va_music[:, i].numpy(), true_music[:, i].numpy()) for i in (0, 1)),
        *(heard.get(source, {}).get(figure, np.nan) for source, figure in _HEARD),
    ]


if __name__ == "__main__":
    main()
