"""A map over its picture: orange where the picture raises the number, blue where it lowers it."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from va_space.explanation.maps import PictureMap, smoothed

RAISES, LOWERS = (224, 106, 20), (30, 100, 200)
"""Colours, RGB, that people with any kind of colour vision can tell apart."""
# How grey the picture is below its map, and how much of it the strongest place of the map covers.
_GREY, _STRONGEST = 0.8, 0.8
_SMOOTH = 0.03


def overlay(picture: Image.Image, found: PictureMap) -> Image.Image:
    """A picture in grey with its map in two colours; the strongest value of the map is the strongest colour.

    Args:
        picture: In mode RGB.
        found: Its map.
    """
    values = smoothed(found.values, _SMOOTH)
    strength = values / max(float(np.abs(values).max()), 1e-12)
    large = np.asarray(
        Image.fromarray(strength).resize(picture.size, Image.Resampling.BICUBIC), np.float32
    ).clip(-1, 1)
    pixels = np.asarray(picture, np.float32)
    grey = np.asarray(picture.convert("L"), np.float32)[:, :, None]
    base = np.float32(_GREY) * grey + np.float32(1 - _GREY) * pixels
    return Image.fromarray(_mixed(base, large).round().astype(np.uint8))


def _mixed(base: NDArray[np.float32], strength: NDArray[np.float32]) -> NDArray[np.float32]:
    colour = np.where(strength[:, :, None] > 0, np.array(RAISES, np.float32), np.array(LOWERS, np.float32))
    share = np.float32(_STRONGEST) * np.abs(strength)[:, :, None]
    return (1 - share) * base + share * colour
