"""Picture files through Pillow: what they are, how large, and their pixels within a budget of memory.

Side data, such as EXIF, text and colour profiles, are optional: those that are damaged are left out. What
Pillow would refuse for their sake, or warn of, is read without them.
"""

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageChops, ImageFile

from va_space.errors import MediaError, MissingExtraError
from va_space.media import heif, jpeg, png
from va_space.media.budget import Budget, give_back_memory
from va_space.media.files import open_file, reason
from va_space.media.pieces import FilePart, open_parts

# Pillow recognises BUFR, GRIB, HDF5 and MPEG but cannot decode them; EPS it hands to Ghostscript,
# which would mean running a program that came with the file.
_NOT_PICTURES = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "MPEG"})
# Bytes that decoded pictures may take at once in this process.
IN_FLIGHT = Budget(450_000_000)
# Bytes a pixel that Pillow keeps by mode, and that decoders need besides (measured: perf/picture_memory.py).
_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_BESIDES = {"AVIF": 8, "HEIF": 6, "JPEG2000": 16, "WEBP": 12, "TIFF": 4, "PSD": 1}
_MOST = 600_000_000
# Pixels that a byte of a file can hold at most, by its compression; what is not here has no limit.
_UNLIMITED = frozenset({"AVIF", "HEIF", "JPEG2000", "WEBP"})
_PIXELS_A_BYTE = {"PNG": 8300, "APNG": 8300, "ICO": 8300, "ICNS": 8300, "TIFF": 65536, "GIF": 3000}
_PIXELS_A_BYTE_ELSEWHERE = 1100
_SIGNATURES = (png.SIGNATURE, b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
# From this many bytes on, what a picture took is given back to the system before another takes as much: each
# thread's part of the heap would keep it.
_TRIMMED = 16_000_000
_NOT_ALL = re.compile("truncated|incomplete|end of file|not enough|eof", re.IGNORECASE)


def identify_picture(file: IO[bytes], name: object = "") -> ImageFile.ImageFile | None:
    """The picture in an open file by Pillow's own identification, not decoded; None if it is none.

    This is ``Image.open`` without its check against decompression bombs: that one warns, and
    silencing a warning changes the state of the whole process.

    Raises:
        MissingExtraError: It is HEIC, and pi-heif is not installed.
        Exception: Whatever a Pillow plugin raises on a damaged header.
    """
    Image.preinit()  # first, so that the common formats come first
    Image.init()
    file.seek(0)
    head = file.read(64)
    if heif.is_heif(head):
        return heif.open_heif(file, name)
    # Formats without a signature of their own (TGA, ...) are guesses: they come last.
    for kind in sorted(Image.ID, key=lambda kind: Image.OPEN[kind][1] is None):
        factory, accept = Image.OPEN[kind]
        if kind in _NOT_PICTURES:
            continue
        try:
            accepted = accept is None or accept(head[:16])
            if accepted and not isinstance(accepted, str):  # text: why this Pillow cannot read it
                return _open_as(kind, factory, file)
        except (SyntaxError, IndexError, TypeError, struct.error):
            continue  # how plugins say "not mine", as in Image.open
    if head.lstrip() != head and head.lstrip().startswith(_SIGNATURES[:3]):
        raise ValueError("white space before the signature: not a picture")
    return None


def _open_as(kind: str, factory: Any, file: IO[bytes]) -> ImageFile.ImageFile:
    if kind not in ("PNG", "JPEG"):
        file.seek(0)
        try:
            return factory(file, "")
        except Exception as error:
            if kind == "WEBP" and (cut := _cut_webp(file)):
                raise ValueError(cut) from error
            raise
    parts, about = (png if kind == "PNG" else jpeg).pixels_and_meaning(file)
    image: ImageFile.ImageFile = factory(open_parts(file, parts), "")
    image.info.pop("gamma", None)
    image.info.update(about)
    return image


@contextmanager
def open_picture(path: Path, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """A picture file, not decoded yet; what Pillow raises within the block becomes :class:`MediaError`.

    Raises:
        MediaError: The file cannot be read, is no picture, is damaged or too large.
        MissingExtraError: It is HEIC, and pi-heif is not installed.
    """
    try:
        with open_file(path) as file:
            image = identify_picture(file, path)
            if image is None:
                raise MediaError(path, "not a picture that can be read")
            check_size(image.size, max_pixels, path)
            _check_plausible(image, file.seek(0, 2), path)
            file.seek(0)
            yield image
    except (MediaError, MissingExtraError):
        raise
    except Exception as error:  # Pillow's plugins raise nearly anything on damaged headers
        raise MediaError(path, said(error)) from error


def said(error: Exception) -> str:
    """What to say of an error that Pillow raised on a file."""
    text = reason(error)
    return text if text.startswith(("white space", "cut off")) else f"damaged picture ({text})"


def check_size(size: tuple[int, int], max_pixels: int, name: str | Path) -> None:
    """Raise MediaError for a picture without pixels, or with more than `max_pixels`."""
    width, height = size
    if width < 1 or height < 1:
        raise MediaError(name, f"a picture of {width} x {height} pixels")
    if width * height > max_pixels:
        raise MediaError(name, f"{width} x {height} pixels is more than the limit of {max_pixels:,} pixels")


def _check_plausible(image: ImageFile.ImageFile, size: int, path: Path) -> None:
    """Nothing is allocated for pixels that the file cannot hold."""
    width, height = image.size
    limit = _PIXELS_A_BYTE.get(image.format or "", _PIXELS_A_BYTE_ELSEWHERE)
    if image.format not in _UNLIMITED and width * height > limit * size:
        raise MediaError(path, f"damaged picture: {size:,} bytes cannot hold {width} x {height} pixels")


def _needed(image: ImageFile.ImageFile) -> int:
    """Bytes that decoding takes."""
    width, height = image.size
    besides = _BESIDES.get(image.format or "", 0)
    if image.format == "JPEG" and image.info.get("progressive"):
        # The coefficients are kept whole, two bytes each, however small it is drawn.
        scale = max(1, (getattr(image, "decoderconfig", None) or (1,))[0])
        sampling = [across * down for _, across, down, _ in getattr(image, "layer", [])] or [1, 1, 1]
        besides = round(2 * sum(sampling) / max(sampling) * scale**2)
    return width * height * (_BYTES.get(image.mode, 4) + besides)


@contextmanager
def decoded(
    image: ImageFile.ImageFile, path: Path, max_pixels: int, *, limited: bool = False
) -> Iterator[None]:
    """Load a picture; until the end of the block, its memory is counted.

    Args:
        image: The picture.
        path: Its file.
        max_pixels: As for :func:`check_size`.
        limited: Refuse what takes more memory than a picture should that is only encoded.

    Raises:
        MediaError: It is damaged, cut off or too large.
    """
    needed = _needed(image)
    if limited and needed > _MOST:
        width, height = image.size
        what = f"{width} x {height} pixels of {image.format} take {needed / 1e6:,.0f} MB to decode"
        raise MediaError(path, f"{what}, and {_MOST / 1e6:,.0f} MB is the limit; make it smaller")
    with IN_FLIGHT.hold(needed):
        try:
            image.load()
        except Exception as error:
            if image.format != "JPEG" or not _complete_jpeg(image, path):
                raise MediaError(path, _cut(image, error, path)) from error
        # Containers such as ICO learn the true size of what they hold only now.
        check_size(image.size, max_pixels, path)
        yield
        if needed >= _TRIMMED:
            give_back_memory()


def _cut_webp(file: IO[bytes]) -> str | None:
    file.seek(4)
    stated, size = int.from_bytes(file.read(4), "little") + 8, file.seek(0, 2)
    return f"cut off: only {size:,} of {stated:,} bytes of the picture are there" if stated > size else None


def _complete_jpeg(image: ImageFile.ImageFile, path: Path) -> bool:
    """Load a JPEG whose end mark is missing; False if more than that is missing."""
    with path.open("rb") as file:
        parts, _ = jpeg.pixels_and_meaning(file)
        ended = _as_drafted(image, file, [*parts, jpeg.END])
        continued = _as_drafted(image, file, [*parts, jpeg.GARBAGE, jpeg.END])
        changed = ImageChops.difference(ended, continued).getbbox() if ended and continued else (0, 0)
        if ended is None or (changed is not None):
            image.info["rows"] = changed[1] if changed else 0
            return False
        file.seek(0)
        if (jpeg.share_of_scans(file.read(), last_is_whole=True) or 1) < 1:
            return False
    image.im, image.tile = ended.im, []
    return True


def _as_drafted(
    image: ImageFile.ImageFile, file: IO[bytes], parts: list[FilePart]
) -> ImageFile.ImageFile | None:
    again = Image.OPEN["JPEG"][0](open_parts(file, parts), "")
    again.draft(image.mode, image.size)
    try:
        again.load()
    except OSError:
        return None
    return again


def _cut(image: ImageFile.ImageFile, error: Exception, path: Path) -> str:
    """What to say of a picture that could not be loaded."""
    with path.open("rb") as file:
        if image.format == "WEBP" and (cut := _cut_webp(file)):
            return cut
        if image.format == "JPEG" and image.info.get("progressive"):
            file.seek(0)
            share = jpeg.share_of_scans(file.read(), last_is_whole=False) or 0
            return f"cut off: only about {share:.0%} of the picture is there, as a coarse version of it"
    if not (isinstance(error, EOFError | struct.error) or _NOT_ALL.search(str(error))):
        return said(error)
    rows = image.info.get("rows")
    if rows is None:
        box = image.im.getbbox() if getattr(image, "_im", None) is not None else None
        rows = box[3] if box else 0
    return f"cut off: only {rows:,} of {image.height:,} rows of the picture are there"
