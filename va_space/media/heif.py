"""HEIC and HEIF, what telephones take, through pi-heif (extra ``heif``): it decodes only."""

from typing import IO

from PIL import ImageFile

from va_space.errors import MissingExtraError

ENDINGS = frozenset({".heic", ".heics", ".heif", ".heifs", ".hif"})
_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
# Of any coding: that of the pictures is among the compatible brands.
_GENERAL = frozenset({b"mif1", b"msf1", b"mif2", b"miaf"})
_OTHERS = frozenset({b"avif", b"avis"})


def is_heif(head: bytes) -> bool:
    """Whether a file that begins with these bytes, 64 or all, is HEIF, and not AVIF."""
    if head[4:8] != b"ftyp":
        return False
    brands = {head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4]), len(head)), 4)}
    return head[8:12] in _BRANDS or (head[8:12] in _GENERAL and not brands & _OTHERS)


def open_heif(file: IO[bytes], name: object) -> ImageFile.ImageFile:
    """Open the main picture of an open file.

    Raises:
        MissingExtraError: pi-heif is not installed.
        Exception: Whatever it raises on a damaged file.
    """
    try:
        from pi_heif import HeifImageFile
    except ImportError as error:
        raise MissingExtraError(f"{name}: a HEIC picture", "heif") from error
    file.seek(0)
    return HeifImageFile(file)
