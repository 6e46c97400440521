"""How colours alone are felt: a reading of brightness, contrast and colourfulness.

A network that learnt from ratings of photographs knows what they show. How a photograph feels once it is
graded it has never been told, and what it says of that differs from network to network and from picture to
picture. What people say of colours is known better: bright and saturated ones are more pleasant, dark ones
more arousing (Valdez & Mehrabian, "Effects of color on emotions", Journal of Experimental Psychology: General
123, 1994), and contrast is arousing. :mod:`va_space.transfer.objective` adds the two.
"""

import torch
from torch import Tensor

from va_space.transfer.grading import LUMA

# Standard deviations over photographs and paintings of mean luma, contrast and colourfulness.
SPREADS = (0.13, 0.06, 0.10)
# What one such deviation adds to valence and to arousal, in deviations of theirs. The signs are those of the
# literature; the sizes were chosen on pictures that the benchmark does not use.
WEIGHTS = ((0.25, 0.0, 0.6), (-0.3, 0.25, 0.0))
_SMALL = 1e-6
# Clipping begins so far from 0 and 1: five levels of 255.
_MARGIN = 0.02


def colour_statistics(pictures: Tensor) -> Tensor:
    """Mean luma, its standard deviation, and colourfulness.

    Colourfulness is that of Hasler & Süsstrunk, "Measuring colourfulness in natural images", 2003: of red
    minus green and yellow minus blue, the common deviation and 0.3 times the length of the mean.

    Args:
        pictures: (n, 3, h, w) sRGB values in [0, 1].

    Returns:
        (n, 3), differentiable, also for pictures of one colour.

    Example:
        >>> grey, red = torch.full((1, 3, 4, 4), 0.5), torch.zeros(1, 3, 4, 4)
        >>> red[:, 0] = 1
        >>> [f"{chroma:.2f}" for chroma in colour_statistics(torch.cat([grey, red]))[:, 2]]
        ['0.00', '0.34']
    """
    red, green, blue = pictures.flatten(2).unbind(1)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    first, second = red - green, (red + green) / 2 - blue
    contrast = (luma.var(dim=1, correction=0) + _SMALL).sqrt()
    spread = (first.var(dim=1, correction=0) + second.var(dim=1, correction=0) + _SMALL).sqrt()
    away = (first.mean(dim=1).square() + second.mean(dim=1).square() + _SMALL).sqrt()
    return torch.stack([luma.mean(dim=1), contrast, spread + 0.3 * away], dim=1)


def colour_feeling(pictures: Tensor) -> Tensor:
    """(n, 3, h, w) to (n, 2): valence and arousal of their colours, in deviations; only differences count."""
    weights = pictures.new_tensor(WEIGHTS) / pictures.new_tensor(SPREADS)
    return colour_statistics(pictures) @ weights.T


def clipping(pictures: Tensor) -> Tensor:
    """How much of pictures is near clipping.

    Args:
        pictures: (n, 3, h, w) in [0, 1].

    Returns:
        (n,) in [0, 1], differentiable: mean over pixels of how far the channel that is nearest to 0 or 1 has
        come into the last few levels before it; 1 if all pixels are clipped.
    """
    room = torch.minimum(pictures, 1 - pictures).amin(dim=1).clamp(min=0)
    return (1 - room / _MARGIN).clamp(min=0).mean(dim=(1, 2))
