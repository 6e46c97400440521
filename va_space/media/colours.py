"""Colours of any profile as sRGB, which is what the encoder was trained on."""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops

Conversion = Callable[[Image.Image], Image.Image]
"""From an image of one mode to RGB, in sRGB."""

_SPACES = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L", "Lab": "LAB"}
# In values of 0 to 255: a profile that moves no colour by more says sRGB in its own words.
_UNSEEN = 2
_IS_SEEN = [int(value > _UNSEEN) for value in range(256)] * 3
_DISPLAY_GAMMA = 2.2


@lru_cache(maxsize=16)
def from_profile(profile: bytes, mode: str) -> Conversion | None:
    """What converts images of a mode from their ICC profile to sRGB, perceptually.

    Args:
        profile: The ICC profile.
        mode: "RGB", "CMYK", "L" or "LAB".

    Returns:
        None if the profile is damaged, or for another mode, or means sRGB: the values stay as they are.
    """
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if _SPACES.get(given.profile.xcolor_space.strip()) != mode:
            return None
        transform = ImageCms.buildTransform(given, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode == "RGB":
            samples = _samples()
            if ImageChops.difference(samples, transform.apply(samples)).point(_IS_SEEN).getbbox() is None:
                return None
    except (ImportError, OSError, ValueError, ImageCms.PyCMSError):  # ImportError: a Pillow without it
        return None
    return transform.apply


def from_gamma(gamma: float) -> Conversion | None:
    """What converts RGB images whose samples are light to the power of `gamma`, as PNG's gAMA states it.

    For a display of 2.2, as libpng does it; None if that changes next to nothing or makes no sense.
    """
    exponent = 1 / (gamma * _DISPLAY_GAMMA) if 0.05 < gamma < 5 else 1.0
    if abs(exponent - 1) < 0.05:
        return None
    table = [round(255 * (value / 255) ** exponent) for value in range(256)]
    return lambda image: image.point(table * 3)


def _samples() -> Image.Image:
    """Every colour of nine steps a channel, (81 x 9)."""
    steps = [round(step * 255 / 8) for step in range(9)]
    image = Image.new("RGB", (81, 9))
    image.putdata([(red, green, blue) for red in steps for green in steps for blue in steps])
    return image
