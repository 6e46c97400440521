"""From a picture to the latent of a StyleGAN2 network that comes nearest to it.

After Karras et al. 2020, appendix D ("Projecting images to latent space"), with the perceptual distance of
:mod:`va_space.transfer.inversion.perceptual` in the place of LPIPS.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.space import VASpace
from va_space.transfer.inversion.perceptual import PerceptualDistance

LatentSpace = Literal["w", "w+"]

_SAMPLES = 2000
_PIXEL_WEIGHT = 5.0
_NOISE_WEIGHT = 10.0
_LEARNING_RATE = 0.1


@dataclass(frozen=True)
class Latents:
    """What latents of a network are like.

    Attributes:
        mean: (w_dim,) their mean.
        deviation: Root mean square distance from it.
        distance: Mean distance of two of them.
    """

    mean: Tensor
    deviation: float
    distance: float


@dataclass(frozen=True)
class Inversion:
    """Where a network has a picture.

    Attributes:
        latent: (w_dim,) in W, the same latent for all layers; (num_ws, w_dim) in W+, one for each.
        noise: The noise map of each layer, (resolution, resolution).
        psnr: Peak signal-to-noise ratio of the network's picture in decibels.
    """

    latent: Tensor
    noise: tuple[Tensor, ...]
    psnr: float


@torch.no_grad()
def latent_statistics(network: StyleGAN2, *, seed: int = 0) -> Latents:
    """Mean, deviation and typical distance of w, from samples (of all conditions alike)."""
    rng = torch.Generator().manual_seed(seed)
    config, device = network.config, network.mapping.w_avg.device
    z = torch.randn(_SAMPLES, config.z_dim, generator=rng).to(device)
    c = None
    if config.c_dim:
        kinds = torch.randint(config.c_dim, (_SAMPLES,), generator=rng)
        c = functional.one_hot(kinds, config.c_dim).float().to(device)
    w = network.mapping(z, c)[:, 0]
    mean = w.mean(dim=0)
    deviation = float((w - mean).square().sum(dim=1).mean().sqrt())
    first, second = w.chunk(2)
    return Latents(mean, max(deviation, 1e-8), max(float((first - second).norm(dim=1).mean()), 1e-8))


def render(network: StyleGAN2, latents: Tensor, noise: Sequence[Tensor]) -> Tensor:
    """Pictures for latents, differentiable.

    Args:
        network: The generator.
        latents: (n, w_dim) or (n, num_ws, w_dim).
        noise: The noise map of each layer.

    Returns:
        (n, 3, resolution, resolution) in [0, 1].
    """
    ws = latents if latents.ndim == 3 else latents[:, None].expand(-1, network.config.num_ws, -1)
    return ((network.synthesis(ws, noise=noise) + 1) / 2).clamp(0, 1).expand(-1, 3, -1, -1)


def invert(
    network: StyleGAN2,
    picture: Tensor,
    space: VASpace,
    *,
    latent_space: LatentSpace = "w+",
    steps: int = 300,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Inversion:
    """Find a picture in a network.

    Latent and noise maps are optimised together for perceptual and pixel distance; noise maps are kept
    noise by a penalty on their autocorrelation. W+ starts from what half of the steps found in W.

    Args:
        network: The generator, on the space's device.
        picture: (1, 3, resolution, resolution) in [0, 1].
        space: Whose picture backbone compares the pictures.
        latent_space: "w" stays among pictures that the network makes by itself; "w+" comes nearer.
        steps: Of Adam.
        seed: Of the noise that is added to the latent at first.
        progress: Called with (steps done, steps in all).

    Raises:
        ValueError: The picture is not of the network's size, or an option is none of the above.
    """
    side = network.config.resolution
    if picture.shape != (1, 3, side, side):
        raise ValueError(
            f"the picture must have the shape (1, 3, {side}, {side}), not {tuple(picture.shape)}"
        )
    if latent_space not in ("w", "w+") or steps < 1:
        raise ValueError(f"latent space {latent_space!r} must be 'w' or 'w+', and steps {steps} at least 1")
    rng = torch.Generator().manual_seed(seed)
    typical, distance = latent_statistics(network), PerceptualDistance(space, picture)
    grey = picture.mean(dim=1, keepdim=True).expand_as(picture)
    wanted = picture if network.config.img_channels == 3 else grey
    latent = typical.mean[None].clone()
    noise = [torch.randn(m.shape, generator=rng).to(picture.device) for m in network.synthesis.noise_maps]
    switch = steps // 2 if latent_space == "w+" else steps
    optimizer = torch.optim.Adam([latent, *noise])
    for step in range(steps):
        if step == switch:
            latent = latent.repeat(network.config.num_ws, 1)[None]
            optimizer = torch.optim.Adam([latent, *noise])
        optimizer.param_groups[0]["lr"] = _LEARNING_RATE * _rate(step / steps)
        # Noise on the latent, less and less of it, finds the right neighbourhood first.
        spread = (
            0.05 * typical.deviation / math.sqrt(latent.shape[-1]) * max(0.0, 1 - step / (0.75 * steps)) ** 2
        )
        moved = torch.randn(latent.shape, generator=rng).to(latent) * spread
        with torch.enable_grad():
            for tensor in (latent, *noise):
                tensor.requires_grad_()
            rendered = render(network, latent + moved, noise)
            loss = distance(rendered).sum() + _PIXEL_WEIGHT * (rendered - wanted).square().mean()
            loss = loss + _NOISE_WEIGHT * noise_penalty(noise)
            gradients = torch.autograd.grad(loss, [latent, *noise])
        for tensor, gradient in zip((latent, *noise), gradients, strict=True):
            tensor.requires_grad_(False).grad = gradient
        optimizer.step()
        for index, noise_map in enumerate(noise):
            noise[index].copy_((noise_map - noise_map.mean()) / noise_map.std().clamp(min=1e-8))
        if progress:
            progress(step + 1, steps)
    with torch.no_grad():
        error = (render(network, latent, noise) - picture).square().mean()
    psnr = float(-10 * torch.log10(error.clamp(min=1e-12)))
    for tensor in (latent, *noise):
        tensor.grad = None
    return Inversion(latent[0], tuple(noise), psnr)


def noise_penalty(noise: Sequence[Tensor]) -> Tensor:
    """Sum of the squared autocorrelations of noise maps at distance one, at all sizes down to 8 x 8.

    Args:
        noise: Square maps with mean 0 and deviation 1.

    Returns:
        (), near 0 for white noise.
    """
    total = noise[0].new_zeros(())
    for noise_map in noise:
        x = noise_map[None, None]
        while True:
            for dim in (2, 3):
                total = total + (x * x.roll(1, dim)).mean().square()
            if x.shape[2] <= 8:
                break
            x = functional.avg_pool2d(x, 2) * 2  # keeps the variance of white noise
    return total


def _rate(time: float) -> float:
    """Rises over the first twentieth, falls over the last quarter, as in the paper."""
    return min(1.0, time / 0.05 + 0.02) * (0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - time) / 0.25)))
