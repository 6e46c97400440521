"""The styles of one picture for all feelings: found once, however long the music is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from va_space.emotion.reference import Kind
from va_space.space import VASpace
from va_space.targets import FeelingTarget
from va_space.transfer.generator import Generator
from va_space.transfer.optimise import STEPS, optimise
from va_space.transfer.video.course import point_of, scores_of

RADIUS = 1.5
"""Normal scores from the middle at which styles are found: one in seven tracks lies farther out."""
DIRECTIONS = tuple(np.arange(8) * np.pi / 4)
"""Angles of the styles in the plane of feelings, from more valence (0) to more arousal (pi / 2)."""
# Farther from the middle of pictures than this a picture cannot be led.
_OUTERMOST = 2.5
# Optimised at once: more would cost memory and gain no speed.
_TOGETHER = 4


@dataclass(frozen=True, eq=False)
class StyleMap:
    """Latents for feelings, those of a few directions from the middle, and what lies between.

    Attributes:
        origin: (*latent_shape) the picture as it is, for neutral music.
        angles: (d,) of the directions in radians, rising, in [0, 2 pi).
        styles: (d, *latent_shape) at RADIUS in these directions.
    """

    origin: Tensor
    angles: NDArray[np.float64]
    styles: Tensor

    def at(self, scores: ArrayLike) -> Tensor:
        """Latents for feelings: linear in the angle between two directions, and in the radius up to RADIUS.

        So latents move no faster than feelings do, and neutral music leaves the picture as it is.

        Args:
            scores: (n, 2) valence and arousal in normal scores.

        Returns:
            (n, *latent_shape).
        """
        points = np.asarray(scores, np.float64)
        radius = np.minimum(np.linalg.norm(points, axis=1) / RADIUS, 1.0)
        angle = np.arctan2(points[:, 1], points[:, 0]) % (2 * np.pi)
        after = np.searchsorted(self.angles, angle, side="right") % len(self.angles)
        before = after - 1  # -1 is the last
        gap = (self.angles[after] - self.angles[before]) % (2 * np.pi)
        # A single direction holds for all.
        share = np.where(gap > 0, (angle - self.angles[before]) % (2 * np.pi) / np.maximum(gap, 1e-12), 0.0)
        between = self.styles[before] + self._each(share) * (self.styles[after] - self.styles[before])
        return self.origin + self._each(radius) * (between - self.origin)

    def _each(self, values: NDArray[np.float64]) -> Tensor:
        """(n,) factors, one for each of n latents."""
        return torch.from_numpy(values).float().view(-1, *[1] * self.origin.ndim)


def find_styles(
    space: VASpace,
    generator: Generator,
    va: ArrayLike,
    kind: Kind,
    *,
    directions: Sequence[float] = DIRECTIONS,
    strength: float = 0.5,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> StyleMap:
    """Find the styles of a picture.

    A direction's target is the picture's own standing among its kind, moved by RADIUS in that direction: calm
    music makes a calm picture calmer too. All directions have the same random views, so that styles differ by
    their targets alone.

    Args:
        space: The model to optimise against.
        generator: Made for the picture.
        va: (2,) predicted valence and arousal of the picture.
        kind: What it is compared with.
        directions: Angles in radians, at least one.
        strength: From 0, no change, to 1, any change.
        steps: Of the optimiser at strength 1.
        seed: Of the views.
        progress: Called with (steps done, steps in all).

    Raises:
        ValueError: The strength is outside [0, 1], or there is no direction.
    """
    angles = np.unique(np.asarray(directions, np.float64) % (2 * np.pi))
    if not len(angles):
        raise ValueError("there must be at least one direction")
    own = scores_of(space, va, kind)
    ways = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = point_of(space, (own + ways).clip(-_OUTERMOST, _OUTERMOST), kind).astype(np.float32)
    targets = [
        FeelingTarget(f"{np.degrees(angle):.0f}°", each) for angle, each in zip(angles, points, strict=True)
    ]
    styles = []
    for first in range(0, len(targets), _TOGETHER):
        group = targets[first : first + _TOGETHER]
        way = optimise(space, generator, group, strength=strength, steps=steps, seed=seed, kind=kind)
        styles.append(way.final)
        if progress:
            progress(steps * (first + len(group)), steps * len(targets))
    return StyleMap(generator.origin[0].detach().cpu(), angles, torch.cat(styles))
