"""Images of any mode as 8-bit RGB in sRGB, in bands, so that nothing but the given image is large."""

from pathlib import Path

import numpy as np
from PIL import Image

from va_space.errors import MediaError
from va_space.media import colours

_BAND_PIXELS = 1 << 21


def to_rgb(image: Image.Image, name: str | Path, reduction: tuple[int, int] = (1, 1)) -> Image.Image:
    """Convert a loaded image.

    Args:
        image: Of any mode; its ``info`` may hold ``icc_profile``, or ``gamma`` as PNG has it.
        name: Where it comes from.
        reduction: So many columns and rows become one by averaging.

    Returns:
        In mode RGB; the image itself if nothing needs to be done.

    Raises:
        MediaError: There are NaN or infinite pixels.
    """
    white = _grey_range(image, name) if image.mode == "F" or image.mode.startswith("I") else None
    width, height = image.size
    if width * height <= _BAND_PIXELS:
        whole = _band_to_rgb(image, white)
        return whole if reduction == (1, 1) else whole.reduce(reduction)
    if reduction == (1, 1) and _stays(image):
        return image
    across, down = reduction
    result = Image.new("RGB", (-(-width // across), -(-height // down)))
    rows = down * max(1, _BAND_PIXELS // width // down)
    for top in range(0, height, rows):
        band = _band_to_rgb(image.crop((0, top, width, min(top + rows, height))), white)
        result.paste(band if reduction == (1, 1) else band.reduce(reduction), (0, top // down))
    return result


def without_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    """The colours of an image with transparency, as if it were opaque, and its alpha in mode L."""
    # Pillow converts La, grey with premultiplied alpha, to LA only.
    whole = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    colour = whole.convert("L" if image.mode in ("LA", "La", "L") else "RGB")
    colour.info = {key: value for key, value in image.info.items() if key != "transparency"}
    return colour, whole.getchannel("A")


def _stays(image: Image.Image) -> bool:
    return image.mode == "RGB" and not image.has_transparency_data and _conversion(image) is None


def _band_to_rgb(image: Image.Image, white: tuple[float, float] | None) -> Image.Image:
    if white is not None:
        grey = Image.fromarray(_grey_to_uint8(image, white))
        grey.info = image.info
        return _in_srgb(grey)
    if not image.has_transparency_data:
        return _in_srgb(image)
    colour, alpha = without_alpha(image)
    over_white = Image.new("RGB", image.size, "white")
    over_white.paste(_in_srgb(colour), mask=alpha)
    return over_white


def _in_srgb(image: Image.Image) -> Image.Image:
    convert = _conversion(image)
    if convert is None:
        return image if image.mode == "RGB" else image.convert("RGB")
    return convert(image if image.mode in ("RGB", "L", "CMYK", "LAB") else image.convert("RGB"))


def _conversion(image: Image.Image) -> colours.Conversion | None:
    mode = image.mode if image.mode in ("L", "CMYK", "LAB") else "RGB"
    profile, gamma = image.info.get("icc_profile"), image.info.get("gamma")
    if isinstance(profile, bytes) and profile:
        return colours.from_profile(profile, mode)
    convert = colours.from_gamma(gamma) if isinstance(gamma, float) else None
    return None if convert is None else lambda band: convert(band.convert("RGB"))


def _grey_range(image: Image.Image, name: str | Path) -> tuple[float, float]:
    """What is black and white in an image of whole numbers beyond 8 bits, or of floats."""
    lows, highs = [], []
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        band = np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))
        lows.append(float(band.min()))
        highs.append(float(band.max()))
    low, high = float(np.min(lows)), float(np.max(highs))  # NaN, if there is one
    if not np.isfinite([low, high]).all():
        raise MediaError(name, "NaN or infinite pixels")
    whites = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    white = next((w for w in whites if low >= 0 and high <= w), None)
    return (0.0, white) if white else (low, high)


def _grey_to_uint8(image: Image.Image, white: tuple[float, float]) -> np.ndarray:
    low, high = white
    grey = np.asarray(image).astype(np.float32)
    return np.round((grey - low) / (high - low or 1.0) * 255).astype(np.uint8)
