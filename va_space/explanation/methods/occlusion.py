"""Occlusion: what the number loses when a window of the picture is covered (Zeiler & Fergus 2014)."""

import math

from torch import Tensor

from va_space.errors import MissingExtraError
from va_space.explanation.methods import METHODS, MapOptions, Score


@METHODS.register("occlusion")
def occlusion(score: Score, picture: Tensor, cover: Tensor, options: MapOptions) -> Tensor:
    """Mean loss of each number over the windows that cover a pixel.

    Args:
        score: From pictures (n, 3, h, w) to (n, k).
        picture: (1, 3, h, w) in [0, 1].
        cover: (1, 3, h, w), what is put over a window.
        options: How many windows.

    Returns:
        (k, h, w), in units of the number.
    """
    try:
        from captum.attr import Occlusion
    except ImportError as error:
        raise MissingExtraError("A map of a picture", "explain") from error
    strides = [max(1, math.ceil(side / (options.grid + 1))) for side in picture.shape[2:]]
    windows = [min(2 * stride, side) for stride, side in zip(strides, picture.shape[2:], strict=True)]
    total = 1 + math.prod(
        math.ceil((side - window) / stride) + 1
        for side, window, stride in zip(picture.shape[2:], windows, strides, strict=True)
    )
    done = 0

    def counted(pictures: Tensor) -> Tensor:
        nonlocal done
        values = score(pictures)
        done += len(pictures)
        if options.progress:
            options.progress(done, total)
        return values

    # One picture at a time, captum takes every number of its score as an output: k maps for the price of one.
    return Occlusion(counted).attribute(
        picture,
        sliding_window_shapes=(picture.shape[1], *windows),
        strides=(picture.shape[1], *strides),
        baselines=cover,
    )[:, 0]
