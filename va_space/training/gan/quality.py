"""How far generated pictures are from real ones, as sets."""

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.training.engine.cache import Cached

if TYPE_CHECKING:
    from va_space.space import VASpace

log = logging.getLogger(__name__)

Quality = Callable[[StyleGAN2], dict[str, float]]
_BATCH = 50


def measure_of(real: Cached, count: int, space: "VASpace | None", device: torch.device) -> Quality:
    """What measures a generator: the Fréchet distance of torchmetrics (Heusel et al. 2017).

    It is taken between features of the inception network ("fid") where that is there (it needs
    torch-fidelity, and a download at the first use), and otherwise between picture vectors of a space
    ("frechet_space"): that falls as pictures become alike, but its values compare only with each other.

    Args:
        real: Pictures, uint8 (n, 3, size, size).
        count: Generated pictures, and real ones at most, that are compared.
        space: The space whose vectors stand in; None measures nothing without the inception network.
        device: Where to compute.
    """
    name, distance = "fid", _inception(device)
    if distance is None and space is not None:
        name, distance = "frechet_space", _distance_in(space, device)
    if distance is None:
        return lambda network: {}
    chosen = np.linspace(0, len(real.records) - 1, min(count, len(real.records))).astype(int)
    for batch in torch.from_numpy(real.values[chosen]).split(_BATCH):
        distance.update(batch.to(device), real=True)

    def measure(network: StyleGAN2) -> dict[str, float]:
        distance.reset()
        for batch in generated(network, count, device):
            distance.update(batch, real=False)
        return {name: float(distance.compute())}

    return measure


@torch.inference_mode()
def generated(network: StyleGAN2, count: int, device: torch.device) -> Iterator[Tensor]:
    """Batches uint8 (n, 3, size, size) of the same so many pictures at every call."""
    rng = torch.Generator().manual_seed(0)
    for start in range(0, count, _BATCH):
        z = torch.randn(min(_BATCH, count - start), network.config.z_dim, generator=rng)
        yield to_uint8(network(z.to(device), noise="const"))


def to_uint8(pictures: Tensor) -> Tensor:
    """[-1, 1] to 0-255; what lies outside is cut off."""
    return ((pictures + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


class _SpaceVectors(nn.Module):
    """Picture vectors of a space as features of torchmetrics' distance."""

    def __init__(self, space: "VASpace") -> None:
        super().__init__()
        self.space, self.num_features = space, space.config.dimension

    def forward(self, pictures: Tensor) -> Tensor:
        vectors = self.space.encode(list(pictures.cpu()), batch_size=_BATCH)
        return torch.from_numpy(vectors).to(pictures.device)


def _distance_in(space: "VASpace", device: torch.device) -> Any:
    from torchmetrics.image.fid import FrechetInceptionDistance

    features = _SpaceVectors(space)
    return FrechetInceptionDistance(feature=features, reset_real_features=False).to(device)


def _inception(device: torch.device) -> Any:
    """The distance of torchmetrics, or None."""
    try:
        from torchmetrics.image.fid import FrechetInceptionDistance

        return FrechetInceptionDistance(reset_real_features=False).to(device)
    except Exception as error:  # not installed, or its weights cannot be downloaded, each in its own way
        log.info("no inception network (%s): the space's vectors stand in", error)
        return None
