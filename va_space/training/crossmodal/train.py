"""From folders of instruments to a model: first the encoder of the given side, then the generator."""

from dataclasses import replace
from pathlib import Path

import torch
from lightning.fabric import Fabric

from va_space.datasets.instruments import InstrumentOptions, load_instruments
from va_space.errors import ConfigError
from va_space.generation.crossmodal import CrossmodalConfig, CrossmodalModel
from va_space.media.patches import PatchSettings
from va_space.training.crossmodal.encoder import EncoderTask
from va_space.training.crossmodal.sides import load_side
from va_space.training.crossmodal.trainer import CrossmodalTrainer
from va_space.training.engine.loop import fit
from va_space.training.engine.progress import TrainingProgress
from va_space.training.recipe import Recipe
from va_space.training.run import fit_task

ENCODER = "encoder"


def train_crossmodal(
    recipe: Recipe, folder: Path, cache: Path, fabric: Fabric, progress: TrainingProgress
) -> Path:
    """Train a model, or continue a training that was stopped; the encoder has a folder of its own.

    Args:
        recipe: With its ``crossmodal`` section.
        folder: Of the data set.
        cache: For decoded and rendered media.
        fabric: Where to train.
        progress: Told about steps and periods.

    Returns:
        The model's file in the output folder.

    Raises:
        DatasetError: A side is missing, or there are fewer than two instruments.
        ConfigError: An option is wrong, or the training has diverged.
    """
    options = recipe.crossmodal
    data = load_instruments(options.dataset, InstrumentOptions(folder, cache), options.instruments)
    patch = PatchSettings(size=options.size)
    of_given, of_made = data.towards(options.direction)
    given, held, made = (
        load_side(records, data.names, patch, cache, progress.reading)
        for records in (of_given["train"], of_given["judge"], of_made["train"])
    )
    config = CrossmodalConfig(
        data.names,
        options.direction,
        options.encoding,
        patch,
        options.features,
        options.latent,
        options.channels,
        options.dataset,
        options.folder,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        try:
            model = CrossmodalModel(config)
        except ValueError as error:
            raise ConfigError(f"crossmodal.size: {error}") from error
    first = replace(recipe, schedule=options.encoder, output=str(Path(recipe.output) / ENCODER))
    fit_task(EncoderTask(first, model.encoder, given, held), first, fabric, progress)
    model.encoder.cpu().requires_grad_(False)
    return fit(CrossmodalTrainer(recipe, model, given, made, held), Path(recipe.output), fabric, progress)
