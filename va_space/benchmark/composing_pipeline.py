"""Rows of the task ``composing`` for the staged pipeline of Hisariya et al. 2024, one for each stage.

Paintings become prompts by stages, and prompts music by a text-to-music model. Whoever runs the task brings
the weights; without them there are no rows.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from va_space.atomic import replacing
from va_space.benchmark import audio_metrics, metrics
from va_space.benchmark.composing_judge import Fitted
from va_space.benchmark.composing_rows import People
from va_space.benchmark.context import Context
from va_space.benchmark.result import TableRow
from va_space.errors import VASpaceError
from va_space.generation.music.synthesis.voices import SAMPLE_RATE
from va_space.generation.music.target import Feeling
from va_space.generation.neural.clap import ClapEmbedder
from va_space.generation.neural.compose import Wanted, play_takes, sketch_for
from va_space.generation.neural.models import load_model
from va_space.generation.neural.musicgen import MusicGen
from va_space.generation.neural.players import Player, Samples
from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stable_audio import StableAudio
from va_space.generation.neural.stage_models import StageModels

STAGES = ("label", "narrative", "lyrical", "optimised")
PLAYERS: dict[str, type[Player]] = {"music": MusicGen, "stable-audio": StableAudio}
ROLES = (*PLAYERS, "caption", "language", "classifier", "clap")
PAINTINGS, FEWEST, SECONDS = 40, 8, 10.0

Features = Callable[[Iterator[Samples]], NDArray[np.float32]]
Stored = dict[str, NDArray[np.floating]]


def pipeline_rows(
    context: Context,
    fitted: Fitted,
    people: People,
    tagger: Features,
    paths: Sequence[Path],
    places: Sequence[tuple[float, float]],
    folder: Path,
) -> tuple[list[TableRow], list[str]]:
    """A row for each stage, and what is to be said.

    Args:
        context: Names the models, and has the space that chooses.
        fitted: The judge.
        people: What takes are compared with.
        tagger: (n, 256) features of stereo sounds at the synthesiser's rate.
        paths: Paintings.
        places: (valence, arousal) of each, as percentiles among them.
        folder: Where takes' features are kept: what is there is not played again.
    """
    role = next((role for role in PLAYERS if role in context.neural), None)
    if role is None:
        return [], ["the staged pipeline was not measured: no weights were named (--neural music=FOLDER)"]
    if len(paths) < FEWEST:
        return [], [f"the staged pipeline was not measured: {len(paths)} paintings are fewer than {FEWEST}"]
    count = min(PAINTINGS, context.limit or PAINTINGS, len(paths))
    feelings = [
        Feeling(path.name, "picture", place, place, path, detected="painting")
        for path, place in zip(paths[:count], places[:count], strict=True)
    ]
    try:
        stored = _Pipeline(context, role, tagger, folder).all(feelings)
    except VASpaceError as error:
        return [], [f"the staged pipeline was not measured: {error}"]
    wanted = np.array(places[:count])
    rows = [_row(stage, stored[stage], wanted, fitted, people) for stage in STAGES]
    models = ", ".join(f"{role} {Path(name).name}" for role, name in context.neural.items())
    return rows, [f"the staged pipeline: {count} paintings, takes of {SECONDS:g} s; models: {models}"]


def _row(
    stage: str, takes: list[Stored], wanted: NDArray[np.float64], fitted: Fitted, people: People
) -> TableRow:
    features = np.stack([take["tagger"] for take in takes])
    felt = fitted.judge(features)
    row: TableRow = {"stage": stage, "n": len(takes)}
    for axis, name in enumerate(("valence", "arousal")):
        row[name] = metrics.spearman(felt[:, axis], wanted[:, axis])
        row[f"{name} interval"] = metrics.bootstrap_interval(
            metrics.spearman, [felt[:, axis], wanted[:, axis]], np.arange(len(takes)), resamples=1000
        )
    measured = people.row(stage, features, float(np.median([take["thd"] for take in takes])))
    row |= {name: value for name, value in measured.items() if name not in ("set", "n")}
    sounds, texts = (np.stack([take[name] for take in takes]) for name in ("clap sound", "clap text"))
    row["CLAP"] = float("nan")
    if sounds.size:
        row["CLAP"] = float(audio_metrics.clap_score(torch.from_numpy(sounds), torch.from_numpy(texts)))
    return row


class _Pipeline:
    """Takes of all stages, made in turn, and kept."""

    def __init__(self, context: Context, role: str, tagger: Features, folder: Path) -> None:
        self.context, self.tagger = context, tagger
        named = context.neural
        self.models = StageModels(
            named.get("caption"), named.get("language"), named.get("classifier"), context.space.device
        )
        device = context.space.device
        self.player = PLAYERS[role](load_model(named[role], PLAYERS[role].kind, device=device))
        clap = named.get("clap")
        self.clap = None if clap is None else ClapEmbedder(load_model(clap, "clap", device=device))
        parts = [context.space.fingerprint, self.player.model.fingerprint, *map(str, sorted(named.items()))]
        self.folder = folder / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def all(self, feelings: Sequence[Feeling]) -> dict[str, list[Stored]]:
        """For each stage the takes of all paintings."""
        return {stage: [self._take(stage, each) for each in feelings] for stage in STAGES}

    def _take(self, stage: str, feeling: Feeling) -> Stored:
        name = f"{stage} {Path(feeling.name).stem} {feeling.relative[0]:.3f} {feeling.relative[1]:.3f}.npz"
        path = self.folder / name
        if not path.is_file():
            found = self._make(stage, feeling)
            with replacing(path) as beside, beside.open("wb") as file:
                np.savez(file, **found)  # type: ignore[arg-type]
        with np.load(path) as stored:
            return {name: stored[name] for name in stored.files}

    def _make(self, stage: str, feeling: Feeling) -> Stored:
        wanted = Wanted(feeling, stage, seconds=SECONDS, seed=self.context.seed)
        sketch = sketch_for(wanted, self.models)
        take = play_takes(self.context.space, self.player, sketch, wanted, {})[0]
        sound = soxr.resample(take.sound.T, take.sample_rate, SAMPLE_RATE).T
        sound = np.ascontiguousarray(sound[:, : round(SECONDS * SAMPLE_RATE)], np.float32)
        mono = torch.from_numpy(sound.mean(axis=0))
        thd = audio_metrics.total_harmonic_distortion(mono, SAMPLE_RATE)
        return {
            "tagger": self.tagger(iter([sound]))[0],
            "thd": np.array(float(thd)),
            **self._clap(take.sound, take.sample_rate, sketch),
        }

    def _clap(self, sound: Samples, rate: int, sketch: Sketch) -> Stored:
        nothing = np.zeros(0, np.float32)
        if self.clap is None:
            return {"clap sound": nothing, "clap text": nothing}
        return {
            "clap sound": self.clap.of_sound(sound.mean(axis=0), rate),
            "clap text": self.clap.of_text(sketch.prompt),
        }
