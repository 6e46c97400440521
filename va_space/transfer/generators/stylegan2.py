"""A StyleGAN2 network as a generator for one picture."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from torch import Tensor

from va_space.errors import CheckpointError, ConfigError
from va_space.media.pictures import picture_to_tensor
from va_space.networks.stylegan2.files import load_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.space import VASpace
from va_space.transfer.generator import (
    GENERATORS,
    USUAL,
    Generator,
    GeneratorFactory,
    InversionOptions,
)
from va_space.transfer.inversion.stylegan2 import (
    Inversion,
    LatentSpace,
    invert,
    latent_statistics,
    render,
)


class StyleGAN2Generator(Generator):
    """Pictures of a network around one that was found in it.

    Args:
        network: The network.
        inversion: Where it has the picture.

    Attributes:
        inversion: See above.
    """

    def __init__(self, network: StyleGAN2, inversion: Inversion) -> None:
        self.network, self.inversion = network, inversion
        # (1, w_dim) in W, (1, num_ws, w_dim) in W+.
        self.origin = inversion.latent[None]
        # The same change of all layers is longer in W+ by the root of their number.
        layers = len(inversion.latent) if inversion.latent.ndim == 2 else 1
        self.unit = latent_statistics(network).distance * layers**0.5

    def render(self, latents: Tensor) -> Tensor:
        """(n, *latent_shape) to (n, 3, resolution, resolution) in [0, 1], with the inversion's noise."""
        return render(self.network, latents, self.inversion.noise)

    def remark(self) -> str:
        """How near the network comes to the picture."""
        return f"The network's own picture of it has a PSNR of {self.inversion.psnr:.1f} dB."


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
        latent_space: See :func:`~va_space.transfer.inversion.stylegan2.invert`.
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


@GENERATORS.register("stylegan2")
class StyleGAN2Factory(GeneratorFactory):
    """Finds pictures in one network.

    Args:
        weights: The network's file.

    Raises:
        ConfigError: No file was named.
        CheckpointError: It is damaged or refused.
    """

    suffixes = (".pkl", ".safetensors")

    def __init__(self, weights: Path | None = None) -> None:
        if weights is None:
            raise ConfigError("the generator stylegan2 needs a network: stylegan2:FILE.pkl or .safetensors")
        self.network = load_picture_network(weights)

    def __call__(
        self,
        space: VASpace,
        image: Image.Image,
        *,
        options: InversionOptions = USUAL,
        progress: Callable[[int, int], None] | None = None,
    ) -> StyleGAN2Generator:
        """Find an RGB picture in the network."""
        return stylegan2_generator(
            space,
            image,
            self.network,
            latent_space=options.latent_space,
            steps=options.steps,
            seed=options.seed,
            progress=progress,
        )
