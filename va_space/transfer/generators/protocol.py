"""What the optimiser asks of a generator, and the identity distance that all of them share."""

from typing import Protocol

import torch
from torch import Tensor

# Below about this distance L_O is quadratic: a weak pull moves a picture a little instead of not at all.
SMOOTHING = 0.1


class Generator(Protocol):
    """A family of pictures around one picture, each given by a latent.

    A generator is made for one picture: making it is the inversion.
    """

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Shape of one latent, without the batch."""

    @property
    def origin(self) -> Tensor:
        """(1, *latent_shape) float32: the latent of the picture that the generator was made for."""

    def render(self, latents: Tensor) -> Tensor:
        """Pictures for latents, differentiable.

        Args:
            latents: (n, *latent_shape).

        Returns:
            (n, 3, h, w) in [0, 1].
        """

    def distance(self, latents: Tensor) -> Tensor:
        """How far latents are from the origin: L_O, in units of the generator's typical distance.

        Args:
            latents: (n, *latent_shape).

        Returns:
            (n,) >= 0; 0 at the origin and smooth there, see :func:`identity_distance`.
        """


def identity_distance(latents: Tensor, origin: Tensor, typical: float) -> Tensor:
    """L_O = ||w - w_0|| / typical, smoothed at zero, where the norm has no gradient.

    With x = ||w - w_0|| / typical it is sqrt(x² + s²) - s, s being :data:`SMOOTHING`: 0 at the origin, and of
    slope 1 far from it.

    Args:
        latents: (n, *shape).
        origin: (1, *shape).
        typical: The generator's typical distance between latents, > 0.

    Returns:
        (n,) >= 0.
    """
    squared = ((latents - origin) / typical).flatten(1).square().sum(dim=1)
    return torch.sqrt(squared + SMOOTHING**2) - SMOOTHING
