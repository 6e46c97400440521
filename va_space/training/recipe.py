"""Recipes: one TOML file says everything about a training."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_type_hints

import torch

from va_space.encoders.config import SpaceConfig
from va_space.encoders.precision import computes_bf16
from va_space.errors import ConfigError
from va_space.training.space.objective import ObjectiveWeights


@dataclass(frozen=True)
class Data:
    """Where examples come from.

    Attributes:
        root: Folder of data sets; empty for the environment variable VA_SPACE_DATA.
        cache: Folder for decoded media; empty for the user's cache folder.
        source: "open", "open-judge" (the groups that "open" does not train on), "paper", "synthetic" or
            "table".
        tables: With source "table": the picture table and the music table, relative to the root.
        scale: With source "table": lowest and highest rating.
        folders: For distillation: folders of pictures or music, relative to the root, besides the source's
            own training part.
        hop_seconds: Distance of the windows that training music is cut into.
        quadrant_hop_seconds: The same of the rendered clips of which only the quadrant is known.
        recordings: With source "open": sets of recordings besides, of "fourq" (quadrants) and "emotify" (votes).
        renderings: With source "open": 1 for MIDI as it is, 2 for another instrument, too.
        pairs: Picture-music pairs that are drawn anew for each epoch.
        workers: Processes that prepare batches; 0 prepares them in the training process.
    """

    root: str = ""
    cache: str = ""
    source: str = "open"
    tables: tuple[str, ...] = ()
    scale: tuple[float, float] = (0.0, 1.0)
    folders: tuple[str, ...] = ()
    hop_seconds: float = 2.5
    quadrant_hop_seconds: float = 10.0
    recordings: tuple[str, ...] = ()
    renderings: int = 1
    pairs: int = 2048
    workers: int = 1


@dataclass(frozen=True)
class Initial:
    """First weights of the backbones: "none", "imagenet", or a file, looked for here and in the data root."""

    picture: str = "none"
    music: str = "none"


@dataclass(frozen=True)
class Objective:
    """Options of the losses; see :class:`va_space.training.space.objective.VASpaceObjective`."""

    margin: float = 0.5
    sign: str = "inverse"
    weighting: str = "similarity"
    floor: float = 1e-4
    sampled: int = 0
    quadrant_margin: float = 0.0
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)


@dataclass(frozen=True)
class Distillation:
    """What a backbone learns from its teacher.

    Attributes:
        modality: "picture" or "music".
        teacher: "torchvision:resnet50", or a file of weights, relative to the data root.
        scores: Weight of the class scores (cross-entropy at the temperature) beside the features.
        temperature: Softens the class scores.
    """

    modality: str = "picture"
    teacher: str = "torchvision:resnet50"
    scores: float = 1.0
    temperature: float = 2.0


@dataclass(frozen=True)
class Augmentation:
    """Changes that keep the feeling.

    Attributes:
        smallest_crop: Smallest part of a picture's area that a random crop keeps.
        erase: Probability that a rectangle of the picture is greyed.
        degrade: Probability that a picture is first made up to three times smaller, and, on its own, that it
            goes through a JPEG file of quality 40 to 95.
        time_masks: SpecAugment masks along time, each at most an eighth of the window.
        frequency_masks: SpecAugment masks along frequency, each at most an eighth of the bands.
        equaliser: Standard deviation, in decades of power, of a smooth random frequency response.
        noise: Probability that a noise floor is raised to up to -20 dB.
        picture_views: Where backbones do not learn: views made once of each picture, the first as it is.
        music_views: The same of each window of music.
    """

    smallest_crop: float = 0.6
    erase: float = 0.0
    degrade: float = 0.0
    time_masks: int = 2
    frequency_masks: int = 2
    equaliser: float = 0.3
    noise: float = 0.3
    picture_views: int = 4
    music_views: int = 2


@dataclass(frozen=True)
class Schedule:
    """How long, how fast.

    Attributes:
        epochs: An epoch has pairs / batch_size steps (space) or sees every example once (distillation).
        batch_size: Pairs (or examples) a step, over all processes together.
        quadrant_batch_size: Further music windows a step that carry only a quadrant.
        votes_batch_size: Further music windows a step that carry only votes.
        learning_rate: Peak of AdamW's rate for heads and projections.
        backbone_learning_rate: Peak of it for the backbones; with 0 they stay as they are, and what they see
            and hear is computed once.
        weight_decay: AdamW's, on matrices and kernels only.
        warmup: Share of the steps over which the rate rises; it then falls as a cosine.
        clip: Largest gradient norm.
        average: Decay of the running average of the weights that is validated and saved; 0 for none.
        select: "best": the weights of the epoch that validates best; "last": those of the end.
        folds: Folds by group over the training and validation parts that calibrate the result; 0 for none.
        checkpoint_every: Steps between checkpoints, besides those at the end of each epoch.
    """

    epochs: int = 20
    batch_size: int = 64
    quadrant_batch_size: int = 0
    votes_batch_size: int = 0
    learning_rate: float = 1e-3
    backbone_learning_rate: float = 3e-4
    weight_decay: float = 0.05
    warmup: float = 0.05
    clip: float = 1.0
    average: float = 0.0
    select: str = "best"
    folds: int = 0
    checkpoint_every: int = 100


@dataclass(frozen=True)
class Recipe:
    """A whole training.

    Attributes:
        name: Shown in logs and in the model card.
        task: "space", "distillation", or "scores" (learning to hear harmony from MIDI).
        output: Folder of checkpoints, logs and the final model.
        seed: Of weights, order and augmentation.
        precision: "bf16-mixed", "32-true", or "auto", which :func:`load_recipe` replaces by the first where
            this machine computes with bfloat16 and by the second where it does not.
    """

    name: str
    task: str = "space"
    output: str = "runs/space"
    seed: int = 0
    precision: str = "auto"
    model: SpaceConfig = field(default_factory=SpaceConfig)
    initial: Initial = field(default_factory=Initial)
    data: Data = field(default_factory=Data)
    objective: Objective = field(default_factory=Objective)
    distillation: Distillation = field(default_factory=Distillation)
    augmentation: Augmentation = field(default_factory=Augmentation)
    schedule: Schedule = field(default_factory=Schedule)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary."""
        return asdict(self)


def load_recipe(recipe: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        recipe: A TOML file, or the name of one that ships ("paper", "open", "smoke").
        overrides: "key=value" with dotted keys and TOML values, such as "schedule.epochs=3".

    Raises:
        ConfigError: No such file, not TOML, or a key or value that does not exist.
    """
    path = Path(recipe)
    if not path.suffix:
        path = Path(str(files("va_space.training") / "recipes" / f"{recipe}.toml"))
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        shipped = sorted(Path(str(files("va_space.training") / "recipes")).glob("*.toml"))
        raise ConfigError(
            f"{path}: no such recipe. Shipped: {', '.join(item.stem for item in shipped)}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    for override in overrides:
        _override(values, override)
    built: Recipe = _build(Recipe, {"name": path.stem, **values}, "recipe")
    return replace(built, precision=_fastest()) if built.precision == "auto" else built


def _fastest() -> str:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return "bf16-mixed" if computes_bf16(device) else "32-true"


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"{override!r}: an override has the form key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # an unquoted string, as shells hand it over
    *sections, name = key.strip().split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise ConfigError(f"{override!r}: {section} is not a section")
    values[name] = value


def _build(cls: type[Any], values: Mapping[str, Any], where: str) -> Any:
    types = get_type_hints(cls)
    unknown = set(values) - {known.name for known in fields(cls)}
    if unknown:
        known = ", ".join(item.name for item in fields(cls))
        raise ConfigError(f"{where}: unknown key {', '.join(sorted(unknown))}; known: {known}")
    return cls(**{key: _convert(types[key], value, f"{where}.{key}") for key, value in values.items()})


def _convert(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} is a section, not a value")
        return _build(kind, value, where)  # type: ignore[arg-type]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list):
        return tuple(value)
    if isinstance(kind, type) and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise ConfigError(f"{where}: {value!r} is not of type {kind.__name__}")
    return value
