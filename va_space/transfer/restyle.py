"""Pictures that come to feel like music: from a picture and targets to pictures of full size."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image
from torch import Tensor

from va_space.emotion.reference import Kind
from va_space.errors import MediaError
from va_space.feedback.profile import Profile
from va_space.media.editable import EditablePicture
from va_space.space import Failure, FloatArray, VAScale, VASpace
from va_space.targets import Target
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import grade_generator
from va_space.transfer.lut import Lut
from va_space.transfer.optimise import STEPS, Step, optimise
from va_space.transfer.standing import among_pictures

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
        wanted: (2,) those that were asked for, on the plane of pictures.
        kind: What the picture is taken for.
        generator: What made it of the latent.
    """

    target: Target
    picture: EditablePicture
    latent: Tensor
    before: FloatArray
    after: FloatArray
    wanted: FloatArray
    kind: Kind
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
    steps: int = STEPS,
    seed: int = 0,
    scale: VAScale = "relative",
    kind: Kind | None = None,
    profile: Profile | None = None,
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
        steps: Of the optimiser at strength 1; a smaller one takes a part of them.
        seed: Of the views.
        scale: "relative": the picture is to stand among its kind where the target stands among its own.
            "absolute": points are ratings, and music is its vector. See
            :func:`va_space.transfer.standing.among_pictures`.
        kind: What the picture is; by default what is detected.
        profile: Whose wishes for pictures count; by default nobody's.
        progress: Called with (steps done, steps in all).

    Yields:
        A result for each target, in order.

    Raises:
        FeedbackError: The profile is of another model, or the scale is absolute.
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
    if not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength}: must lie between 0 and 1")
    seen = picture.seen()
    generator = generator or grade_generator(space, seen)
    before, kind = _place(space, seen, kind)
    for first in range(0, len(targets), TOGETHER):
        group = targets[first : first + TOGETHER]

        def report(step: Step, before: int = first, rows: int = len(group)) -> None:
            if progress:
                done, whole = step.number + 1, max(1, round(strength * steps))
                progress(before * whole + rows * done, len(targets) * whole)

        wanted = [among_pictures(space, target, kind, scale, profile) for target in group]
        trajectory = optimise(
            space, generator, wanted, strength=strength, steps=steps, seed=seed, kind=kind, callback=report
        )
        for target, aim, latent in zip(group, wanted, trajectory.final, strict=True):
            result = replace(picture, image=generator.apply(latent, picture.image))
            after, _ = _place(space, result.seen(), kind)
            yield Restyled(target, result, latent[None], before, after, aim.point, kind, generator)


def _place(space: VASpace, image: Image.Image, kind: Kind | None) -> tuple[FloatArray, Kind]:
    """(2,) predicted valence and arousal, and the kind: as given, or as detected."""
    (item,) = space.encode_iter([image])
    if isinstance(item, Failure):
        raise MediaError("the picture", item.reason)
    return space.predict_va_from_vectors(item.vector[None], "picture")[0], kind or space.kind_of(item)
