"""How far generated pictures are from real ones, as sets."""

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.training.engine.cache import Cached

if TYPE_CHECKING:
    from va_space.space import VASpace

log = logging.getLogger(__name__)

Quality = Callable[[StyleGAN2], dict[str, float]]
_BATCH = 50


def measure_of(real: Cached, count: int, space: "VASpace | None", device: torch.device) -> Quality:
    """What measures a generator.

    That is the Fréchet inception distance ("fid") of torchmetrics if its network is there (it needs
    torch-fidelity, and a download at the first use). Otherwise it is the same distance between picture
    vectors of a space ("frechet_space"): it falls as pictures become alike, but its values compare only with
    each other.

    Args:
        real: Pictures, uint8 (n, 3, size, size).
        count: Generated pictures, and real ones at most, that are compared.
        space: The space whose vectors stand in; None measures nothing without the inception network.
        device: Where to compute.
    """
    chosen = np.linspace(0, len(real.records) - 1, min(count, len(real.records))).astype(int)
    inception = _inception(device)
    if inception is not None:
        for batch in _batches(torch.from_numpy(real.values[chosen])):
            inception.update(batch.to(device), real=True)

        def fid(network: StyleGAN2) -> dict[str, float]:
            inception.reset()
            for batch in generated(network, count, device):
                inception.update(batch, real=False)
            return {"fid": float(inception.compute())}

        return fid
    if space is None:
        return lambda network: {}
    known = _vectors(space, _batches(torch.from_numpy(real.values[chosen])))

    def substitute(network: StyleGAN2) -> dict[str, float]:
        return {"frechet_space": frechet_distance(known, _vectors(space, generated(network, count, device)))}

    return substitute


def frechet_distance(first: NDArray, second: NDArray) -> float:
    """Distance of two normal distributions fitted to vectors (Heusel et al. 2017, eq. 6).

    ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), where the trace of the root is the sum of the roots of the
    eigenvalues of Σ₁ Σ₂.

    Args:
        first: (n, d).
        second: (m, d).
    """
    means = [np.mean(vectors, axis=0, dtype=np.float64) for vectors in (first, second)]
    covariances = [np.cov(vectors.astype(np.float64), rowvar=False) for vectors in (first, second)]
    roots = np.sqrt(np.maximum(np.linalg.eigvals(covariances[0] @ covariances[1]).real, 0)).sum()
    return float(((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1]) - 2 * roots)


@torch.inference_mode()
def generated(network: StyleGAN2, count: int, device: torch.device) -> Iterator[Tensor]:
    """Batches uint8 (n, 3, size, size) of the same so many pictures at every call."""
    generator = torch.Generator().manual_seed(0)
    for start in range(0, count, _BATCH):
        z = torch.randn(min(_BATCH, count - start), network.config.z_dim, generator=generator)
        yield to_uint8(network(z.to(device), noise="const"))


def to_uint8(pictures: Tensor) -> Tensor:
    """[-1, 1] to 0-255; what lies outside is cut off."""
    return ((pictures + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def _batches(pictures: Tensor) -> Iterator[Tensor]:
    yield from pictures.split(_BATCH)


def _vectors(space: "VASpace", batches: Iterator[Tensor]) -> NDArray:
    vectors = [space.encode(list(batch.cpu()), batch_size=_BATCH) for batch in batches]
    return np.concatenate(vectors)


def _inception(device: torch.device) -> Any:
    """The distance of torchmetrics, or None."""
    try:
        from torchmetrics.image.fid import FrechetInceptionDistance

        return FrechetInceptionDistance(reset_real_features=False).to(device)
    except Exception as error:  # not installed, or its weights cannot be downloaded, each in its own way
        log.info("no inception network (%s): the space's vectors stand in", error)
        return None
