"""Targets on the plane of pictures: where music stands among music, a picture is to stand among pictures."""

from dataclasses import replace

import numpy as np

from va_space.emotion.reference import Kind
from va_space.feedback.profile import Profile
from va_space.space import VAScale, VASpace
from va_space.targets import FeelingTarget, Target

# Beyond these percentiles nobody has seen how far a feeling goes.
_OUTERMOST = 0.01, 0.99


def among_pictures(
    space: VASpace, target: Target, kind: Kind, scale: VAScale = "relative", profile: Profile | None = None
) -> Target:
    """A target as the optimiser takes it.

    Predictions of music and of pictures lie in different parts of the plane, and keep near the middle.
    Relative, a picture of a kind is to stand among its kind where music stands among music; a word asks for
    percentiles, a point is percentiles. Absolute, points are ratings, and music is its vector.

    Args:
        space: The model; without a reference everything is absolute.
        target: What was named.
        kind: What the picture is.
        scale: See above.
        profile: Whose wishes for pictures move the place; by default nobody's.

    Returns:
        A point among pictures without a vector, or the target as it is.

    Raises:
        FeedbackError: The profile is of another model, or the scale is absolute.
    """
    if profile is not None:
        profile.check_use(space, scale)
    if scale == "absolute" or space.reference is None:
        return target
    standing = target.standing(space)
    if profile is not None:
        standing = profile.moved(standing, "picture")
    standing = standing.clip(*_OUTERMOST)
    point = space.reference.of(kind).value(standing).astype(np.float32)
    if isinstance(target, FeelingTarget):
        return replace(target, point=point)
    return FeelingTarget(target.name, point)
