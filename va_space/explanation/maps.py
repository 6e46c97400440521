"""Where in a picture: maps by a method of attribution, and the regions that matter most, covered to see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from va_space.explanation.aims import Aim
from va_space.explanation.methods import METHODS, MapOptions, Score
from va_space.space import VASpace

FloatArray = NDArray[np.float32]

# A picture of so many pixels along each side keeps its colours and its light, and nothing that can be told.
_COVER_SIDE = 5
REGION = 1 / 4
"""A region's side, as a share of the picture's."""


@dataclass(frozen=True)
class Region:
    """A part of a picture.

    Attributes:
        left: Share of the width, from the left, at which it begins.
        top: Share of the height, from above.
        right: Where it ends.
        bottom: Likewise.
        effect: What the number of the whole picture loses when this part is blurred away; below 0 if it
            gains.
        doubt: Standard deviation of the effect over the encoder's views; 0 where there is one view.
    """

    left: float
    top: float
    right: float
    bottom: float
    effect: float
    doubt: float = 0.0

    @property
    def words(self) -> str:
        """Where it is, in words.

        >>> Region(0.0, 0.1, 0.25, 0.35, 0.02).words
        'upper left'
        """
        across = _third((self.left + self.right) / 2, "left", "right")
        down = _third((self.top + self.bottom) / 2, "upper", "lower")
        if not across or not down:
            return {"upper": "top", "lower": "bottom"}.get(down, down) or across or "middle"
        return f"{down} {across}"


@dataclass(frozen=True, eq=False)
class PictureMap:
    """Where in a picture a number comes from.

    Attributes:
        values: (side, side) float32 of the picture squeezed into a square, positive where it raises the
            number.
        raises: The region that the map says raises the number most.
        lowers: The region that the map says lowers it most.
    """

    values: FloatArray
    raises: Region
    lowers: Region


def picture_maps(
    space: VASpace, picture: Tensor, aims: Sequence[Aim], method: str, options: MapOptions
) -> list[PictureMap]:
    """Maps of a picture, one for each aim.

    Args:
        space: The model; one of the encoder's views is looked at, the whole picture at its full scale.
        picture: (3, side, side) in [0, 1], as the encoder takes it.
        aims: What is explained.
        method: A name in :data:`~va_space.explanation.methods.METHODS`.
        options: How fine.

    Raises:
        ConfigError: There is no such method.
        MissingExtraError: The extra ``explain`` is not installed.
    """
    whole = picture[None].to(space.device)
    cover, score = covering(whole), picture_score(space, aims)
    values = METHODS[method](score, whole, cover, options).detach().cpu()
    boxes = [[_extreme(sign * each) for sign in (1, -1)] for each in values]
    covered = [covered_at(whole, cover, box) for both in boxes for box in both]
    lost = -effects_in_views(space, aims, whole, covered)
    effects, doubts = lost[0].unflatten(0, (-1, 2)), deviations(lost).unflatten(0, (-1, 2))
    maps = []
    for number, (each, both) in enumerate(zip(values, boxes, strict=True)):
        raises, lowers = (
            _region(box, each.shape, float(effects[number, way, number]), float(doubts[number, way, number]))
            for way, box in enumerate(both)
        )
        maps.append(PictureMap(each.numpy().astype(np.float32), raises, lowers))
    return maps


def picture_score(space: VASpace, aims: Sequence[Aim], view: int = 0) -> Score:
    """From pictures (n, 3, h, w) to (n, aims), by one of the encoder's views."""

    def score(pictures: Tensor) -> Tensor:
        vectors = space.embed_pictures(pictures, view=view)
        return torch.stack([aim.of(vectors) for aim in aims], dim=1)

    return score


def effects_in_views(
    space: VASpace, aims: Sequence[Aim], picture: Tensor, changed: Sequence[Tensor]
) -> Tensor:
    """What changes add to numbers, by each of the encoder's views: (views, changes, aims).

    Args:
        space: The model.
        aims: The numbers.
        picture: (1, 3, h, w).
        changed: Likewise.
    """
    found = []
    with torch.no_grad():
        for view in range(max(1, len(space.config.picture.tta_scales))):
            score = picture_score(space, aims, view)
            found.append(torch.cat([score(each) for each in changed]) - score(picture))
    return torch.stack(found).cpu()


def deviations(effects: Tensor) -> Tensor:
    """(changes, aims) standard deviations of effects over the views; 0 of one view."""
    return effects.std(dim=0) if len(effects) > 1 else torch.zeros_like(effects[0])


def covering(pictures: Tensor) -> Tensor:
    """What stands for nothing being there, (n, 3, h, w): the pictures, blurred until nothing can be told."""
    small = functional.interpolate(pictures, (_COVER_SIDE, _COVER_SIDE), mode="bilinear", antialias=True)
    large = functional.interpolate(small, pictures.shape[2:], mode="bicubic", align_corners=False)
    return large.clamp(0, 1)


def covered_at(picture: Tensor, cover: Tensor, box: tuple[int, int, int, int]) -> Tensor:
    """A picture (1, 3, h, w) with its cover within (left, top, right, bottom) in pixels."""
    left, top, right, bottom = box
    changed = picture.clone()
    changed[:, :, top:bottom, left:right] = cover[:, :, top:bottom, left:right]
    return changed


def smoothed(values: FloatArray, share: float) -> FloatArray:
    """A map (h, w), blurred by a Gaussian whose deviation is a share of its side: to be shown, or ranked."""
    from torchvision.transforms.v2.functional import gaussian_blur

    side = min(values.shape)
    reach = min(max(1, round(3 * share * side)), side - 1)  # beyond it nothing can be mirrored at the edge
    blurred = gaussian_blur(torch.from_numpy(values)[None], [2 * reach + 1] * 2, [share * side] * 2)
    return blurred[0].numpy()


def _extreme(values: Tensor) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the square of a map (h, w) with the largest mean."""
    sides = [max(1, round(REGION * side)) for side in values.shape]
    means = functional.avg_pool2d(values[None], sides, stride=1)[0]
    top, left = divmod(int(means.argmax()), means.shape[1])
    return left, top, left + sides[1], top + sides[0]


def _region(box: tuple[int, int, int, int], shape: torch.Size, effect: float, doubt: float) -> Region:
    left, top, right, bottom = box
    height, width = shape
    return Region(left / width, top / height, right / width, bottom / height, effect, doubt)


def _third(share: float, low: str, high: str) -> str:
    return low if share < 0.4 else high if share > 0.6 else ""
