"""Integrated gradients: gradients along the way from the cover to the picture (Sundararajan et al. 2017)."""

import torch
from torch import Tensor

from va_space.errors import MissingExtraError
from va_space.explanation.methods import METHODS, MapOptions, Score

# Pictures whose gradients are held at once.
_AT_ONCE = 4


@METHODS.register("integrated-gradients")
def integrated_gradients(score: Score, picture: Tensor, cover: Tensor, options: MapOptions) -> Tensor:
    """What each pixel adds to each number, summed over its colours.

    The sum over a map is the number of the picture less that of the cover, up to the error of the steps.

    Args:
        score: From pictures (n, 3, h, w) to (n, k), differentiable.
        picture: (1, 3, h, w) in [0, 1].
        cover: (1, 3, h, w), where the way begins.
        options: How many steps.

    Returns:
        (k, h, w), in units of the number.
    """
    try:
        from captum.attr import IntegratedGradients
    except ImportError as error:
        raise MissingExtraError("A map of a picture", "explain") from error
    with torch.no_grad():
        count = score(picture).shape[1]
    whole, maps = picture.detach().clone().requires_grad_(), []
    for number in range(count):
        found = IntegratedGradients(score).attribute(
            whole, cover, target=number, n_steps=options.steps, internal_batch_size=_AT_ONCE
        )
        maps.append(found[0].sum(dim=0).detach())
        if options.progress:
            options.progress((number + 1) * options.steps, count * options.steps)
    return torch.stack(maps)
