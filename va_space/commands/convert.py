"""``va-space convert``."""

from pathlib import Path
from typing import Annotated

import typer

from va_space.atomic import require_ending
from va_space.commands import VERBS
from va_space.commands._common import about, remark


@VERBS.register("convert")
def convert(
    network: Annotated[
        Path,
        typer.Argument(
            metavar="NETWORK.pkl", help="A public StyleGAN2 or StyleGAN2-ADA network.", show_default=False
        ),
    ],
    output: Annotated[
        Path, typer.Argument(metavar="NETWORK.safetensors", help="The file to write.", show_default=False)
    ],
) -> None:
    """Turn a StyleGAN2 network that is a Python pickle into safetensors.

    Nothing in the pickle is run: it is read by a machine that knows tensors and network modules and refuses
    everything else. The result holds the generator (G_ema, or else G) alone.
    """
    with about("NETWORK.safetensors"):
        require_ending(output, "networks", [".safetensors"])
    from va_space.networks.stylegan2.files import load_stylegan2, save_stylegan2

    loaded = load_stylegan2(network)
    save_stylegan2(loaded, output)
    config = loaded.config
    numbers = sum(parameter.numel() for parameter in loaded.parameters())
    remark(
        f"{output}: {config.resolution} x {config.resolution} pixels, latents of {config.w_dim}, "
        f"{numbers / 1e6:.1f} million parameters"
    )
