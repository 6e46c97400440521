"""Speed of a training step, as ratios within one run; prints a markdown table.

The same networks, losses and optimiser, two ways:

- plain: float32, default memory format, and a data set that opens a picture with PIL and a piece of a track
  with librosa for each example;
- va-space: the training loop of `va-space train` with bf16, channels-last and the cache of decoded media.

Once with a batch that is ready in memory, which compares the computation alone, and once from files (JPEG of
1024 x 768, stereo flac of 30 s at 44.1 kHz, made here) with one worker process that prepares batches.
"""

import argparse
import csv
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import torch
from embedding import make_music, make_pictures, processor
from lightning.fabric import Fabric
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from va_space.training.engine.progress import TrainingProgress
from va_space.training.engine.schedule import parameter_groups
from va_space.training.recipe import Recipe, load_recipe
from va_space.training.run import fit_task
from va_space.training.sources import space_data
from va_space.training.space.task import SpaceTask
from va_space.training.space.terms import ObjectiveBatch

WARM = 3  # first steps, which are not counted
Batch = dict[str, Tensor]


class Clock(TrainingProgress):
    """Notes when each step is done."""

    def __init__(self) -> None:
        super().__init__(None)
        self.times: list[float] = []

    def step(self, *arguments: object) -> None:
        """A step is done."""
        self.times.append(time.perf_counter())


class Ready(SpaceTask):
    """The same batch at every step."""

    def batch(self, step: int, rank: int, processes: int) -> Batch:
        """The first batch."""
        if not hasattr(self, "first"):
            self.first = super().batch(0, rank, processes)
        return self.first


class Files(Dataset):
    """Pairs, decoded one by one."""

    def __init__(self, task: SpaceTask) -> None:
        self.task, self.config = task, task.module.model.config
        self.pairs = task._pairs_of(0)

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Batch:
        picture, music = self.pairs[index]
        size, audio = self.config.picture.size, self.config.audio
        with Image.open(self.task.pictures.records[picture].path) as image:
            pixels = np.asarray(image.convert("RGB").resize((size, size)), dtype=np.float32) / 255
        record = self.task.music.records[music]
        samples, _ = librosa.load(
            record.path, sr=audio.sample_rate, offset=record.start, duration=audio.window_seconds
        )
        mel = librosa.feature.melspectrogram(
            y=np.resize(samples, audio.window_samples),
            sr=audio.sample_rate,
            n_fft=audio.n_fft,
            hop_length=audio.hop_length,
            n_mels=audio.n_mels,
        )
        return {
            "pictures": torch.from_numpy(pixels).permute(2, 0, 1).contiguous(),
            "va_pictures": self.task.va_pictures[picture],
            "music": torch.from_numpy(np.log10(mel / mel.mean() + audio.floor)),
            "va_music": self.task.va_music[music],
        }


def plain(task: SpaceTask, batches: Iterator[Batch], steps: int) -> float:
    """Median seconds of a step of a loop as in a tutorial."""
    module = task.module.to(memory_format=torch.contiguous_format).train()
    model, objective = module.model, module.objective
    optimizer = torch.optim.AdamW(parameter_groups(module, task.recipe.schedule))
    times = []
    for _ in range(steps):
        batch = next(batches)
        pictures = model.picture_encoder(batch["pictures"])
        music = model.music_encoder(batch["music"])
        whole = ObjectiveBatch(
            pictures=pictures,
            music=music,
            va_pictures=batch["va_pictures"],
            va_music=batch["va_music"],
            predicted_va_pictures=model.picture_va(pictures),
            predicted_va_music=model.music_va(music),
            predicted_similarity=model.similarity(pictures, music),
        )
        terms = objective(whole)
        optimizer.zero_grad()
        terms["total"].backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), task.recipe.schedule.clip)
        optimizer.step()
        times.append(time.perf_counter())
    return median_step(times)


def ours(task: SpaceTask) -> float:
    """Median seconds of a step of va-space's loop."""
    recipe, clock = task.recipe, Clock()
    fabric = Fabric(accelerator="cpu", devices=1, precision=recipe.precision)
    fabric.launch()
    with clock:
        fit_task(task, recipe, fabric, clock)
    return median_step(clock.times)


def median_step(times: list[float]) -> float:
    """Median seconds from one step's end to the next's, without the first steps."""
    return statistics.median(after - before for before, after in pairwise(times[WARM:]))


def recipe_for(options: argparse.Namespace, scratch: Path, output: str, precision: str) -> Recipe:
    """The networks of a recipe that ships, on the files that were made."""
    return load_recipe(
        options.recipe,
        [
            f"output={scratch / output}",
            f"precision={precision}",
            "initial.picture=none",
            "initial.music=none",
            "data.source=table",
            f"data.root={scratch}",
            f"data.cache={scratch / 'cache'}",
            'data.tables=["pictures.csv", "music.csv"]',
            "data.hop_seconds=10.0",
            "data.workers=1",
            f"data.pairs={options.steps * options.batch_size}",
            f"schedule.batch_size={options.batch_size}",
            "schedule.quadrant_batch_size=0",
            "schedule.epochs=1",
            "schedule.checkpoint_every=1000000",
        ],
    )


def make_tables(scratch: Path, pictures: int, tracks: int) -> None:
    """Files and random labels for them."""
    generator = np.random.default_rng(0)
    for name, make, count in (("pictures", make_pictures, pictures), ("music", make_music, tracks)):
        (scratch / name).mkdir()
        with (scratch / f"{name}.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["path", "valence", "arousal"])
            for path in make(scratch / name, count):
                table.writerow([path.relative_to(scratch), *generator.uniform(size=2).round(3)])


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipe", default="paper", help="whose networks; their backbones learn")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument(
        "--steps", type=int, default=15, help=f"steps each way; the first {WARM} do not count"
    )
    parser.add_argument("--pictures", type=int, default=128)
    parser.add_argument("--tracks", type=int, default=32)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        make_tables(scratch, options.pictures, options.tracks)
        precise = recipe_for(options, scratch, "plain", "32-true")
        data, cache = space_data(precise), scratch / "cache"

        def task(kind: type[SpaceTask], output: str) -> SpaceTask:
            recipe = recipe_for(options, scratch, output, "bf16-mixed") if output else precise
            return kind(recipe, data, cache, lambda *_: None)

        in_memory = task(Ready, "")
        ready = in_memory.batch(0, 0, 1)
        ready["pictures"] = ready["pictures"].float() / 255
        loader = DataLoader(Files(in_memory), options.batch_size, num_workers=1)
        rows = (
            ("batch in memory", plain(in_memory, iter([ready] * options.steps), options.steps), Ready),
            ("from files", plain(in_memory, iter(loader), options.steps), SpaceTask),
        )
        model = precise.model
        print(
            f"{model.picture_backbone} at {model.picture.size} px and {model.music_backbone}, batches of",
            end=" ",
        )
        print(f"{options.batch_size} pairs; {processor()}, {torch.get_num_threads()} threads.\n")
        print("| | plain s/step | va-space s/step | ratio |")
        print("|---|--:|--:|--:|")
        for name, slow, kind in rows:
            fast = ours(task(kind, name.replace(" ", "-")))
            print(f"| {name} | {slow:.2f} | {fast:.2f} | **{slow / fast:.1f}x** |", flush=True)


if __name__ == "__main__":
    main()
