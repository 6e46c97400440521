"""Adaptive discriminator augmentation (Karras et al. 2020, "Training GANs with Limited Data").

The discriminator sees real and generated pictures only through random changes, each made with probability p;
p rises while the discriminator is too sure of the real ones. The changes are the paper's pixel blitting,
general geometry and colour; geometry is one bilinear resampling without the paper's wavelet filters.
"""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

_LUMA = (1 / math.sqrt(3),) * 3


@dataclass
class AdaptiveProbability:
    """The probability p of each change, steered by how often the discriminator calls real pictures real.

    Attributes:
        target: Wanted mean of the sign of the discriminator's numbers for real pictures.
        pictures: Real pictures after which p may have gone from 0 to 1.
        p: The probability.
    """

    target: float = 0.6
    pictures: float = 100_000
    p: float = 0.0

    def update(self, sign: float, count: int) -> None:
        """Move p by what was seen.

        Args:
            sign: Mean sign of the discriminator's numbers.
            count: Real pictures they are for.
        """
        step = count / self.pictures
        self.p = min(max(self.p + (step if sign > self.target else -step), 0.0), 1.0)


def augment(pictures: Tensor, p: float, rng: Generator) -> Tensor:
    """Random changes of pictures, each with probability p.

    Args:
        pictures: (n, 3, h, w) in [-1, 1].
        p: Probability of each change.
        rng: Source of randomness, on the CPU.

    Returns:
        (n, 3, h, w), differentiable.
    """
    if p <= 0:
        return pictures
    count = len(pictures)
    geometry = geometry_matrices(count, pictures.shape[-1], p, rng)
    colour = colour_matrices(count, p, rng).to(pictures)
    changed = ~torch.isclose(geometry, torch.eye(3)).flatten(1).all(dim=1)
    if changed.any():
        grid = functional.affine_grid(geometry[:, :2].to(pictures), list(pictures.shape), align_corners=False)
        moved = functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
        # Pictures that stay where they are must not be blurred by rounding either.
        pictures = torch.where(changed.to(pictures.device)[:, None, None, None], moved, pictures)
    flat = pictures.flatten(2)
    return torch.baddbmm(colour[:, :3, 3:], colour[:, :3, :3], flat).view_as(pictures)


def shift(patches: Tensor, p: float, rng: Generator) -> Tensor:
    """Log-mel patches moved by up to an eighth of their time and a thirty-second of their bands.

    Args:
        patches: (n, 1, mels, frames) in [-1, 1]; what comes in at an edge is silence, -1.
        p: Probability of each change.
        rng: Source of randomness, on the CPU.

    Returns:
        (n, 1, mels, frames), differentiable.
    """
    if p <= 0:
        return patches
    draw, size = _Draw(len(patches), p, rng), patches.shape[-1]
    # Whole pixels; a side is 2 in the units of the grid.
    moved = [
        draw.maybe((draw.uniform(-far, far) * size).round() * (2 / size), 0.0) for far in (1 / 8, 1 / 32)
    ]
    ones, zeros = torch.ones(len(patches)), torch.zeros(len(patches))
    matrix = _matrix(ones, zeros, moved[0], zeros, ones, moved[1])[:, :2].to(patches)
    grid = functional.affine_grid(matrix, list(patches.shape), align_corners=False)
    return functional.grid_sample(patches + 1, grid, padding_mode="zeros", align_corners=False) - 1


def geometry_matrices(count: int, side: int, p: float, rng: Generator) -> Tensor:
    """(count, 3, 3) from places in the result to places in a picture of that side, both in [-1, 1]."""
    draw = _Draw(count, p, rng)
    matrix = torch.eye(3).expand(count, 3, 3)
    ones, zeros = torch.ones(count), torch.zeros(count)
    mirror = draw.maybe(1 - 2 * draw.uniform(0, 1).round(), 1.0)
    turns = draw.maybe(torch.floor(draw.uniform(0, 4)) * (math.pi / 2), 0.0)
    # Whole pixels, up to an eighth of the side: these do not blur.
    shift = [draw.maybe((draw.uniform(-0.125, 0.125) * side).round() * (2 / side), 0.0) for _ in range(2)]
    scale = draw.maybe(2 ** (0.2 * draw.normal()), 1.0)
    # Turning before and after the stretching together is made with probability p.
    rotating = 1 - math.sqrt(1 - p)
    before = draw.maybe(draw.uniform(-math.pi, math.pi), 0.0, rotating)
    stretch = draw.maybe(2 ** (0.2 * draw.normal()), 1.0)
    after = draw.maybe(draw.uniform(-math.pi, math.pi), 0.0, rotating)
    moved = [draw.maybe(0.25 * draw.normal(), 0.0) for _ in range(2)]
    for step in (
        _matrix(mirror, zeros, zeros, zeros, ones, zeros),
        _rotation(turns),
        _matrix(ones, zeros, shift[0], zeros, ones, shift[1]),
        _matrix(scale, zeros, zeros, zeros, scale, zeros),
        _rotation(before),
        _matrix(stretch, zeros, zeros, zeros, 1 / stretch, zeros),
        _rotation(after),
        _matrix(ones, zeros, moved[0], zeros, ones, moved[1]),
    ):
        matrix = matrix @ step
    return matrix


def colour_matrices(count: int, p: float, rng: Generator) -> Tensor:
    """(count, 4, 4) of colours (r, g, b, 1) in [-1, 1]."""
    draw = _Draw(count, p, rng)
    identity = torch.eye(4).expand(count, 4, 4)
    axis = torch.tensor([*_LUMA, 0.0])
    along = torch.outer(axis, axis)
    brightness = identity.clone()
    brightness[:, :3, 3] = draw.maybe(0.2 * draw.normal(), 0.0)[:, None]
    contrast = draw.maybe(2 ** (0.5 * draw.normal()), 1.0)[:, None, None]
    contrasts = identity * torch.where(torch.eye(4, dtype=torch.bool) & (torch.arange(4) < 3), contrast, 1.0)
    flip = draw.maybe(draw.uniform(0, 1).round(), 0.0)[:, None, None]
    hue = _hue_rotation(draw.maybe(draw.uniform(-math.pi, math.pi), 0.0))
    saturation = draw.maybe(2 ** draw.normal(), 1.0)[:, None, None]
    rest = torch.diag(torch.tensor([0.0, 0.0, 0.0, 1.0]))
    kept = along + rest
    saturate = kept + (identity - kept) * saturation
    return saturate @ hue @ (identity - 2 * flip * along) @ contrasts @ brightness


class _Draw:
    """Numbers for each picture of a batch."""

    def __init__(self, count: int, p: float, rng: Generator) -> None:
        self.count, self.p, self.rng = count, p, rng

    def uniform(self, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(self.count, generator=self.rng)

    def normal(self) -> Tensor:
        return torch.randn(self.count, generator=self.rng)

    def maybe(self, values: Tensor, otherwise: float, p: float | None = None) -> Tensor:
        return torch.where(self.uniform(0, 1) < (self.p if p is None else p), values, otherwise)


def _matrix(*entries: Tensor) -> Tensor:
    """(n, 3, 3) from the six entries of its upper rows, each (n,)."""
    rows = torch.stack(entries, dim=1).view(-1, 2, 3)
    last = torch.tensor([0.0, 0.0, 1.0]).expand(len(rows), 1, 3)
    return torch.cat([rows, last], dim=1)


def _rotation(angle: Tensor) -> Tensor:
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    return _matrix(cos, -sin, zero, sin, cos, zero)


def _hue_rotation(angle: Tensor) -> Tensor:
    """(n, 4, 4) turns colours around the grey axis (Rodrigues' formula)."""
    x, y, z = _LUMA
    cross = torch.tensor([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sin, cos = angle.sin()[:, None, None], angle.cos()[:, None, None]
    turned = torch.eye(3) + sin * cross + (1 - cos) * (cross @ cross)
    matrix = torch.eye(4).repeat(len(angle), 1, 1)
    matrix[:, :3, :3] = turned
    return matrix
