"""What the optimiser asks of a generator, how generators are found by name, and their identity distance."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import torch
from PIL import Image
from torch import Tensor

from va_space.errors import ConfigError
from va_space.registry import Registry
from va_space.space import VASpace
from va_space.text import shown
from va_space.transfer.lut import SIZE, Lut


class Generator(ABC):
    """A family of pictures around one picture, each given by a latent.

    A generator is made for one picture: making it is the inversion.

    Attributes:
        origin: (1, *latent_shape) float32: the latent of the picture that the generator was made for.
        unit: How far along each number of a latent a typical change goes: one number for all, or
            (*latent_shape). Distances and steps are in this unit.
        maps_colours: Whether a latent sends colours to colours, the same for every pixel. Then :meth:`lut`
            gives it, the origin changes nothing, and whole videos can be sent through it.
    """

    origin: Tensor
    unit: Tensor | float = 1.0
    maps_colours: bool = False

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Shape of one latent, without the batch."""
        return tuple(self.origin.shape[1:])

    @abstractmethod
    def render(self, latents: Tensor) -> Tensor:
        """Pictures for latents, differentiable.

        Args:
            latents: (n, *latent_shape).

        Returns:
            (n, 3, h, w) in [0, 1].
        """

    def distance(self, latents: Tensor) -> Tensor:
        """How far latents are from the origin, in typical distances of the generator.

        Args:
            latents: (n, *latent_shape).

        Returns:
            (n,) >= 0.
        """
        unit = self.unit_of(latents.device)
        return ((latents - self.origin.to(latents.device)) / unit).flatten(1).norm(dim=1)

    def unit_of(self, device: torch.device) -> Tensor:
        """:attr:`unit` as a tensor on a device."""
        return torch.as_tensor(self.unit, dtype=torch.float32, device=device)

    def apply(self, latent: Tensor, image: Image.Image) -> Image.Image:
        """The picture of a latent at full size; here what is rendered, scaled.

        Args:
            latent: (*latent_shape).
            image: The picture that the generator was made for, in mode RGB or RGBA, of any size.

        Returns:
            Of the same size.
        """
        with torch.inference_mode():
            values = self.render(latent[None].to(self.origin.device))[0]
        pixels = (values * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        return Image.fromarray(pixels).resize(image.size, Image.Resampling.LANCZOS)

    def lut(self, latent: Tensor, size: int = SIZE) -> Lut | None:
        """What a latent, (*latent_shape), does to colours; None for one that does more than that.

        Args:
            latent: (*latent_shape) or (1, *latent_shape).
            size: Entries along each axis.
        """
        return None

    def remark(self) -> str | None:
        """What a user should know of how well the generator holds the picture, if anything."""
        return None


@dataclass(frozen=True)
class InversionOptions:
    """How a picture is found in a generator.

    Attributes:
        latent_space: "w" stays among pictures that a network makes by itself; "w+" comes nearer.
        steps: Of the inversion.
        seed: Of what is random in it.
    """

    latent_space: Literal["w", "w+"] = "w+"
    steps: int = 300
    seed: int = 0


USUAL = InversionOptions()


class GeneratorFactory(ABC):
    """Makes generators of one kind for pictures.

    A subclass that is registered in :data:`GENERATORS` can be named by ``va-space restyle --generator``.

    Args:
        weights: A file of parameters; None where none was named.

    Attributes:
        suffixes: Endings of files of parameters: such a file alone names this kind.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, weights: Path | None = None) -> None:
        if weights is not None and not self.suffixes:
            raise ConfigError(f"{weights}: this generator takes no file")

    @abstractmethod
    def __call__(
        self,
        space: VASpace,
        image: Image.Image,
        *,
        options: InversionOptions = USUAL,
        progress: Callable[[int, int], None] | None = None,
    ) -> Generator:
        """Make a generator for a picture.

        Args:
            space: The model that the picture will be optimised against.
            image: In mode RGB.
            options: How to find the picture; kinds that do not look for it pass over them.
            progress: Called with (steps done, steps in all).
        """


GENERATORS: Registry[type[GeneratorFactory]] = Registry("generator", "va_space.transfer.generators")
"""The kinds of generators: the files of ``va_space/transfer/generators``, and the entry point group
``va_space.generators``."""


def open_generator(text: str) -> GeneratorFactory:
    """The factory that a user names.

    Args:
        text: A name in :data:`GENERATORS`, such as "grade"; a file of parameters, such as "network.pkl"; or
            both, as in "stylegan2:network.pkl".

    Raises:
        ConfigError: There is no such generator.
        CheckpointError: The file is missing, damaged or refused.
    """
    name, colon, file = text.partition(":")
    if name in GENERATORS:
        return GENERATORS[name](Path(file) if colon else None)
    path = Path(text)
    kinds = (GENERATORS[name] for name in GENERATORS)
    kind = next((kind for kind in kinds if path.suffix.lower() in kind.suffixes), None)
    if kind is None or not path.exists():
        raise ConfigError(f"{shown(text)} is neither {' nor '.join(GENERATORS)} nor the file of a network")
    return kind(path)
