"""Pictures that come to feel like music: from a picture and targets to pictures of full size."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from va_space.media.pictures import picture_to_tensor
from va_space.space import FloatArray, VASpace
from va_space.transfer.generators.cube import apply_table, bake
from va_space.transfer.generators.generator import Generator
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.optimise import Step, optimise, strength_to_weight
from va_space.transfer.targets import Target


@dataclass(frozen=True)
class Restyled:
    """A picture that was restyled.

    Attributes:
        target: What it was to feel like.
        image: In mode RGB, of the size of the original.
        latent: (1, *latent_shape) where the generator has it.
        before: (2,) predicted valence and arousal of the original.
        after: (2,) those of `image`.
    """

    target: Target
    image: Image.Image
    latent: Tensor
    before: FloatArray
    after: FloatArray


def grade_generator(space: VASpace, image: Image.Image) -> GradeGenerator:
    """All grades of an RGB picture, looked at in the size that the space's encoder sees."""
    pixels = picture_to_tensor(image, space.config.picture.size)
    return GradeGenerator(pixels.to(space.device).float() / 255)


def restyle(
    space: VASpace,
    image: Image.Image,
    targets: Sequence[Target],
    *,
    generator: Generator | None = None,
    strength: float = 0.5,
    steps: int = 100,
    seed: int = 0,
    callback: Callable[[Step], None] | None = None,
) -> Iterator[Restyled]:
    """Make a picture feel like each of some targets.

    All targets are optimised together; the results of full size are made one at a time.

    Args:
        space: The model to optimise against.
        image: In mode RGB.
        targets: What to feel like.
        generator: Made for the picture; by default its grades.
        strength: From 0, no change, to 1, any change.
        steps: At most this many.
        seed: Of the views.
        callback: Called at each step.

    Yields:
        A result for each target.

    Raises:
        ValueError: The strength is outside [0, 1].
    """
    generator = generator or grade_generator(space, image)
    weight = strength_to_weight(strength)
    trajectory = optimise(
        space, generator, targets, identity_weight=weight, steps=steps, seed=seed, callback=callback
    )
    before = space.predict_va(image)
    for target, latent in zip(targets, trajectory.final, strict=True):
        result = full_size(generator, latent[None], image)
        yield Restyled(target, result, latent[None], before, space.predict_va(result))


def full_size(generator: Generator, latent: Tensor, image: Image.Image) -> Image.Image:
    """The picture of a latent in the size of the original.

    A grade is applied to the original itself; what a network renders is scaled to its size.

    Args:
        generator: Made for the picture.
        latent: (1, *latent_shape).
        image: The original, in mode RGB.

    Returns:
        In mode RGB.
    """
    if isinstance(generator, GradeGenerator):
        return apply_table(image, bake(latent))
    with torch.inference_mode():
        rendered = generator.render(latent.to(generator.origin.device))[0]
    pixels = (rendered * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(pixels).resize(image.size, Image.Resampling.LANCZOS)
