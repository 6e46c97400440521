"""Recipes: one TOML file says everything about a training."""

import json
import tomllib
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_type_hints

import torch
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from va_space.datasets.emotions import EMOTIONS
from va_space.datasets.instruments import INSTRUMENTS
from va_space.datasets.sources import SOURCES
from va_space.encoders.config import SpaceConfig, renamed
from va_space.encoders.precision import computes_bf16
from va_space.encoders.text.model import TextConfig
from va_space.errors import ConfigError
from va_space.generation.crossmodal import Direction, Encoding
from va_space.registry import Registry
from va_space.training.engine.augment import Augmentation
from va_space.training.engine.schedule import Count, NotNegative, Schedule, Share
from va_space.training.shipped import recipe_path, shipped_recipes
from va_space.training.space.losses import Sign, Weighting
from va_space.training.space.noisy_points import NoisyPoints
from va_space.training.space.terms import TERMS


def _known_term(name: str) -> str:
    if name not in TERMS:
        raise ValueError(f"no such {TERMS.kind}; there are {', '.join(TERMS)}")
    return name


def _known_parts(registry: Registry[Any]) -> AfterValidator:
    """Of a name in a registry, or several with "+" between them."""

    def check(name: str) -> str:
        if unknown := [part for part in name.split("+") if part not in registry]:
            raise ValueError(f"no such {registry.kind} as {unknown[0]!r}; there are {', '.join(registry)}")
        return name

    return AfterValidator(check)


InstrumentsName = Annotated[str, _known_parts(INSTRUMENTS)]
EmotionsName = Annotated[str, _known_parts(EMOTIONS)]
SourceName = Annotated[str, _known_parts(SOURCES)]
TermName = Annotated[str, AfterValidator(_known_term)]


@dataclass(frozen=True)
class Data:
    """Where examples come from.

    Attributes:
        root: Folder of data sets; empty for the environment variable VA_SPACE_DATA.
        cache: Folder for decoded media; empty for the user's cache folder.
        source: A name of :data:`va_space.datasets.sources.SOURCES`, such as "open", "open-judge" (the groups
            that "open" does not train on), "paper", "synthetic" or "table", or several with "+" between them.
        tables: With source "table": the picture table and the music table, relative to the root.
        scale: With source "table": lowest and highest rating.
        folders: For distillation: folders of pictures or music, relative to the root, besides the source's
            own training part.
        hop_seconds: Distance of the windows that training music is cut into.
        quadrant_hop_seconds: The same of the rendered clips of which only the quadrant is known.
        noisy_points: Points for music of which only the quadrant is known, weighed by the term of that name:
            "none", "mood-words" or "arousal-head"; see :mod:`va_space.training.space.noisy_points`.
        renderings: With source "open": 1 for MIDI as it is, 2 for another instrument, too.
        pairs: Picture-music pairs that are drawn anew for each epoch.
        workers: Processes that prepare batches; 0 prepares them in the training process.
    """

    root: str = ""
    cache: str = ""
    source: SourceName = "open"
    tables: tuple[str, ...] = ()
    scale: tuple[float, float] = (0.0, 1.0)
    folders: tuple[str, ...] = ()
    hop_seconds: Annotated[float, Field(gt=0)] = 2.5
    quadrant_hop_seconds: Annotated[float, Field(gt=0)] = 10.0
    noisy_points: NoisyPoints = "none"
    renderings: Literal[1, 2] = 1
    pairs: Count = 2048
    workers: Annotated[int, Field(ge=0)] = 1


@dataclass(frozen=True)
class Initial:
    """First weights of the backbones: "none", "imagenet", or a file, looked for here and in the data root."""

    picture: str = "none"
    music: str = "none"


@dataclass(frozen=True)
class Objective:
    """Options of the losses; see :class:`va_space.training.space.objective.VASpaceObjective`.

    Terms that ``weights`` does not name have their default weight.
    """

    margin: NotNegative = 0.5
    sign: Sign = "inverse"
    weighting: Weighting = "similarity"
    floor: Annotated[float, Field(gt=0)] = 1e-4
    sampled: Annotated[int, Field(ge=0)] = 0
    quadrant_margin: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    weights: dict[TermName, NotNegative] = field(default_factory=dict)


@dataclass(frozen=True)
class Teacher:
    """Kernel ridge regressions that answer for features of music.

    For backbones that do not learn; the term ``teacher`` of the objective weighs it.

    Attributes:
        batch_size: Further rows of features a step, half of them mixtures of two; 0 for no teacher.
        point_batch_size: Likewise, for another teacher that answers for music labelled with points.
        width: See :class:`va_space.training.space.kernel_teacher.KernelTeacher`.
        ridge: Likewise.
    """

    batch_size: Annotated[int, Field(ge=0)] = 0
    point_batch_size: Annotated[int, Field(ge=0)] = 0
    width: Annotated[float, Field(gt=0)] = 0.5
    ridge: Annotated[float, Field(gt=0)] = 0.5


@dataclass(frozen=True)
class Distillation:
    """What a backbone learns from its teacher.

    Attributes:
        modality: "picture" or "music".
        teacher: "torchvision:resnet50", or a file of weights, relative to the data root.
        scores: Weight of the class scores (cross-entropy at the temperature) beside the features.
        temperature: Softens the class scores.
    """

    modality: Literal["picture", "music"] = "picture"
    teacher: str = "torchvision:resnet50"
    scores: NotNegative = 1.0
    temperature: Annotated[float, Field(gt=0)] = 2.0


@dataclass(frozen=True)
class Text:
    """How texts are led into a space that is there.

    Attributes:
        space: The model, a folder; empty for the one that ships. It is left as it is.
        labels: What the ratings of texts mean beside those of pictures and music. "relative": a text that
            stands among texts where a picture stands among pictures feels as that picture does; "absolute":
            as rated.
        model: How texts are read.
    """

    space: str = ""
    labels: Literal["relative", "absolute"] = "relative"
    model: TextConfig = field(default_factory=TextConfig)


@dataclass(frozen=True)
class Emotions:
    """What a classifier of emotions is made of, and what it learns from.

    Attributes:
        dataset: A name of :data:`va_space.datasets.emotions.EMOTIONS`, or several with "+" between them;
            "table" reads ``data.tables``, of path and label.
        backbone: "space", the picture encoder of a model that is there, or a backbone such as "resnet50",
            whose first weights ``initial.picture`` names. It stays as it is if
            ``schedule.backbone_learning_rate`` is 0.
        space: The model of which "space" takes the encoder, a folder; empty for the one that ships.
        stages: How many of the backbone's last stages give rows.
        hidden: Width of the GRU.
        dropout: Share of features that is dropped in training.
        fewest: Words that are the majority of fewer pictures are left out.
    """

    dataset: EmotionsName = "table"
    backbone: str = "space"
    space: str = ""
    stages: Count = 3
    hidden: Count = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    fewest: Count = 5


@dataclass(frozen=True)
class CrossModal:
    """How pictures are made for sounds, or sounds for pictures; see :mod:`va_space.networks.crossmodal`.

    The recipe's schedule is the generator's; an epoch sees as many examples as there are of what is made.

    Attributes:
        dataset: A name of :data:`va_space.datasets.instruments.INSTRUMENTS`, or several with "+" between.
        folder: Of the data set, in the data root.
        instruments: Which; empty for all that have both sides.
        direction: "sound-to-picture" or "picture-to-sound".
        encoding: What the generator is told: see :class:`va_space.generation.crossmodal.CrossmodalConfig`.
        mismatched: Whether the discriminator also sees real examples beside other instruments' conditions.
        size: Side of pictures and patches: 8, 16, 32, ...
        features: Length of the encoder's features.
        latent: Numbers of noise.
        channels: Of the finest maps of encoder and generator.
        discriminator_channels: Of the discriminator's.
        classes: Weight of naming the instrument.
        r1: Weight of the gradient penalty.
        r1_every: Steps from one to the next.
        augment: Probability of each random change through which the discriminator sees all examples.
        snapshot_epochs: Epochs from one sample sheet and checkpoint to the next.
        encoder: Schedule of the encoder.
    """

    dataset: InstrumentsName = "folders"
    folder: str = "instruments"
    instruments: tuple[str, ...] = ()
    direction: Direction = "sound-to-picture"
    encoding: Encoding = "classifier"
    mismatched: bool = True
    size: Count = 64
    features: Count = 64
    latent: Count = 64
    channels: Count = 32
    discriminator_channels: Count = 32
    classes: NotNegative = 1.0
    r1: NotNegative = 1.0
    r1_every: Count = 8
    augment: Share = 0.2
    snapshot_epochs: Count = 5
    encoder: Schedule = field(default_factory=lambda: Schedule(epochs=30, batch_size=32))


@dataclass(frozen=True)
class Recipe:
    """A whole training.

    Attributes:
        name: Shown in logs and in the model card.
        task: "space", "distillation", "symbolic" (pretraining of the branch for harmony on MIDI), "text"
            (heads that lead from a sentence encoder into a space), "emotions" (a classifier of pictures), or
            "crossmodal" (pictures for sounds, sounds for pictures).
        output: Folder of checkpoints, logs and the final model.
        seed: Of weights, order and augmentation.
        precision: "bf16-mixed", "32-true", or "auto", which :func:`load_recipe` replaces by the first where
            this machine computes with bfloat16 and by the second where it does not.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    name: str
    task: Literal["space", "distillation", "symbolic", "text", "emotions", "crossmodal"] = "space"
    output: str = "runs/space"
    seed: Annotated[int, Field(ge=0)] = 0
    precision: Literal["auto", "32-true", "bf16-mixed"] = "auto"
    model: SpaceConfig = field(default_factory=SpaceConfig)
    initial: Initial = field(default_factory=Initial)
    data: Data = field(default_factory=Data)
    objective: Objective = field(default_factory=Objective)
    teacher: Teacher = field(default_factory=Teacher)
    distillation: Distillation = field(default_factory=Distillation)
    text: Text = field(default_factory=Text)
    emotions: Emotions = field(default_factory=Emotions)
    crossmodal: CrossModal = field(default_factory=CrossModal)
    augmentation: Augmentation = field(default_factory=Augmentation)
    schedule: Schedule = field(default_factory=Schedule)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary."""
        return asdict(self)

    def identity(self) -> dict[str, Any]:
        """What must agree between a run and its continuation: all but the folders and the helpers."""
        values = self.to_dict()
        values.pop("output")
        for key in ("root", "cache", "workers"):
            values["data"].pop(key)
        return values


def load_recipe(recipe: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read and check a recipe.

    Args:
        recipe: A TOML file, or the name of one that ships; see
            :func:`va_space.training.shipped.shipped_recipes`.
        overrides: "key=value" with dotted keys and TOML values, such as "schedule.epochs=3".

    Raises:
        ConfigError: No such file, not TOML, or a key or value that is not allowed: the message names the
            file, the key and what is allowed.

    Example:
        >>> load_recipe("smoke", ["schedule.epochs=2"]).schedule.epochs
        2
    """
    path = recipe_path(recipe)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: no such recipe. Shipped: {', '.join(shipped_recipes())}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    for override in overrides:
        _override(values, override)
    built = _checked({"name": path.stem, **_renamed(values)}, path)
    return replace(built, precision=_fastest()) if built.precision == "auto" else built


def _fastest() -> Literal["bf16-mixed", "32-true"]:
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


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    """The values with today's words for older ones."""
    if isinstance(values.get("model"), dict):
        values = {**values, "model": renamed(values["model"])}
    if values.get("task") == "scores":
        warnings.warn('task = "scores" is called "symbolic" now', DeprecationWarning, stacklevel=3)
        values = {**values, "task": "symbolic"}
    return values


def _checked(values: dict[str, Any], path: Path) -> Recipe:
    try:
        # As JSON: strict types, where lists are still taken for tuples.
        recipe = TypeAdapter(Recipe).validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise ConfigError("\n".join(_explained(item, path) for item in error.errors())) from error
    except ConfigError as error:  # of the media's settings, which check themselves
        raise ConfigError(f"{path}: {error}") from error
    model = recipe.model
    if recipe.task == "symbolic" and not (model.music_backbone == "two-branch" and model.audio.semitones):
        raise ConfigError(
            f'{path}: task = "symbolic" needs model.music_backbone = "two-branch" and '
            "model.audio.semitones = true"
        )
    if recipe.task == "space" and recipe.data.source == "table" and len(recipe.data.tables) != 2:
        raise ConfigError(
            f'{path}: data.tables must name the picture table and the music table: ["a.csv", "b.csv"]'
        )
    return recipe


def _explained(error: ErrorDetails, path: Path) -> str:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "unexpected_keyword_argument":
        section: Any = Recipe
        for part in error["loc"][:-1]:
            section = get_type_hints(section)[str(part)]
        return f"{path}: unknown key {key}; known: {', '.join(item.name for item in fields(section))}"
    if error["type"] == "dataclass_type":
        return f"{path}: {key} is a section, not a value"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{path}: {key} = {error['input']!r}: {message}"
