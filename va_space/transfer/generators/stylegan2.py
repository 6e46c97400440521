"""A StyleGAN2 network as a generator for one picture."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from torch import Tensor

from va_space.errors import CheckpointError
from va_space.media.pictures import picture_to_tensor
from va_space.networks.stylegan2.files import load_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.space import VASpace
from va_space.transfer.generators.protocol import identity_distance
from va_space.transfer.generators.stylegan2_inversion import (
    Inversion,
    LatentSpace,
    invert,
    latent_statistics,
    render,
)


class StyleGAN2Generator:
    """Pictures of a network around one that was found in it.

    A :class:`~va_space.transfer.generators.protocol.Generator`.

    Args:
        network: The network.
        inversion: Where it has the picture.

    Attributes:
        inversion: See above.
    """

    def __init__(self, network: StyleGAN2, inversion: Inversion) -> None:
        self.network, self.inversion = network, inversion
        self._origin = inversion.latent[None]
        # The same change of all layers is longer in W+ by the root of their number.
        layers = len(inversion.latent) if inversion.latent.ndim == 2 else 1
        self._typical = latent_statistics(network).distance * layers**0.5

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(w_dim,) in W, (num_ws, w_dim) in W+."""
        return tuple(self.inversion.latent.shape)

    @property
    def origin(self) -> Tensor:
        """(1, *latent_shape) the inversion."""
        return self._origin

    def render(self, latents: Tensor) -> Tensor:
        """(n, *latent_shape) to (n, 3, resolution, resolution) in [0, 1], with the inversion's noise."""
        return render(self.network, latents, self.inversion.noise)

    def distance(self, latents: Tensor) -> Tensor:
        """L_O: (n, *latent_shape) to (n,), in mean distances of two random latents."""
        return identity_distance(latents, self._origin, self._typical)


def load_picture_network(path: str | Path) -> StyleGAN2:
    """Read a network that makes pictures.

    Args:
        path: A ``.pkl`` or ``.safetensors``.

    Raises:
        CheckpointError: The file is damaged, refused, or makes other things than grey or colour pictures.
    """
    network = load_stylegan2(path)
    _check_channels(network, path)
    return network


def _check_channels(network: StyleGAN2, name: str | Path) -> None:
    if network.config.img_channels not in (1, 3):
        raise CheckpointError(f"{name}: makes pictures of {network.config.img_channels} channels, not 1 or 3")


def stylegan2_generator(
    space: VASpace,
    image: Image.Image,
    network: str | Path | StyleGAN2,
    *,
    latent_space: LatentSpace = "w+",
    steps: int = 300,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> StyleGAN2Generator:
    """Find a picture in a network.

    Args:
        space: Whose picture backbone compares pictures; also says where to compute.
        image: In mode RGB; the whole of it is resized to the network's square.
        network: A ``.pkl`` or ``.safetensors``, or the network itself, which loses its gradients.
        latent_space: See :func:`~va_space.transfer.generators.stylegan2_inversion.invert`.
        steps: Of the inversion.
        seed: Of the inversion.
        progress: Called with (steps done, steps in all).

    Returns:
        The generator; its ``inversion.psnr`` says how near the network comes to the picture.

    Raises:
        CheckpointError: The file is damaged, refused, or makes other things than grey or colour pictures.
    """
    if isinstance(network, StyleGAN2):
        loaded = network
        _check_channels(loaded, "the network")
    else:
        loaded = load_picture_network(network)
    loaded = loaded.to(space.device).for_inference()
    picture = picture_to_tensor(image, loaded.config.resolution)[None].to(space.device).float() / 255
    found = invert(
        loaded, picture, space, latent_space=latent_space, steps=steps, seed=seed, progress=progress
    )
    return StyleGAN2Generator(loaded, found)
