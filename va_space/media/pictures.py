"""Pictures from files, PIL images, arrays and tensors, always as 8-bit RGB.

What a viewer would show is what the encoder sees: turned as EXIF says, transparency over white,
the first frame of an animation. Colour profiles are ignored.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import torch
from PIL import ExifTags, Image, ImageFile
from torch import Tensor
from torch.nn import functional

from va_space.errors import MediaError
from va_space.media.files import open_file, reason

PictureSource = str | Path | Image.Image | np.ndarray | Tensor

# Pillow recognises BUFR, GRIB, HDF5 and MPEG but cannot decode them; EPS it hands to Ghostscript,
# which would mean running a program that came with the file.
_NOT_PICTURES = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "MPEG"})

_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def load_picture(
    source: PictureSource, *, max_pixels: int = 100_000_000, min_side: int | None = None
) -> Image.Image:
    """Read one picture as an upright RGB image.

    Grey, palette, CMYK, Lab and 16-bit pictures become RGB; transparency is laid over white; EXIF
    orientation is applied; of an animation the first frame is taken. Pictures in mode I or F
    (whole numbers beyond 8 bits, floats) have no fixed white: it is 65,535 for I; for F the first of
    1, 255 and 65,535 that no pixel exceeds; with pixels outside that range, the picture's own range
    is stretched.

    Args:
        source: A file; or a PIL image; or an array or tensor, (H, W), (H, W, C) or (C, H, W) with C
            of 1, 3 or 4 channels, uint8 or float in [0, 1]. Where both ends could be channels, an
            array is read as (H, W, C) and a tensor as (C, H, W).
        max_pixels: Larger pictures are refused before they are decoded. Pillow's own limit does not
            apply, except that it warns of a TIFF stored as one tile beyond it.
        min_side: Allows a JPEG file to be decoded at 1/2, 1/4 or 1/8 of its size, which is much
            faster, as long as both sides keep at least this many pixels.

    Returns:
        An image in mode RGB; a PIL image that needs no change is returned as it is.

    Raises:
        MediaError: The picture cannot be read, is damaged, truncated or too large.
    """
    if isinstance(source, str | Path):
        return _load_file(Path(source), max_pixels, min_side)
    if isinstance(source, Image.Image):
        name = getattr(source, "filename", "") or "PIL image"
        _check_size(source.size, max_pixels, name)
        return _decode(source, max_pixels, name)
    if isinstance(source, np.ndarray | Tensor):
        return _from_array(source, max_pixels)
    raise MediaError(repr(type(source)), "not a picture: give a path, a PIL image, an array or a tensor")


def picture_to_tensor(image: Image.Image, size: int) -> Tensor:
    """The whole picture resized to a square, with antialiasing and without cropping.

    Args:
        image: In mode RGB.
        size: Side of the square in pixels.

    Returns:
        (3, size, size) uint8.
    """
    resized = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0)
    return torch.from_numpy(np.array(resized)).permute(2, 0, 1).contiguous()


def resize_pictures(pictures: Tensor, size: int) -> Tensor:
    """Pictures that are tensors already, resized likewise; differentiable.

    Args:
        pictures: (n, 3, h, w) in [0, 1].
        size: Side of the square in pixels.

    Returns:
        (n, 3, size, size) in [0, 1]; those of that size as they are.
    """
    if pictures.shape[2:] == (size, size):
        return pictures
    resized = functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True)
    return resized.clamp(0, 1)


def identify_picture(file: IO[bytes]) -> ImageFile.ImageFile | None:
    """The picture in an open file by Pillow's own identification, not decoded; None if it is none.

    This is ``Image.open`` without its check against decompression bombs: that one warns, and
    silencing a warning changes the state of the whole process.

    Raises:
        Exception: Whatever a Pillow plugin raises on a damaged header.
    """
    Image.preinit()  # first, so that the common formats come first
    Image.init()
    prefix = file.read(16)
    # Formats without a signature of their own (TGA, ...) are guesses: they come last.
    for name in sorted(Image.ID, key=lambda name: Image.OPEN[name][1] is None):
        factory, accept = Image.OPEN[name]
        if name in _NOT_PICTURES:
            continue
        try:
            accepted = accept is None or accept(prefix)
            if accepted and not isinstance(accepted, str):  # text: why this Pillow cannot read it
                file.seek(0)
                return factory(file, "")
        except (SyntaxError, IndexError, TypeError, struct.error):
            continue  # how plugins say "not mine", as in Image.open
    return None


@contextmanager
def open_picture(path: Path, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """A picture file, not decoded yet; what Pillow raises within the block becomes :class:`MediaError`.

    Raises:
        MediaError: The file cannot be read, is no picture, is damaged or too large.
    """
    try:
        with open_file(path) as file:
            image = identify_picture(file)
            if image is None:
                raise MediaError(path, "not a picture that can be read")
            _check_size(image.size, max_pixels, path)
            yield image
    except MediaError:
        raise
    except Exception as error:  # Pillow's plugins raise nearly anything on damaged headers
        raise MediaError(path, f"damaged picture ({reason(error)})") from error


def turned_upright(picture: Image.Image, as_said_by: Image.Image) -> Image.Image:
    """A picture turned as the EXIF data of another say.

    To be asked after that one is loaded: a TIFF has then turned itself and dropped the tag.
    """
    turn = _TURN.get(as_said_by.getexif().get(ExifTags.Base.Orientation, 1))
    if turn is None:
        return picture
    picture = picture.transpose(turn)
    picture.info = {}  # or the orientation in it would be applied again by the next reader
    return picture


def _load_file(path: Path, max_pixels: int, min_side: int | None) -> Image.Image:
    with open_picture(path, max_pixels) as image:
        if min_side is not None:
            image.draft("RGB", (min_side, min_side))
        return _decode(image, max_pixels, path)


def _check_size(size: tuple[int, int], max_pixels: int, name: str | Path) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise MediaError(name, f"a picture of {width} x {height} pixels")
    if width * height > max_pixels:
        raise MediaError(name, f"{width} x {height} pixels is more than the limit of {max_pixels:,} pixels")


def _decode(image: Image.Image, max_pixels: int, name: str | Path) -> Image.Image:
    try:
        image.load()
        # Containers such as ICO learn the true size of what they hold only now.
        _check_size(image.size, max_pixels, name)
        return turned_upright(_to_rgb(image, name), image)
    except MediaError:
        raise
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged data
        raise MediaError(name, f"damaged picture ({reason(error)})") from error


def _to_rgb(image: Image.Image, name: str | Path) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_grey_to_uint8(image, name)).convert("RGB")
    if image.has_transparency_data:
        # Pillow converts La, grey with premultiplied alpha, to LA only.
        image = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        picture = Image.new("RGB", image.size, "white")
        picture.paste(image, mask=image.getchannel("A"))
        return picture
    return image if image.mode == "RGB" else image.convert("RGB")


def _grey_to_uint8(image: Image.Image, name: str | Path) -> np.ndarray:
    grey = np.asarray(image).astype(np.float32)
    low, high = float(grey.min()), float(grey.max())
    if not np.isfinite([low, high]).all():
        raise MediaError(name, "NaN or infinite pixels")
    whites = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    white = next((w for w in whites if low >= 0 and high <= w), None)
    black, white = (0.0, white) if white else (low, high)
    return np.round((grey - black) / (white - black or 1.0) * 255).astype(np.uint8)


def _from_array(source: np.ndarray | Tensor, max_pixels: int) -> Image.Image:
    name = f"{'tensor' if isinstance(source, Tensor) else 'array'} of shape {tuple(source.shape)}"
    if isinstance(source, Tensor):
        source = source.detach().cpu()
        pixels = (source.float() if source.is_floating_point() else source).numpy()
        channel_axes = (0, 2)
    else:
        pixels, channel_axes = source, (2, 0)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    elif pixels.ndim == 3:
        axis = next((a for a in channel_axes if pixels.shape[a] in (1, 3, 4)), None)
        if axis is None:
            raise MediaError(name, "a picture has 1, 3 or 4 channels, first or last")
        pixels = np.moveaxis(pixels, axis, 2)
    else:
        raise MediaError(name, "a picture has the shape (H, W), (H, W, C) or (C, H, W); give one at a time")
    _check_size((pixels.shape[1], pixels.shape[0]), max_pixels, name)
    pixels = np.ascontiguousarray(_unit_to_uint8(pixels, name))
    return _to_rgb(Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), name)


def _unit_to_uint8(pixels: np.ndarray, name: str) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return pixels
    if not np.issubdtype(pixels.dtype, np.floating):
        raise MediaError(name, f"pixels of type {pixels.dtype}: give uint8, or float in [0, 1]")
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        raise MediaError(name, "NaN or infinite pixels")
    # Resampling and half precision overshoot by a hair; 0..255 or normalised pixels are far outside.
    if low < -0.01 or high > 1.01:
        raise MediaError(name, f"float pixels from {low:.4g} to {high:.4g}: give them in [0, 1], or uint8")
    return np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
