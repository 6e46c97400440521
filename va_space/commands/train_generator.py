"""``va-space train-generator``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from va_space.commands import VERBS
from va_space.commands._common import console, needs_extra, remark


@VERBS.register("train-generator")
def train_generator(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Folders of pictures.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder of checkpoints, sample sheets and the generator."),
    ],
    resolution: Annotated[int, typer.Option(help="Side of the pictures: 8, 16, 32, ...")] = 64,
    kimg: Annotated[float, typer.Option(help="Thousands of pictures to learn from in all.")] = 1000.0,
    batch_size: Annotated[int, typer.Option(min=2, help="Pictures a step.")] = 16,
    channel_base: Annotated[
        int, typer.Option(help="A layer has this many channels / its resolution,")
    ] = 8192,
    channel_max: Annotated[int, typer.Option(help="but at most so many.")] = 256,
    latent: Annotated[int, typer.Option(help="Numbers of a latent.")] = 256,
    mapping_layers: Annotated[int, typer.Option(help="Layers of the mapping network.")] = 2,
    learning_rate: Annotated[float, typer.Option(help="Of both networks.")] = 0.0025,
    r1: Annotated[
        float, typer.Option(help="Weight of the gradient penalty; 0 takes 0.0002 resolution² / batch size.")
    ] = 0.0,
    path_weight: Annotated[float, typer.Option(help="Weight of path-length regularisation.")] = 2.0,
    augment: Annotated[bool, typer.Option(help="Augment the discriminator's pictures adaptively.")] = True,
    mirror: Annotated[bool, typer.Option(help="Show pictures mirrored, too.")] = True,
    snapshot_kimg: Annotated[
        float, typer.Option(help="Thousands of pictures from one sample sheet and checkpoint to the next.")
    ] = 10.0,
    quality_pictures: Annotated[
        int, typer.Option(min=0, help="Pictures that are compared with real ones at a snapshot; 0 for none.")
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Of all randomness.")] = 0,
    devices: Annotated[int, typer.Option(min=1, help="Processes, one for each device.")] = 1,
    accelerator: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="What they compute on.")
    ] = "auto",
) -> None:
    """Train a StyleGAN2 generator on folders of pictures, or continue a training that was stopped.

    The output folder gets generator.safetensors, which `va-space restyle --generator` reads, a sheet of
    samples at every snapshot, and history.json. The same command continues from the last snapshot; a larger
    --kimg prolongs a training.
    """
    with needs_extra("Training", "train"):
        from va_space.training.gan.options import GeneratorOptions
        from va_space.training.gan.train import train_generator as run

    options = GeneratorOptions(
        resolution=resolution,
        kimg=kimg,
        batch_size=batch_size,
        channel_base=channel_base,
        channel_max=channel_max,
        latent=latent,
        mapping_layers=mapping_layers,
        learning_rate=learning_rate,
        gradient_weight=r1,
        path_weight=path_weight,
        augment=augment,
        mirror=mirror,
        snapshot_kimg=snapshot_kimg,
        seed=seed,
    )
    path = run(
        folders,
        output,
        options,
        quality_pictures=quality_pictures,
        devices=devices,
        accelerator=accelerator,
        console=console,
    )
    remark(f"The generator is in {path}")
