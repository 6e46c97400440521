"""Latents over time: a picture that follows the music."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from va_space.encoders.vectors import normalised_mean
from va_space.space import VASpace
from va_space.targets import MusicTarget, Target
from va_space.transfer.generator import Generator
from va_space.transfer.optimise import identity_weights, optimise
from va_space.transfer.video.timeline import Timeline, gaussian

KEYFRAME_SECONDS = 2.0
SMOOTHING_SECONDS = 2.0
STEPS = 40
# Keyframes begin where their section arrived, so they have less way to go.
_FEWER = 4
_TOGETHER = 4


@dataclass(frozen=True)
class Keyframes:
    """Latents at even distances in time.

    Attributes:
        times: (k,) seconds, the first 0.
        latents: (k, *latent_shape), on the CPU.
    """

    times: NDArray[np.float64]
    latents: Tensor

    def at(self, seconds: ArrayLike) -> Tensor:
        """Latents at any times, by piecewise cubic interpolation that never leaves the range of neighbours.

        Args:
            seconds: (n,); before the first and after the last keyframe, theirs hold.

        Returns:
            (n, *latent_shape).
        """
        if len(self.times) == 1:
            return self.latents.expand(np.size(seconds), *self.latents.shape[1:])
        from scipy.interpolate import PchipInterpolator

        curve = PchipInterpolator(self.times, self.latents.double().numpy(), axis=0)
        inside = np.clip(np.atleast_1d(seconds), self.times[0], self.times[-1])
        return torch.from_numpy(curve(inside)).float()


def follow(
    space: VASpace,
    generators: Sequence[Generator],
    timeline: Timeline,
    *,
    strength: float = 0.5,
    keyframe_seconds: float = KEYFRAME_SECONDS,
    smoothing_seconds: float = SMOOTHING_SECONDS,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Keyframes:
    """Find latents that follow music.

    One latent for each section of the music, as a whole, is where the keyframes in it begin; each is then
    moved toward the music around it. All look through the same views and have the same identity weight, so
    that they differ by the music alone. Last they are smoothed over time by a Gaussian filter: symmetric, so
    that nothing lags; with positive weights, so that nothing moves about more than before.

    Args:
        space: The model to optimise against.
        generators: One for all sections, or one a section where the picture itself changes. All have the same
            latents.
        timeline: The music.
        strength: From 0, no change, to 1, any change.
        keyframe_seconds: From one keyframe to the next, about.
        smoothing_seconds: Standard deviation of the filter; 0 smooths nothing.
        steps: For each section; a keyframe takes a quarter of them.
        seed: Of the views.
        progress: Called with (work done, work in all).

    Raises:
        ValueError: There are neither one nor as many generators as sections, or a number is out of range.
    """
    sections = len(timeline.sections)
    if len(generators) not in (1, sections):
        raise ValueError(f"{len(generators)} generators for {sections} sections: give one, or as many")
    if keyframe_seconds <= 0 or smoothing_seconds < 0:
        raise ValueError("keyframe_seconds must be positive, and smoothing_seconds not negative")
    times = np.linspace(0, timeline.duration, max(2, round(timeline.duration / keyframe_seconds) + 1))
    moments = [
        MusicTarget(f"{time:.1f} s", va, vector=vector)
        for time, va, vector in zip(times, timeline.va_at(times), timeline.vectors_at(times), strict=True)
    ]
    section_of = timeline.section_at(times)
    wholes = _wholes(space, timeline)
    # Section s belongs to generator s; all belong to a single one.
    groups = [
        (generator, rows)
        for number, generator in enumerate(generators)
        for rows in _some(np.arange(number, sections, len(generators)))
    ]
    weight = float(
        np.median(
            [
                value
                for generator, rows in groups
                for value in identity_weights(space, generator, [wholes[row] for row in rows], strength)
            ]
        )
    )
    done, total = 0, steps * sections + steps // _FEWER * len(times)

    def found(generator: Generator, targets: list[Target], count: int, start: Tensor | None) -> Tensor:
        nonlocal done
        way = optimise(space, generator, targets, identity_weight=weight, steps=count, seed=seed, start=start)
        done += count * len(targets)
        if progress:
            progress(done, total)
        return way.final

    beginnings = torch.empty(sections, *generators[0].latent_shape)
    latents = torch.empty(len(times), *generators[0].latent_shape)
    for generator, rows in groups:
        beginnings[rows] = found(generator, [wholes[row] for row in rows], steps, None)
    for generator, rows in groups:
        for keys in _some(np.flatnonzero(np.isin(section_of, rows))):
            start = beginnings[section_of[keys]]
            latents[keys] = found(generator, [moments[key] for key in keys], steps // _FEWER, start)
    smooth = gaussian(latents.flatten(1).numpy(), smoothing_seconds / times[1])
    return Keyframes(times, torch.from_numpy(smooth).float().view_as(latents))


def _wholes(space: VASpace, timeline: Timeline) -> list[Target]:
    """Each section as one target: the mean of its windows."""
    section_of = timeline.section_at(timeline.times)
    return [
        MusicTarget.of(
            space, normalised_mean(timeline.vectors[section_of == number]), name=f"from {start:.1f} s"
        )
        for number, start in enumerate(timeline.sections)
    ]


def _some(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Rows in groups that are optimised at once: so many that memory does not grow with the music."""
    return [rows[first : first + _TOGETHER] for first in range(0, len(rows), _TOGETHER)]
