"""Whether maps of pictures name what matters: deletion, insertion, planted patches, other targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from va_space.benchmark.metrics import Floats
from va_space.encoders.vectors import FloatArray
from va_space.explanation.aims import Aim
from va_space.explanation.maps import PictureMap, covering, picture_maps, smoothed
from va_space.explanation.methods import MapOptions
from va_space.media.pictures import load_picture, picture_to_tensor, read_square
from va_space.space import VASpace

CELLS = 12
"""Along each side of a picture: what is deleted and inserted."""
SHARES = (0.05, 0.15, 0.35, 0.65)
OPTIONS = MapOptions(grid=6, steps=8)
# As the sixth grid, but with windows of another size in other places.
OTHER = MapOptions(grid=5)
METHODS = ("occlusion", "integrated-gradients")
RANDOM, EDGES = "random order", "edges (Sobel)"
PATCH = 1 / 3
"""Side of a planted patch, as a share of the picture's."""
_SMOOTH = 0.03


@dataclass(frozen=True)
class Areas:
    """Areas under the curves of one order of cells, for one number.

    Attributes:
        deletion: Mean of the number while cells are taken away, first those that are said to raise it.
        insertion: Mean of the number while they are put back in the same order.
    """

    deletion: float
    insertion: float


def cells_of(values: FloatArray) -> Floats:
    """(CELLS, CELLS) means of a map (h, w) that was smoothed as people see it."""
    seen = torch.from_numpy(smoothed(values, _SMOOTH))[None]
    return functional.adaptive_avg_pool2d(seen, CELLS)[0].double().numpy()


def edge_cells(picture: Tensor) -> Floats:
    """(CELLS, CELLS) mean strength of edges, by Sobel's operator, of a picture (3, h, w)."""
    from scipy.ndimage import sobel

    grey = picture.mean(dim=0).numpy()
    strength = np.hypot(sobel(grey, axis=0), sobel(grey, axis=1)).astype(np.float32)
    return functional.adaptive_avg_pool2d(torch.from_numpy(strength)[None], CELLS)[0].double().numpy()


def areas(space: VASpace, picture: Tensor, orders: Mapping[str, Floats]) -> dict[str, list[Areas]]:
    """Areas under the curves of valence and arousal when cells go, and come, in the order of their values.

    What goes is replaced by the picture's mean colour, which no map was made with; what comes is put onto the
    blurred picture. The numbers are the whole model's, in all of its views.

    Args:
        space: The model.
        picture: (3, side, side) in [0, 1].
        orders: By name, (CELLS, CELLS) values, of which the largest comes first.

    Returns:
        For each order the areas of valence and of arousal.
    """
    mean = picture.mean(dim=(1, 2), keepdim=True).expand_as(picture)
    blurred = covering(picture[None])[0]
    ends = space.predict_va([picture, mean, blurred]).astype(np.float64)
    return {name: _areas(space, (picture, mean, blurred), cells, ends) for name, cells in orders.items()}


def _areas(
    space: VASpace, pictures: tuple[Tensor, Tensor, Tensor], cells: Floats, ends: Floats
) -> list[Areas]:
    picture, mean, blurred = pictures
    rank = np.empty(CELLS**2)
    rank[np.argsort(-cells.ravel(), kind="stable")] = np.arange(CELLS**2)
    changed = []
    for share in SHARES:
        first = torch.from_numpy((rank < round(share * CELLS**2)).reshape(1, 1, CELLS, CELLS)).float()
        mask = functional.interpolate(first, picture.shape[1:], mode="nearest")[0]
        changed += [torch.lerp(picture, mean, mask), torch.lerp(blurred, picture, mask)]
    whole, none, start = ends
    steps = list(space.predict_va(changed).astype(np.float64))
    at = [0.0, *SHARES, 1.0]
    going = np.trapezoid([whole, *steps[::2], none], at, axis=0)
    coming = np.trapezoid([start, *steps[1::2], whole], at, axis=0)
    return [Areas(*pair) for pair in zip(going.tolist(), coming.tolist(), strict=True)]


def maps_of(
    space: VASpace, picture: Tensor, aims: Sequence[Aim], options: MapOptions = OPTIONS
) -> Mapping[str, list[PictureMap]]:
    """Maps of a picture (3, side, side) by each method, one for each aim."""
    return {method: picture_maps(space, picture, aims, method, options) for method in METHODS}


@dataclass(frozen=True)
class Planted:
    """A picture with a patch of another.

    Attributes:
        picture: (3, side, side) in [0, 1].
        box: (left, top, right, bottom) of the patch, as shares.
        chance: How probable it is that a region, put anywhere with equal probability, has its middle inside.
    """

    picture: Tensor
    box: tuple[float, float, float, float]
    chance: float


def plant(host: Path, donor: Path, size: int, region: float, random: np.random.Generator) -> Planted:
    """Paste the middle of a donor into a host, at a random place.

    Args:
        host: The picture that gets a patch.
        donor: The middle two thirds of this one, scaled to a third of the host's side.
        size: Side of both as the encoder takes them.
        region: Side of the regions that are to find it, as a share of the picture's.
        random: Where the place comes from.

    Raises:
        MediaError: One of them cannot be read.
    """
    picture, other = read_square(host, size).clone(), load_picture(donor)
    width, height = other.size
    middle = other.crop((width // 6, height // 6, width - width // 6, height - height // 6))
    side = round(PATCH * size)
    left, top = random.integers(0, size - side, 2, endpoint=True).tolist()
    picture[:, top : top + side, left : left + side] = picture_to_tensor(middle, side).float() / 255
    box = (left / size, top / size, (left + side) / size, (top + side) / size)
    return Planted(picture, box, _reach(box[0], box[2], region) * _reach(box[1], box[3], region))


def found(planted: Planted, middle: tuple[float, float]) -> bool:
    """Whether a place (across, down), as shares, is inside the patch."""
    left, top, right, bottom = planted.box
    return left <= middle[0] < right and top <= middle[1] < bottom


def rank(planted: Planted, values: FloatArray) -> float:
    """Share of the places on a map (h, w) where a square as large as the patch has a smaller mean."""
    size = len(values)
    left, top, right, _ = (round(edge * size) for edge in planted.box)
    means = functional.avg_pool2d(torch.from_numpy(values)[None], right - left, stride=1)[0]
    return float((means < means[top, left]).float().mean())


def _reach(low: float, high: float, region: float) -> float:
    """Share of the places of a region's middle, from region / 2 to 1 - region / 2, between two ends."""
    inside = min(high, 1 - region / 2) - max(low, region / 2)
    return max(inside, 0.0) / (1 - region)
