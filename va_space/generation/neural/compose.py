"""From what a user names to music by a text-to-music model, through the stages."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from va_space.errors import ConfigError
from va_space.generation.music.controls import Wishes
from va_space.generation.music.target import Feeling, percentile
from va_space.generation.neural.models import LoadedModel, load_model
from va_space.generation.neural.players import Player
from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import write_prompt
from va_space.generation.neural.takes import ModelUsed, NeuralTake
from va_space.space import VASpace

TAKES = 4
"""Takes that are played where the space chooses, unless it is said how many."""

Progress = Callable[[str, int, int], None]  # what is done, how much is done, of how much


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the music.

    Attributes:
        feeling: What it is for.
        stage: A name of :data:`~va_space.generation.neural.stages.STAGES`.
        wishes: Tempo, key and instruments.
        seconds: How long.
        seed: Of all choices.
        negative: What it shall not be like.
        takes: How many are kept.
        candidates: How many are played; None for as many as are kept, or :data:`TAKES` where the space
            chooses.
    """

    feeling: Feeling
    stage: str = "optimised"
    wishes: Wishes = field(default_factory=Wishes)
    seconds: float = 30.0
    seed: int = 0
    negative: str = ""
    takes: int = 1
    candidates: int | None = None


def sketch_for(wanted: Wanted, models: StageModels) -> Sketch:
    """The prompt for what is wanted; raises as ``write_prompt`` of the stages does."""
    if wanted.feeling.kind not in ("picture", "music", "text", "feeling"):
        raise ConfigError(f"{wanted.feeling.name}: no picture, music, text or feeling")
    return write_prompt(Sketch(wanted.feeling, wanted.wishes, wanted.seed), wanted.stage, models)


def compose_neural(
    space: VASpace | None,
    wanted: Wanted,
    player: type[Player],
    model: str | Path | None = None,
    models: StageModels | None = None,
    progress: Progress | None = None,
) -> list[NeuralTake]:
    """Write a prompt, and play it.

    The models of the stages are given back before the one that plays is loaded. The same models, arguments
    and device give the same sound.

    Args:
        space: Hears the takes where it chooses among them; may be None if it does not.
        wanted: What is wanted.
        player: What plays.
        model: The model it plays with, as for :func:`~va_space.generation.neural.models.load_model`.
        models: Those of the stages; None for the defaults.
        progress: Called while it plays and hears.

    Returns:
        The takes that are kept; best first where the space chose, else in the order of their seeds.

    Raises:
        ConfigError: Something is asked for that cannot be.
        CheckpointError: A model is not on this machine, or cannot be used.
        ResourceError: A model finds no memory.
        MissingExtraError: The extra ``neural`` is not installed.
    """
    models = models or StageModels()
    if wanted.takes < 1:
        raise ConfigError(f"{wanted.takes} takes: there must be at least 1")
    sketch = sketch_for(wanted, models)
    used = {role: _used(each) for role, each in models.used.items()}
    models.release()
    if sketch.choose and _count(wanted, sketch) > 1 and space is None:
        raise ConfigError("choosing among takes needs a model that hears them: a space, not None")
    loaded = load_model(model, player.kind, device=models.device, download=models.download)
    used["music"] = _used(loaded)
    return play_takes(space, player(loaded), sketch, wanted, used, progress)


def play_takes(
    space: VASpace | None,
    playing: Player,
    sketch: Sketch,
    wanted: Wanted,
    used: dict[str, ModelUsed],
    progress: Progress | None = None,
) -> list[NeuralTake]:
    """Play a prompt several times, and keep as many takes as are wanted; see :func:`compose_neural`."""
    count = _count(wanted, sketch)
    takes = []
    for number in range(count):
        take = _play(playing, sketch, wanted, number, count, used, progress)
        takes.append(heard_by(space, take) if space is not None else take)
    if sketch.choose:
        takes.sort(key=lambda take: (take.distance or 0.0, take.number))
    return takes[: wanted.takes]


def _count(wanted: Wanted, sketch: Sketch) -> int:
    return max(wanted.takes, wanted.candidates or (TAKES if sketch.choose else 1))


def heard_by(space: VASpace, take: NeuralTake) -> NeuralTake:
    """A take with what the music encoder hears in it: percentiles among recordings, and their mean error."""
    felt = space.predict_va((take.sound.mean(axis=0), take.sample_rate))
    place = percentile(space, np.asarray(felt)[None], "recording")[0]
    distance = round(float(np.abs(place - np.array(take.sketch.feeling.relative)).mean()), 3)
    return replace(take, heard=(place[0].item(), place[1].item()), distance=distance, space=space.fingerprint)


def _play(
    player: Player,
    sketch: Sketch,
    wanted: Wanted,
    number: int,
    count: int,
    used: dict[str, ModelUsed],
    progress: Progress | None,
) -> NeuralTake:
    whole = round(count * wanted.seconds)

    def report(seconds: float) -> None:
        if progress:
            progress("Seconds played", round(number * wanted.seconds + seconds), whole)

    sound = player.play(
        sketch.prompt,
        wanted.seconds,
        # Another take, another seed; the first is what the seed alone gives.
        seed=wanted.seed + number * 1_000_003,
        negative=wanted.negative,
        progress=report,
    )
    rate = player.sample_rate
    return NeuralTake(sketch, sound, rate, wanted.seconds, wanted.seed, number, count, wanted.negative, used)


def _used(model: LoadedModel) -> ModelUsed:
    commercial = model.card.commercial if model.card else ""
    return ModelUsed(model.name, model.licence, commercial, model.fingerprint)
