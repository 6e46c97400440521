"""Pictures that come to feel like music: from a picture and targets to pictures of full size."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from va_space.media.editable import EditablePicture
from va_space.space import FloatArray, VASpace
from va_space.targets import Target
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import grade_generator
from va_space.transfer.lut import Lut
from va_space.transfer.optimise import Step, identity_weights, optimise

# Targets that are optimised at once: more would gain no speed and cost memory.
TOGETHER = 8


@dataclass(frozen=True)
class Restyled:
    """A picture that was restyled.

    Attributes:
        target: What it was to feel like.
        picture: The result, of the size of the original and with what went with it.
        latent: (1, *latent_shape) where the generator has it.
        before: (2,) predicted valence and arousal of the original.
        after: (2,) those of the result.
        generator: What made it of the latent.
    """

    target: Target
    picture: EditablePicture
    latent: Tensor
    before: FloatArray
    after: FloatArray
    generator: Generator

    @property
    def lut(self) -> Lut | None:
        """What was done to colours; None if the generator does more than that."""
        return self.generator.lut(self.latent)


def restyle(
    space: VASpace,
    picture: EditablePicture,
    targets: Sequence[Target],
    *,
    generator: Generator | None = None,
    strength: float = 0.5,
    steps: int = 60,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Restyled]:
    """Make a picture feel like each of some targets.

    Targets are optimised some at a time; results of full size are made one by one. No result depends on
    the other targets.

    Args:
        space: The model to optimise against.
        picture: As :func:`va_space.media.editable.load_editable` reads it.
        targets: What to feel like.
        generator: Made for the picture; by default its grades.
        strength: From 0, no change, to 1, any change.
        steps: At most this many.
        seed: Of the views.
        progress: Called with (steps done, steps in all).

    Yields:
        A result for each target, in order.

    Raises:
        ValueError: The strength is outside [0, 1].

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.photographs import PHOTOGRAPHS
        >>> from va_space.media.editable import load_editable
        >>> from va_space.targets import read_target
        >>> space = VASpace.from_pretrained()
        >>> picture, calm = load_editable(PHOTOGRAPHS[0].path), read_target(space, "calm")
        >>> (restyled,) = restyle(space, picture, [calm], steps=2)
        >>> restyled.latent.shape
        torch.Size([1, 208])
    """
    seen = picture.seen()
    generator = generator or grade_generator(space, seen)
    before = space.predict_va(seen)
    for first in range(0, len(targets), TOGETHER):
        group = targets[first : first + TOGETHER]

        def report(step: Step, before: int = first, rows: int = len(group)) -> None:
            if progress:
                progress(before * steps + rows * step.number, len(targets) * steps)

        weights = identity_weights(space, generator, group, strength)
        trajectory = optimise(
            space, generator, group, identity_weight=weights, steps=steps, seed=seed, callback=report
        )
        for target, latent in zip(group, trajectory.final, strict=True):
            result = replace(picture, image=generator.apply(latent, picture.image))
            after = space.predict_va(result.seen())
            yield Restyled(target, result, latent[None], before, after, generator)
