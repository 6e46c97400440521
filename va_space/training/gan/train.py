"""From folders of pictures to a generator."""

from collections.abc import Sequence
from pathlib import Path

from lightning.fabric import Fabric
from rich.console import Console

from va_space.datasets.cache import cache_folder
from va_space.space import VASpace
from va_space.training.engine.loop import fit
from va_space.training.engine.progress import TrainingProgress
from va_space.training.gan.data import load_pictures
from va_space.training.gan.options import GeneratorOptions
from va_space.training.gan.quality import measure_of
from va_space.training.gan.trainer import GANTrainer


def train_generator(
    folders: Sequence[Path],
    output: Path,
    options: GeneratorOptions,
    *,
    quality_pictures: int = 1000,
    model: str | Path | None = None,
    cache: Path | None = None,
    devices: int = 1,
    accelerator: str = "auto",
    console: Console | None = None,
) -> Path:
    """Train a StyleGAN2 generator, or continue a training that was stopped.

    Args:
        folders: Folders of pictures.
        output: Folder of checkpoints, sample sheets and the generator.
        options: How to train.
        quality_pictures: Pictures that are compared at every snapshot; 0 for none.
        model: Space whose vectors stand in where the inception network is not available.
        cache: Folder for decoded pictures; None for the user's cache folder.
        devices: Processes, one a device.
        accelerator: "auto", "cpu" or "cuda".
        console: Where progress is shown; None shows nothing.

    Returns:
        The generator's file, ``generator.safetensors`` in the output folder.

    Raises:
        DatasetError: The folders hold too few pictures.
        CheckpointError: The output folder holds another training.
        ConfigError: An option is wrong, or the training has diverged.
    """
    fabric = Fabric(accelerator=accelerator, devices=devices, strategy="ddp" if devices > 1 else "auto")
    fabric.launch()
    with TrainingProgress(console if fabric.is_global_zero else None) as progress:
        pictures = load_pictures(folders, options.resolution, cache or cache_folder(), progress.reading)
        quality = None
        if quality_pictures and fabric.is_global_zero:
            space = VASpace.from_pretrained(model, device=fabric.device)
            quality = measure_of(pictures, quality_pictures, space, fabric.device)
        return fit(GANTrainer(options, pictures, quality), output, fabric, progress)
