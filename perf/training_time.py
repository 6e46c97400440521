"""Processor time of the trainings that make the model that ships, from a few items of each stage; markdown.

Times are of one thread. Extraction uses all cores, a file each; training uses one process.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from va_space.datasets import emopia, vgmidi
from va_space.datasets.open_data import open_music
from va_space.datasets.score import described_windows
from va_space.encoders.model import SpaceModel
from va_space.networks.backbones import load_initial_weights
from va_space.training.pretraining.harmony import HarmonyPretrainer
from va_space.training.recipe import Recipe, load_recipe
from va_space.training.sources import cache_of, resolve_initial_weights, root_of, space_data
from va_space.training.space.examples import frozen, frozen_view, music_views, picture_views

BATCH = 32


def silent(*_: object) -> None:
    """No progress is shown."""


def timed(what: Callable[[], Any]) -> tuple[Any, float]:
    """The result and the processor seconds."""
    started = time.process_time()
    return what(), time.process_time() - started


def row(stage: str, seconds: float, measured: int, items: float) -> float:
    """Print a stage, and the seconds of all its items."""
    total = seconds / measured * items
    print(
        f"| {stage} | {measured} | {seconds / measured:.3f} | {items:,.0f} | {total / 60:.1f} |", flush=True
    )
    return total


def extraction(recipe: Recipe, count: int, scratch: Path) -> float:
    """Features of pictures and of windows of music."""
    data, model = space_data(recipe), SpaceModel(recipe.model)
    sides = (model.picture_encoder, "picture"), (model.music_encoder, "music")
    for encoder, side in sides:
        backbone = getattr(recipe.model, f"{side}_backbone")
        load_initial_weights(encoder.backbone, getattr(recipe.initial, side), backbone)
    pictures, music = model.picture_encoder, model.music_encoder
    records = data.pictures["train"][:count]
    seen, precision = frozen(pictures, recipe.precision), recipe.precision
    common: tuple[Any, ...] = ({}, recipe.augmentation, scratch, silent)
    _, seconds = timed(
        lambda: picture_views(
            records,
            recipe.model.picture.size,
            seen,
            pictures.backbone.features,
            *common,
            single_view=frozen_view(pictures, precision),
        )
    )
    whole = row("features of pictures", seconds, len(records), sum(map(len, data.pictures.values())))
    windows = [record for record in data.quadrants["train"] if record.source == "fourq"][:count]
    heard = frozen(music, precision)
    _, seconds = timed(
        lambda: music_views(windows, recipe.model.audio, heard, music.backbone.features, *common)
    )
    sides_of_music = (data.music, data.quadrants, data.votes)
    every = sum(len(part) for side in sides_of_music for part in side.values())
    return whole + row("features of windows of music", seconds, len(windows), every)


def pretraining(recipe: Recipe, count: int, scratch: Path, cache: Path) -> float:
    """Rendering, spectrograms, and steps of the harmony branch."""
    root = root_of(recipe.data)
    known = {record.id for record in open_music(root, cache, window_seconds=None)["train"]}
    every = [piece.midi for piece in vgmidi.pieces(root / "vgmidi")]
    scores = [path for path in every if path.stem in known], emopia.scores(root / "emopia", "train")
    clips = len(list((root / "emopia").rglob("*.mid")))
    draw, total = random.Random(0), 0.0
    window, hop, windows = recipe.model.audio.window_seconds, recipe.data.hop_seconds, 0.0
    records, descriptions = [], []
    for name, paths, rendered in (
        ("pieces", scores[0], len(every) + len(scores[0])),
        ("clips", scores[1], clips + len(scores[1])),
    ):
        some = draw.sample(paths, min(count, len(paths)))
        (found, described), seconds = timed(
            lambda chosen=some: described_windows(chosen, scratch / "rendered", window, hop)
        )
        total += row(f"rendering of {name}, once or twice", seconds, 2 * len(some), rendered)
        windows += len(found) / len(some) * len(paths)
        records += found
        descriptions.append(torch.from_numpy(described))
    small = replace(recipe, schedule=replace(recipe.schedule, batch_size=min(BATCH, len(records) // 2)))
    values = torch.cat(descriptions).numpy()
    task, seconds = timed(lambda: HarmonyPretrainer(small, records, values, scratch, silent))
    total += row("spectrograms of pretraining", seconds, len(records), windows)
    return total + row("pretraining", *steps(task), windows * recipe.schedule.epochs)


def steps(task: HarmonyPretrainer, count: int = 3) -> tuple[float, int]:
    """Seconds and examples of some steps after the first, which is slower."""
    optimizer = torch.optim.AdamW(task.module.parameters(), 1e-3)
    seconds, size = 0.0, task.recipe.schedule.batch_size

    def step() -> None:
        batch = task.batch(0, 0, 1)
        with torch.autocast("cpu", torch.bfloat16, task.recipe.precision != "32-true"):
            terms = task.module(batch)
        terms["total"].backward()
        optimizer.step()
        optimizer.zero_grad()

    step()
    for _ in range(count):
        seconds += timed(step)[1]
    return seconds, count * size


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=8, help="of each stage")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipes = [load_recipe("open", ['initial.music="none"']), load_recipe("pretrain-symbolic")]
    space, symbolic = (replace(recipe, initial=resolve_initial_weights(recipe)) for recipe in recipes)
    print("| stage | measured | seconds each | items | minutes |\n|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        total = pretraining(symbolic, options.items, scratch, cache_of(symbolic.data))
        total += extraction(space, options.items, scratch)
    print(f"| together, without the heads | | | | {total / 60:.0f} |")


if __name__ == "__main__":
    main()
