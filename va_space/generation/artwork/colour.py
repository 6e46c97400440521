"""Colours that are mixed as they are seen: OKLab, and sRGB (IEC 61966-2-1).

OKLab is that of Ottosson 2020, "A perceptual color space for image processing".
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating]

# Linear sRGB to the cones' responses, and their cube roots to OKLab.
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)
# Halvings of the chroma's interval until a colour is inside sRGB.
_HALVINGS = 6


def oklab(colour: ArrayLike) -> Floats:
    """(..., 3) sRGB values in [0, 1] to OKLab: lightness in [0, 1], green to red, blue to yellow."""
    values = np.asarray(colour, np.float64)
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return (np.cbrt(light @ _TO_LMS.T) @ _TO_LAB.T).astype(np.float32)


def hex_to_oklab(code: str) -> Floats:
    """(3,) OKLab of a colour such as ``#1f4a3c``."""
    return oklab([int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def srgb(lab: ArrayLike) -> Floats:
    """(..., 3) OKLab to sRGB values in [0, 1]; what lies outside loses chroma until it fits, not lightness.

    >>> srgb(oklab([0.2, 0.4, 0.6])).round(3).tolist()
    [0.20000000298023224, 0.4000000059604645, 0.6000000238418579]
    """
    colours = np.asarray(lab, np.float64)
    light = _light(colours)
    outside = ((light < -1e-4) | (light > 1 + 1e-4)).any(axis=-1)
    if outside.any():
        light[outside] = _light(_fitted(colours[outside]))
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def to_bytes(lab: ArrayLike) -> NDArray[np.uint8]:
    """(..., 3) OKLab to sRGB values of 0 to 255."""
    return np.round(srgb(lab) * 255).astype(np.uint8)


def to_hex(lab: ArrayLike) -> str:
    """One OKLab colour as ``#rrggbb``."""
    return "#" + "".join(f"{value:02x}" for value in to_bytes(lab))


def adjusted(lab: ArrayLike, *, lightness: float = 0.0, chroma: float = 1.0, hue: float = 0.0) -> Floats:
    """(..., 3) OKLab with lightness added, chroma multiplied and hue turned by degrees."""
    colours = np.asarray(lab, np.float32)
    cos, sin = np.cos(np.radians(hue)) * chroma, np.sin(np.radians(hue)) * chroma
    _, a, b = np.moveaxis(colours, -1, 0)
    return np.stack([colours[..., 0] + lightness, cos * a - sin * b, sin * a + cos * b], -1).astype(
        np.float32
    )


def contrast_ratio(luminance: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """WCAG 2.2's ratio of two relative luminances, 1 to 21."""
    a, b = np.asarray(luminance, np.float64), np.asarray(other, np.float64)
    return (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)


def relative_luminance(colour: ArrayLike) -> NDArray[np.float64]:
    """(..., 3) sRGB values in [0, 1] to (...) luminance in [0, 1], as WCAG 2.2 defines it."""
    values = np.asarray(colour, np.float64)
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light @ np.array([0.2126, 0.7152, 0.0722])


def _light(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    return (lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T


def _fitted(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 3) colours outside sRGB with as much of their chroma as fits."""
    fitted = lab.copy()
    fitted[:, 0] = lab[:, 0].clip(0, 1)
    low, high = np.zeros(len(lab)), np.ones(len(lab))
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        fitted[:, 1:] = lab[:, 1:] * share[:, None]
        light = _light(fitted)
        inside = ((light >= 0) & (light <= 1)).all(axis=-1)
        low, high = np.where(inside, share, low), np.where(inside, high, share)
    fitted[:, 1:] = lab[:, 1:] * low[:, None]
    return fitted
