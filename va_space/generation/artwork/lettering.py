"""Title and artist on a cover: set in DejaVu Sans, where the picture is calm, with enough contrast."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont, features

from va_space.generation.artwork.colour import Floats, contrast_ratio, oklab, relative_luminance, srgb, to_hex

FONT = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
MARGIN = 0.07
"""Free on all sides, in units of the short side: what shops and players cut off or lay something over."""
CONTRAST = 4.5
"""WCAG 2.2's least ratio for text of any size."""
_TITLE_SIZES = (0.1, 0.085, 0.07, 0.058, 0.048, 0.04, 0.034)
_TITLE_LINES = (1, 2, 2, 2, 3, 3, 4)
_ARTIST_SIZE, _ARTIST_LEAST = 0.62, 0.03
_LEADING, _GAP = 1.18, 0.55
_MEASURED = 100
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes:
        text: In logical order.
        x: Of its begin: the left end, or the right one of a line that is read from there.
        y: Of its base line.
        size: Of the font.
        width: Of the line; like the others in units of the short side.
        from_right: Whether it is read from the right.
    """

    text: str
    x: float
    y: float
    size: float
    width: float
    from_right: bool


@dataclass(frozen=True)
class Scrim:
    """A veil behind text that ends softly.

    Attributes:
        solid: The y where the text ends and the veil begins to fade, in units of the short side.
        clear: The y where nothing of it is left.
        colour: As ``#rrggbb``.
        opacity: Where it is strongest, in [0, 1].
    """

    solid: float
    clear: float
    colour: str
    opacity: float


@dataclass(frozen=True)
class Lettering:
    """All text of a cover.

    Attributes:
        lines: Of text.
        ink: Their colour as ``#rrggbb``.
        scrim: The veil behind them; None where the picture needs none.
        contrast: WCAG's ratio of the ink and what is least favourable behind it.
        notes: What could not be set, and why.
    """

    lines: tuple[Line, ...]
    ink: str
    scrim: Scrim | None
    contrast: float
    notes: tuple[str, ...] = ()


def letter(picture: Image.Image, title: str, artist: str = "") -> Lettering | str:
    """Plan the text of a cover.

    Args:
        picture: In mode RGB, of any size; the place, the colour and the veil follow from it.
        title: Any text; a long one is broken, set smaller, and at last cut.
        artist: Likewise, in one line; empty for none.

    Returns:
        The plan, or why there is none: a script without glyphs, or no text.
    """
    title, artist = _plain(title), _plain(artist)
    notes: list[str] = []
    if not title:
        return "there is no title"
    if why := _unset(title):
        return f"the title {why}"
    if artist and (why := _unset(artist)):
        notes.append(f"the artist {why}: left out")
        artist = ""
    short = min(picture.size)
    width, height = picture.width / short, picture.height / short
    size, titles = _broken(title, width - 2 * MARGIN)
    artist_size = max(_ARTIST_LEAST, _ARTIST_SIZE * size if size < 0.07 else 0.45 * size)
    artists = [_cut(artist, artist_size, width - 2 * MARGIN)] if artist else []
    rows = [(text, size) for text in titles] + [(text, artist_size) for text in artists]
    heights = [_LEADING * each for _, each in rows]
    if artists:
        heights[-1] += _GAP * artist_size
    tall = sum(heights)
    from_right = _is_from_right(title)
    at_top = _calmer_at_top(
        picture, tall / height, max(_width(text, each) for text, each in rows), from_right
    )
    top = MARGIN if at_top else height - MARGIN - tall
    lines, y = [], top
    for (text, each), step in zip(rows, heights, strict=True):
        y += step
        x = width - MARGIN if from_right else MARGIN
        lines.append(Line(text, x, y - 0.24 * each, each, _width(text, each), from_right))
    ink, scrim, ratio = _ink(picture, lines, top, top + tall, at_top)
    return Lettering(tuple(lines), ink, scrim, round(ratio, 2), tuple(notes))


@lru_cache(maxsize=64)
def font(pixels: int) -> ImageFont.FreeTypeFont:
    """The font at a size; complex scripts are shaped where Pillow has Raqm."""
    return ImageFont.truetype(str(FONT), max(1, pixels))


def shapes_text() -> bool:
    """Whether scripts that are written from the right, or whose letters join, can be set."""
    return bool(features.check("raqm"))


def direction_of(from_right: bool) -> str | None:
    """What Pillow is to be told of a line's direction."""
    return ("rtl" if from_right else "ltr") if shapes_text() else None


def _plain(text: str) -> str:
    """One line without control characters."""
    kept = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", text))
    return " ".join(
        "".join(s for s in kept if unicodedata.category(s) not in ("Cc", "Cs", "Co", "Cn")).split()
    )


def _unset(text: str) -> str | None:
    """Why a text cannot be set; None if it can."""
    missing = sorted({sign for sign in text if not _has_glyph(sign)})
    if missing:
        named = ", ".join(unicodedata.name(sign, f"U+{ord(sign):04X}").title() for sign in missing[:2])
        more = ", ..." if len(missing) > 2 else ""
        return f"has characters that DejaVu Sans has no glyphs for ({named}{more})"
    if not shapes_text() and any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text):
        return "is written from the right, which this Pillow cannot set: it lacks Raqm (install FriBiDi)"
    return None


@lru_cache(maxsize=4096)
def _has_glyph(sign: str) -> bool:
    if sign.isspace() or unicodedata.category(sign) in ("Mn", "Cf"):
        return True
    basic = _basic_font()
    # What the font has not, it draws as its box for missing glyphs.
    return _drawn(basic, sign) != _drawn(basic, "\U0010ffff")


def _drawn(basic: ImageFont.FreeTypeFont, sign: str) -> tuple[tuple[int, int], bytes]:
    mask = basic.getmask(sign)
    return mask.size, bytes(mask)


@lru_cache(maxsize=1)
def _basic_font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), 40, layout_engine=ImageFont.Layout.BASIC)


def _is_from_right(text: str) -> bool:
    """Whether the first letter with a direction is written from the right, as UAX #9 has it."""
    for sign in text:
        if (kind := unicodedata.bidirectional(sign)) in ("L", "R", "AL"):
            return kind != "L"
    return False


@lru_cache(maxsize=4096)
def _width(text: str, size: float) -> float:
    return font(_MEASURED).getlength(text, direction=direction_of(_is_from_right(text))) * size / _MEASURED


def _broken(title: str, room: float) -> tuple[float, list[str]]:
    """The largest size at which a title has few enough lines, and those; the smallest one cuts the rest."""
    for size, most in zip(_TITLE_SIZES, _TITLE_LINES, strict=True):
        lines = list(_lines(title, size, room))
        if len(lines) <= most and not any(_width(line, size) > room for line in lines):
            return size, lines
    rest = " ".join(lines[most - 1 :])
    return size, [*lines[: most - 1], _cut(rest, size, room)]


def _lines(text: str, size: float, room: float) -> Iterator[str]:
    """Lines broken between words, and within words that are wider than the room."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if _width(joined, size) <= room:
            line = joined
            continue
        if line:
            yield line
        while _width(word, size) > room and size <= _TITLE_SIZES[-2]:
            part = _fitting(word, size, room)
            yield word[:part]
            word = word[part:]
        line = word
    if line:
        yield line


def _cut(text: str, size: float, room: float) -> str:
    """A text, or its begin with an ellipsis."""
    if _width(text, size) <= room:
        return text
    return text[: _fitting(text, size, room - _width(_ELLIPSIS, size))].rstrip() + _ELLIPSIS


def _fitting(text: str, size: float, room: float) -> int:
    """How many characters fit; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(text[:middle], size) <= room else (low, middle - 1)
    return low


def _calmer_at_top(picture: Image.Image, tall: float, wide: float, from_right: bool) -> bool:
    """Whether the upper place is the calmer one, and not much less even in brightness."""
    scale = 240 / min(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    grey = np.asarray(picture.convert("L").resize(size, Image.Resampling.BOX), np.float32)
    margin, wide_ = round(MARGIN * 240), round(wide * 240)
    columns = (
        slice(size[0] - margin - wide_, size[0] - margin) if from_right else slice(margin, margin + wide_)
    )
    rows = max(4, round(tall * size[1]))
    upper, lower = grey[margin : margin + rows, columns], grey[-margin - rows : -margin, columns]
    return bool(_unrest(upper) < 0.85 * _unrest(lower))


def _unrest(grey: Floats) -> float:
    return float(grey.std() + np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=0)).mean())


def _ink(
    picture: Image.Image, lines: Sequence[Line], top: float, bottom: float, at_top: bool
) -> tuple[str, Scrim | None, float]:
    """The ink with the better contrast, and as much of a veil as it needs."""
    short = min(picture.size)
    left = min(line.x - line.width if line.from_right else line.x for line in lines)
    right = max(line.x if line.from_right else line.x + line.width for line in lines)
    box = [round(edge * short) for edge in (left, top, right, bottom)]
    behind = np.asarray(picture.crop((box[0], box[1], box[2], box[3])), np.float32).reshape(-1, 3) / 255
    tint = oklab(behind.mean(axis=0)) * np.array([0, 0.35, 0.35], np.float32)
    light, dark = tint * 0.5 + np.array([0.975, 0, 0], np.float32), tint + np.array([0.14, 0, 0], np.float32)
    ratios = [_least(behind, ink) for ink in (light, dark)]
    is_light = ratios[0] >= ratios[1]
    ink, veil = (light, dark) if is_light else (dark, light)
    opacity, ratio = 0.0, max(ratios)
    while ratio < CONTRAST and opacity < 0.95:
        opacity += 0.05
        ratio = _least(behind * (1 - opacity) + srgb(veil) * opacity, ink)
    if not opacity:
        return to_hex(ink), None, ratio
    reach = 0.6 * (bottom - top) + 0.05
    solid, clear = (bottom, bottom + reach) if at_top else (top, top - reach)
    return to_hex(ink), Scrim(solid, clear, to_hex(veil), round(opacity, 2)), ratio


def _least(behind: Floats, ink: Floats) -> float:
    """The ratio that all but a fiftieth of what is behind exceeds."""
    ratios = contrast_ratio(relative_luminance(behind), relative_luminance(srgb(ink)))
    return float(np.quantile(ratios, 0.02))
