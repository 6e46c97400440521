"""Ways to edit a picture for music that restyling is compared with, and how they are made equally strong."""

import colorsys
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from va_space.media.pictures import resize_pictures
from va_space.transfer.generator import Generator
from va_space.transfer.grading import LATENT_SIZE, SLICES, SPREADS

# Edits of one picture for m pieces of music at m strengths: (m,) to (m, 3, h, w); 0 is the picture itself.
Edit = Callable[[Tensor], Tensor]
# How much of the picture is still there: (m, 3, h, w) to (m,), 1 for the picture itself.
Kept = Callable[[Tensor], Tensor]

# Beyond this a grade of usual size has its controls at their bounds.
LARGEST = 8.0
_HALVINGS = 10


def along(generator: Generator, latents: Tensor) -> Edit:
    """The way from the origin through latents, (m, *latent_shape), at strength 1."""
    origin = generator.origin

    def edit(strengths: Tensor) -> Tensor:
        scale = strengths.to(origin.device).view(-1, *[1] * (latents.ndim - 1))
        return generator.render(origin + scale * (latents.to(origin.device) - origin)).cpu()

    return edit


def resized(edit: Edit, size: int) -> Edit:
    """The same edit as squares of another size."""

    def smaller(strengths: Tensor) -> Tensor:
        return resize_pictures(edit(strengths), size)

    return smaller


def blended(picture: Tensor, others: Tensor) -> Edit:
    """A picture, (3, h, w), under others, (m, 3, h, w), which cover it at strength 1."""

    def edit(strengths: Tensor) -> Tensor:
        cover = strengths.clamp(max=1).view(-1, 1, 1, 1)
        return picture * (1 - cover) + others * cover

    return edit


@torch.inference_mode()
def equally_strong(edit: Edit, count: int, kept: Kept, level: float) -> Tensor:
    """The strengths at which edits keep a given share of the picture, by halving.

    Args:
        edit: Edits of one picture.
        count: m.
        kept: What they keep.
        level: What they are to keep; an edit that never gets so far gets the largest strength.

    Returns:
        (m,) in [0, LARGEST].
    """
    low, high = torch.zeros(count), torch.full((count,), LARGEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        keeps = kept(edit(middle)) > level
        low, high = torch.where(keeps, middle, low), torch.where(keeps, high, middle)
    return (low + high) / 2


def of_usual_size(grades: Tensor) -> Tensor:
    """Grades, (m, LATENT_SIZE), in the same directions, each as far from no change as usual ones are."""
    length = grades.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return grades / length * SPREADS.norm()


def random_grades(count: int, rng: torch.Generator) -> Tensor:
    """(count, LATENT_SIZE) usual grades that have nothing to do with anything."""
    return SPREADS * torch.randn((count, LATENT_SIZE), generator=rng)


def colour_rule(points: NDArray[np.floating]) -> Tensor:
    """Grades by the rule of thumb: valence is warmth and brightness, arousal is saturation and contrast.

    Args:
        points: (m, 2) valence and arousal.

    Returns:
        (m, LATENT_SIZE) of usual size.
    """
    latents = torch.zeros((len(points), LATENT_SIZE))
    for column, names in enumerate((("temperature", "exposure"), ("saturation", "contrast"))):
        for name in names:
            latents[:, SLICES[name]] = torch.from_numpy(np.asarray(points[:, [column]], np.float32) - 0.5)
    return of_usual_size(latents)


def visualisations(points: NDArray[np.floating], size: int, rng: torch.Generator) -> Tensor:
    """Music as abstract pictures: coloured clouds.

    The hue goes from blue (unpleasant) to orange (pleasant), brightness rises with valence; saturation,
    contrast and the fineness of the clouds rise with arousal.

    Args:
        points: (m, 2) valence and arousal of the music.
        size: Side of the pictures.
        rng: Where the shapes come from.

    Returns:
        (m, 3, size, size) in [0, 1].
    """
    shown = []
    for valence, arousal in np.clip(np.asarray(points, float), 0, 1).tolist():
        grains = 2 + round(10 * arousal)
        cloud = torch.rand((1, 1, grains, grains), generator=rng)
        cloud = functional.interpolate(cloud, (size, size), mode="bicubic").clamp(0, 1)[0]
        hue, value, contrast = 0.6 - 0.52 * valence, 0.25 + 0.6 * valence, 0.05 + 0.25 * arousal
        dark, bright = (
            torch.tensor(colorsys.hsv_to_rgb(hue, 0.2 + 0.7 * arousal, min(1, max(0, value + step))))
            for step in (-contrast, contrast)
        )
        shown.append(dark.view(3, 1, 1) * (1 - cloud) + bright.view(3, 1, 1) * cloud)
    return torch.stack(shown)
