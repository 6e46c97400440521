"""Pictures from files, PIL images, arrays and tensors, always as 8-bit RGB.

What a viewer would show is what the encoder sees: turned as EXIF says, in sRGB as the colour profile
says, transparency over white, the first frame of an animation.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image
from torch import Tensor
from torch.nn import functional

from va_space.errors import MediaError
from va_space.media.exif import orientation
from va_space.media.files import reason
from va_space.media.picture_files import check_size, decoded, open_picture
from va_space.media.rgb import to_rgb

PictureSource = str | Path | Image.Image | np.ndarray | Tensor

# Resizing averages whole pixels first, down to this many times the wanted size; 3 is next to exact.
REDUCING_GAP = 3.0
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

    Grey, palette, CMYK, Lab and 16-bit pictures become RGB; colours with a profile become sRGB;
    transparency is laid over white; EXIF orientation is applied; of an animation the first frame is
    taken. Pictures in mode I or F (whole numbers beyond 8 bits, floats) have no fixed white: it is
    65,535 for I; for F the first of 1, 255 and 65,535 that no pixel exceeds; with pixels outside that
    range, the picture's own range is stretched.

    Args:
        source: A file; or a PIL image; or an array or tensor, (H, W), (H, W, C) or (C, H, W) with C
            of 1, 3 or 4 channels, uint8 or float in [0, 1]. Where both ends could be channels, an
            array is read as (H, W, C) and a tensor as (C, H, W).
        max_pixels: Larger pictures are refused before they are decoded. Pillow's own limit does not
            apply, except that it warns of a TIFF stored as one tile beyond it.
        min_side: Allows a file to be read smaller than it is, which takes less time and memory: a JPEG
            at 1/2, 1/4 or 1/8 of its size, as long as both sides keep at least this many pixels, and any
            other with pixels averaged, as long as they keep three times as many.

    Returns:
        An image in mode RGB; a PIL image that needs no change is returned as it is.

    Raises:
        MediaError: The picture cannot be read, is damaged, truncated or too large.

    Example:
        >>> import numpy as np
        >>> load_picture(np.zeros((40, 60, 3), np.uint8)).size
        (60, 40)
    """
    if isinstance(source, str | Path):
        return _load_file(Path(source), max_pixels, min_side)
    if isinstance(source, Image.Image):
        name = getattr(source, "filename", "") or "PIL image"
        check_size(source.size, max_pixels, name)
        return _decode(source, max_pixels, name)
    if isinstance(source, np.ndarray | Tensor):
        return _from_array(source, max_pixels)
    raise MediaError(repr(type(source)), "not a picture: give a path, a PIL image, an array or a tensor")


def picture_size(path: str | Path, *, max_pixels: int = 100_000_000) -> tuple[int, int]:
    """Width and height in pixels of a picture file, upright; its pixels are not decoded.

    Raises:
        MediaError: It cannot be read, is no picture, or is too large.
        MissingExtraError: It is HEIC, and pi-heif is not installed.
    """
    with open_picture(Path(path), max_pixels) as image:
        width, height = image.size
        # Pillow has turned the size of a TIFF already.
        on_its_side = image.format != "TIFF" and _orientation(image) >= 5
    return (height, width) if on_its_side else (width, height)


def picture_to_tensor(image: Image.Image, size: int) -> Tensor:
    """The whole picture resized to a square, with antialiasing and without cropping.

    Args:
        image: In mode RGB.
        size: Side of the square in pixels.

    Returns:
        (3, size, size) uint8.
    """
    resized = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=REDUCING_GAP)
    return torch.from_numpy(np.array(resized)).permute(2, 0, 1).contiguous()


def middle_square(image: Image.Image, size: int) -> np.ndarray:
    """The largest square in the middle of a picture, resized with antialiasing, uint8 (3, size, size)."""
    side = min(image.size)
    left, top = ((length - side) // 2 for length in image.size)
    box = (left, top, left + side, top + side)
    resized = image.resize((size, size), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    return np.asarray(resized).transpose(2, 0, 1)


def read_square(path: Path, size: int) -> Tensor:
    """A picture file as :func:`picture_to_tensor` has it, but (3, size, size) float32 in [0, 1].

    Raises:
        MediaError: It cannot be read.
    """
    return picture_to_tensor(load_picture(path), size).float() / 255


def resize_pictures(pictures: Tensor, size: int) -> Tensor:
    """Pictures that are tensors already, resized likewise; differentiable.

    Args:
        pictures: (n, 3, h, w) in [0, 1].
        size: Side of the square in pixels.

    Returns:
        (n, 3, size, size) in [0, 1]; those of that size as they are.

    Example:
        >>> resize_pictures(torch.rand(1, 3, 40, 60), 32).shape
        torch.Size([1, 3, 32, 32])
    """
    if pictures.shape[2:] == (size, size):
        return pictures
    resized = functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True)
    return resized.clamp(0, 1)


def turned_upright(picture: Image.Image, as_said_by: Image.Image) -> Image.Image:
    """A picture turned as the EXIF data of another say.

    To be asked after that one is loaded: a TIFF has then turned itself and dropped the tag.
    """
    turn = _TURN.get(_orientation(as_said_by))
    if turn is None:
        return picture
    picture = picture.transpose(turn)
    picture.info = {}  # or the orientation in it would be applied again by the next reader
    return picture


def _orientation(image: Image.Image) -> int:
    info = image.info
    if "exif" in info or "xmp" in info:
        return orientation(info.get("exif"), info.get("xmp"))
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a parser of strangers' bytes; side data are optional
        return 1


def _load_file(path: Path, max_pixels: int, min_side: int | None) -> Image.Image:
    with open_picture(path, max_pixels) as image:
        if min_side is not None:
            image.draft("RGB", (min_side, min_side))
        with decoded(image, path, max_pixels, limited=min_side is not None):
            picture = turned_upright(to_rgb(image, path, _reduction(image.size, min_side)), image)
            if picture is not image:
                image.close()  # its memory is free before another picture takes it
            return picture


def _reduction(size: tuple[int, int], min_side: int | None) -> tuple[int, int]:
    """By how much columns and rows may be averaged before a picture is resized to a smaller one."""
    if min_side is None:
        return 1, 1
    return max(1, int(size[0] / min_side / REDUCING_GAP)), max(1, int(size[1] / min_side / REDUCING_GAP))


def _decode(image: Image.Image, max_pixels: int, name: str | Path) -> Image.Image:
    try:
        image.load()
        check_size(image.size, max_pixels, name)
        return turned_upright(to_rgb(image, name), image)
    except MediaError:
        raise
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged data
        raise MediaError(name, f"damaged picture ({reason(error)})") from error


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
    check_size((pixels.shape[1], pixels.shape[0]), max_pixels, name)
    pixels = np.ascontiguousarray(_unit_to_uint8(pixels, name))
    return to_rgb(Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), name)


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
