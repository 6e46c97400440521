"""Sheets of pictures that a generator makes."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from va_space.atomic import replacing
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.training.gan.quality import to_uint8

SIDE = 8  # pictures along a side of a sheet


@torch.inference_mode()
def samples(network: StyleGAN2, count: int = SIDE**2) -> Tensor:
    """uint8 (count, 3, size, size): always the same latents, untruncated, with constant noise."""
    z = torch.randn(count, network.config.z_dim, generator=torch.Generator().manual_seed(0))
    return to_uint8(network(z.to(network.mapping.w_avg.device), noise="const")).cpu()


def write_sheet(pictures: Tensor, path: Path) -> None:
    """Pictures uint8 (n, 3, size, size) side by side in one file."""
    count, channels, height, width = pictures.shape
    across = min(SIDE, count)
    down = count // across
    grid = pictures[: down * across].view(down, across, channels, height, width).permute(0, 3, 1, 4, 2)
    pixels = np.ascontiguousarray(grid.reshape(down * height, across * width, channels).numpy())
    with replacing(path) as beside:
        Image.fromarray(pixels).save(beside)
