"""Photographic grades as a generator: the default."""

from collections.abc import Callable

import torch
from PIL import Image
from torch import Tensor

from va_space.media.pictures import picture_to_tensor
from va_space.space import VASpace
from va_space.transfer.generator import (
    GENERATORS,
    USUAL,
    Generator,
    GeneratorFactory,
    InversionOptions,
)
from va_space.transfer.grading import LATENT_SIZE, UNIT, apply_grade, table_basis
from va_space.transfer.lut import SIZE, Lut, apply_lut, bake


class GradeGenerator(Generator):
    """All grades of one picture.

    Args:
        picture: (3, h, w) sRGB values in [0, 1]; a copy of about the encoder's size is enough.
    """

    maps_colours = True
    unit = UNIT

    def __init__(self, picture: Tensor) -> None:
        self.picture = picture[None].float()
        self.basis = table_basis(self.picture)
        self.origin = torch.zeros((1, LATENT_SIZE), device=picture.device)

    def render(self, latents: Tensor) -> Tensor:
        """(n, LATENT_SIZE) to (n, 3, h, w) in [0, 1]."""
        return apply_grade(latents, self.picture, self.basis)

    def apply(self, latent: Tensor, image: Image.Image) -> Image.Image:
        """The picture graded at full size, pixel by pixel; transparency is kept."""
        return apply_lut(image, self.lut(latent))

    def lut(self, latent: Tensor, size: int = SIZE) -> Lut:
        """The grade as a lookup table."""
        return bake(latent, size)


def grade_generator(space: VASpace, image: Image.Image) -> GradeGenerator:
    """All grades of an RGB picture, at the size that the space's encoder takes."""
    pixels = picture_to_tensor(image, space.config.picture.size)
    return GradeGenerator(pixels.to(space.device).float() / 255)


@GENERATORS.register("grade")
class GradeFactory(GeneratorFactory):
    """Makes grades; nothing is random in it."""

    def __call__(
        self,
        space: VASpace,
        image: Image.Image,
        *,
        options: InversionOptions = USUAL,
        progress: Callable[[int, int], None] | None = None,
    ) -> GradeGenerator:
        """All grades of an RGB picture."""
        return grade_generator(space, image)
