"""Losses of a generator and its discriminator (Goodfellow et al. 2014, Mescheder et al. 2018)."""

import torch
from torch import Generator, Tensor
from torch.nn import functional


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Logistic loss of the discriminator's numbers for real and generated pictures, each (n,), to ()."""
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """Non-saturating logistic loss: (n,) to ()."""
    return functional.softplus(-fake).mean()


def gradient_penalty(pictures: Tensor, judged: Tensor) -> Tensor:
    """R1: half the mean squared norm of the discriminator's gradient at real pictures.

    Args:
        pictures: (n, c, h, w) with gradients.
        judged: (n,) the discriminator's numbers for them.

    Returns:
        (), differentiable.
    """
    (gradient,) = torch.autograd.grad(judged.sum(), pictures, create_graph=True)
    return 0.5 * gradient.square().sum(dim=(1, 2, 3)).mean()


def path_lengths(pictures: Tensor, ws: Tensor, rng: Generator) -> Tensor:
    """How much pictures change with their latents: ‖Jᵀ y‖ for random pictures y.

    See Karras et al. 2020, section 3.2.

    Args:
        pictures: (n, c, h, w), computed from ws.
        ws: (n, layers, w_dim) with gradients.
        rng: Source of randomness.

    Returns:
        (n,), differentiable.
    """
    noise = torch.randn(pictures.shape, generator=rng, device=rng.device).to(pictures)
    projected = (pictures * noise).sum() / (pictures.shape[2] * pictures.shape[3]) ** 0.5
    (gradient,) = torch.autograd.grad(projected, ws, create_graph=True)
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()
