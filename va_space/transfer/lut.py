"""Lookup tables (LUT): a grade as one 3D table, and the ``.cube`` files that photo and video editors read.

The format is Adobe's Cube LUT Specification 1.0: values in [0, 1], red changing fastest.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor

from va_space.atomic import replacing
from va_space.errors import MediaError
from va_space.media.files import open_file
from va_space.transfer.grading import apply_grade

# The finest that Pillow and the common editors take.
SIZE = 65
# A text of SIZE ** 3 lines with room to spare.
LONGEST_FILE = 64 << 20

Lut = NDArray[np.float32]
"""(size, size, size, 3) colours in [0, 1] for evenly spaced blue, green and red, in this order of axes."""


def bake(latent: Tensor, size: int = SIZE) -> Lut:
    """A grade as a table.

    Args:
        latent: (LATENT_SIZE,) or (1, LATENT_SIZE).
        size: Entries along each axis.

    Returns:
        (size, size, size, 3) colours in [0, 1].
    """
    levels = torch.linspace(0, 1, size)
    blue, green, red = torch.meshgrid(levels, levels, levels, indexing="ij")
    colours = torch.stack([red, green, blue]).reshape(1, 3, size * size, size)
    with torch.inference_mode():
        graded = apply_grade(latent.detach().cpu().reshape(1, -1), colours)
    return graded[0].reshape(3, size, size, size).permute(1, 2, 3, 0).contiguous().numpy()


def apply_lut(image: Image.Image, lut: Lut) -> Image.Image:
    """Send every pixel of a picture through a table, interpolating linearly.

    Takes about 20 ns a pixel and the memory of the result.

    Args:
        image: In mode RGB, or RGBA, whose transparency is kept.
        lut: As :func:`bake` makes it, of size 2 to 65.
    """
    return image.filter(ImageFilter.Color3DLUT(len(lut), np.ascontiguousarray(lut).ravel()))


def write_cube(path: str | Path, lut: Lut, title: str = "va-space") -> None:
    """Write a table as a ``.cube`` file, complete or not at all.

    Args:
        path: The file.
        lut: As :func:`bake` makes it.
        title: What an editor may show; quotes and line breaks are left out.
    """
    shown = "".join(sign for sign in title if sign.isprintable() and sign != '"')
    rows = "\n".join(f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in lut.reshape(-1, 3).tolist())
    head = f'TITLE "{shown}"\nLUT_3D_SIZE {len(lut)}\nDOMAIN_MIN 0.0 0.0 0.0\nDOMAIN_MAX 1.0 1.0 1.0\n'
    with replacing(path) as beside:
        beside.write_text(f"{head}{rows}\n", encoding="utf-8")


def read_cube(path: str | Path) -> Lut:
    """Read a ``.cube`` file with a 3D table over [0, 1].

    Returns:
        A table as :func:`bake` makes it.

    Raises:
        MediaError: The file cannot be read, or is another kind of table.
    """
    path = Path(path)
    with open_file(path) as file:
        content = file.read(LONGEST_FILE + 1)
    if len(content) > LONGEST_FILE:
        raise MediaError(path, "too large for a .cube file")
    size, rows = 0, []
    for line in content.decode("utf-8", "replace").splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] == "TITLE":
            continue
        try:
            if words[0] == "LUT_3D_SIZE":
                size = int(words[1])
            elif words[0] in ("DOMAIN_MIN", "DOMAIN_MAX"):
                if any(float(word) != (words[0] == "DOMAIN_MAX") for word in words[1:4]):
                    raise MediaError(path, "its domain is not 0 to 1")
            elif len(words) == 3:
                rows.append([float(word) for word in words])
            else:
                raise ValueError(words[0])
        except (ValueError, IndexError) as error:
            raise MediaError(path, f"not a .cube file with a 3D table: {line.strip()[:80]!r}") from error
    if not 2 <= size <= SIZE or len(rows) != size**3:
        found = f"a 3D table of size {size} with {len(rows)} colours"
        raise MediaError(path, f"{found}: sizes are 2 to {SIZE}, and the colours their cube")
    table = np.array(rows, np.float32).reshape(size, size, size, 3)
    if not np.isfinite(table).all():
        raise MediaError(path, "NaN or infinite colours")
    return table.clip(0, 1)
