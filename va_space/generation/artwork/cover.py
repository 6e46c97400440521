"""Lettering laid on a picture, as pixels and as vectors."""

from xml.sax.saxutils import escape

import numpy as np
from PIL import Image, ImageDraw

from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.lettering import Lettering, Scrim, direction_of, font
from va_space.generation.artwork.noise import smoothstep

_FAMILIES = "'DejaVu Sans', 'Bitstream Vera Sans', Verdana, sans-serif"


def draw_lettering(picture: Image.Image, lettering: Lettering) -> Image.Image:
    """A picture in mode RGB with text on it."""
    short = min(picture.size)
    drawn = _veiled(picture, lettering.scrim) if lettering.scrim else picture.copy()
    pen = ImageDraw.Draw(drawn)
    for line in lettering.lines:
        pen.text(
            (line.x * short, line.y * short),
            line.text,
            fill=lettering.ink,
            font=font(round(line.size * short)),
            anchor="rs" if line.from_right else "ls",
            direction=direction_of(line.from_right),
        )
    return drawn


def _veiled(picture: Image.Image, scrim: Scrim) -> Image.Image:
    y = (np.arange(picture.height, dtype=np.float32) + 0.5) / min(picture.size)
    alpha = (255 * scrim.opacity * _share(scrim, y)).round().astype(np.uint8)
    mask = Image.fromarray(alpha[:, None]).resize(picture.size, Image.Resampling.NEAREST)
    return Image.composite(Image.new("RGB", picture.size, scrim.colour), picture, mask)


def _share(scrim: Scrim, y: Floats | float) -> Floats:
    return smoothstep(scrim.clear, scrim.solid, y)


def svg_lettering(lettering: Lettering, width: float, height: float, units: float = 1000.0) -> str:
    """The same as SVG elements; sides in units of the short side, which has so many units in the drawing."""
    found = []
    if scrim := lettering.scrim:
        first, last = sorted((scrim.solid, scrim.clear))
        stops = "".join(
            f'<stop offset="{y / height:.4f}" stop-color="{scrim.colour}" '
            f'stop-opacity="{scrim.opacity * float(_share(scrim, y)):.3f}"/>'
            for y in np.linspace(first, last, 7).tolist()
        )
        found.append(f'<linearGradient id="veil" x1="0" y1="0" x2="0" y2="1">{stops}</linearGradient>')
        found.append(f'<rect width="{width * units:g}" height="{height * units:g}" fill="url(#veil)"/>')
    for line in lettering.lines:
        found.append(
            f'<text x="{line.x * units:.1f}" y="{line.y * units:.1f}" font-size="{line.size * units:.1f}" '
            f'font-family="{_FAMILIES}" fill="{lettering.ink}" '
            f'direction="{"rtl" if line.from_right else "ltr"}" '
            f'textLength="{line.width * units:.1f}" lengthAdjust="spacingAndGlyphs">'
            f"{escape(line.text)}</text>"
        )
    return "\n".join(found)
