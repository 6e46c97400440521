"""Pictures that are read to be changed and written again: with transparency, colour profile and EXIF data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from va_space.atomic import replacing, require_ending
from va_space.errors import MediaError
from va_space.media.files import reason
from va_space.media.picture_files import decoded, open_picture
from va_space.media.pictures import turned_upright
from va_space.media.rgb import to_rgb, without_alpha

MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class EditablePicture:
    """An upright picture and what goes with it.

    Attributes:
        image: In mode RGB; the colours of transparent pixels are kept as they are.
        alpha: In mode L, of the same size; None if the picture has no transparency.
        icc_profile: What its RGB values mean; None stands for sRGB.
        exif: EXIF data, whose orientation says upright, or None.
    """

    image: Image.Image
    alpha: Image.Image | None = None
    icc_profile: bytes | None = None
    exif: bytes | None = None

    def seen(self) -> Image.Image:
        """What a viewer sees, in mode RGB: transparency laid over white."""
        if self.alpha is None:
            return self.image
        over_white = Image.new("RGB", self.image.size, "white")
        over_white.paste(self.image, mask=self.alpha)
        return over_white


# Ending -> Pillow's name of the format, and how to write it. JPEG and BMP have no transparency.
_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {"compress_level": 3}),  # twice as fast as the default, a few percent larger
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".webp": ("WEBP", {"quality": 95}),
    ".tif": ("TIFF", {"compression": "tiff_deflate"}),
    ".tiff": ("TIFF", {"compression": "tiff_deflate"}),
    ".bmp": ("BMP", {}),
}
ENDINGS = tuple(_FORMATS)
"""Endings of file names that :func:`save_editable` can write, in lower case."""


def load_editable(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> EditablePicture:
    """Read a picture that is to be written again.

    The colours are read as :func:`load_picture` does, 8 bits each. A colour profile is kept if it is
    one for RGB and the file holds RGB; EXIF data are kept but for orientation and thumbnail.

    Raises:
        MediaError: The picture cannot be read, is damaged, or has more than `max_pixels`.
    """
    path = Path(path)
    with open_picture(path, max_pixels) as image, decoded(image, path, max_pixels):
        profile = image.info.get("icc_profile")
        # Bytes 16 to 19 of a profile name the colour space it is for.
        fits = (
            isinstance(profile, bytes) and profile[16:20] == b"RGB " and image.mode.startswith(("RGB", "P"))
        )
        exif = _exif(image.info["exif"]) if "exif" in image.info else None
        colours, alpha = without_alpha(image) if image.has_transparency_data else (image, None)
        if fits:  # kept, it says what the values mean; converted, it would be applied twice
            colours.info = {key: value for key, value in colours.info.items() if key != "icc_profile"}
        colours = turned_upright(to_rgb(colours, path), image)
        alpha = turned_upright(alpha, image) if alpha else None
    colours.info = {}  # what is not given when saving, Pillow would take from there
    return EditablePicture(colours, alpha, profile if fits else None, exif)


def save_editable(path: str | Path, picture: EditablePicture) -> None:
    """Write a picture in the format that its ending names, complete or not at all.

    A format without transparency gets the picture laid over white.

    Args:
        path: Ends with one of :data:`ENDINGS`.
        picture: What to write.

    Raises:
        ConfigError: The ending is another.
        MediaError: The format cannot hold the picture.
        OSError: It cannot be written there.
    """
    path = Path(path)
    require_ending(path, "pictures", ENDINGS)
    name, options = _FORMATS[path.suffix.lower()]
    image = picture.seen()
    if picture.alpha is not None and name not in ("JPEG", "BMP"):
        image = picture.image.copy()
        image.putalpha(picture.alpha)
    about = {"icc_profile": picture.icc_profile, "exif": picture.exif}
    if name != "BMP":
        options = options | {key: value for key, value in about.items() if value is not None}
    with replacing(path) as beside:
        try:
            image.save(beside, format=name, **options)
        except ValueError as error:  # such as more pixels a side than the format can count
            raise MediaError(path, f"cannot be written as {name} ({reason(error)})") from error


def _exif(stored: bytes) -> bytes | None:
    exif = Image.Exif()
    try:
        exif.load(stored)
        if ExifTags.Base.Orientation in exif:
            exif[ExifTags.Base.Orientation] = 1
        return exif.tobytes()
    except Exception:  # a parser of strangers' bytes; side data are optional
        return None
