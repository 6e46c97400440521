"""Artwork as files that say what they were made from: PNG, JPEG and SVG, with a JSON file beside them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from va_space.atomic import replacing, require_ending
from va_space.errors import ConfigError
from va_space.generation.artwork.artwork import Artwork, MarksDone, Painting
from va_space.generation.artwork.cover import draw_lettering, svg_lettering
from va_space.generation.artwork.lettering import Lettering, letter
from va_space.generation.artwork.svg import svg_body
from va_space.generation.provenance import write_facts

ENDINGS = (".png", ".jpg", ".jpeg", ".svg")
SMALLEST, LARGEST, MOST_PIXELS = 32, 20_000, 100_000_000
_UNITS = 1000.0
# Shorter side of the picture that the lettering of a vector cover is planned on.
_PLANNED = 600
_QUALITY = 92


@dataclass(frozen=True)
class Text:
    """What is to be set on a picture.

    Attributes:
        title: Of the piece.
        artist: Its artist; empty for none.
    """

    title: str
    artist: str = ""


@dataclass(frozen=True)
class Written:
    """Files that were written.

    Attributes:
        picture: The picture.
        sidecar: What it was made from.
        notes: What is to be said about it, such as a title that could not be set.
    """

    picture: Path
    sidecar: Path
    notes: tuple[str, ...]


def check_ending(path: Path) -> None:
    """Raise a ConfigError if a picture cannot be written to a file of this name."""
    require_ending(path, "pictures", ENDINGS)


def check_size(size: tuple[int, int]) -> None:
    """Raise a ConfigError for a size that cannot be painted."""
    width, height = size
    if not (min(size) >= SMALLEST and max(size) <= LARGEST):
        raise ConfigError(f"{width} x {height}: each side has {SMALLEST} to {LARGEST:,} pixels")
    if width * height > MOST_PIXELS:
        raise ConfigError(f"{width} x {height} is more than {MOST_PIXELS:,} pixels; .svg has any size")
    if max(size) > 8 * min(size):
        raise ConfigError(f"{width} x {height}: one side is at most 8 times the other")


def save_artwork(
    artwork: Artwork,
    path: str | Path,
    size: tuple[int, int],
    text: Text | None = None,
    progress: MarksDone | None = None,
) -> Written:
    """Write a picture, and what it was made from as JSON of the same name.

    Args:
        artwork: What to write.
        path: Ends with .png, .jpg or .svg.
        size: Width and height in pixels; of an SVG, what it says of itself.
        text: To be set on it.
        progress: Called with (marks done, marks in all).

    Raises:
        ConfigError: The ending or the size is none that can be written, or the picture has no vector form.
    """
    path = Path(path)
    check_ending(path)
    check_size(size)
    if path.suffix.lower() == ".svg":
        lettering, why = _write_svg(artwork, path, size, text, progress)
    else:
        image = artwork.render(size, progress)
        lettering, why = _plan(image, text)
        image = draw_lettering(image, lettering) if lettering else image
        encoded = encode(image, path.suffix, _facts(artwork, size, text, lettering))
        with replacing(path) as beside:
            beside.write_bytes(encoded)
    sidecar = path.with_suffix(".json")
    notes = (f"no text on the cover: {why}",) if why else lettering.notes if lettering else ()
    write_facts(sidecar, _facts(artwork, size, text, lettering) | ({"notes": list(notes)} if notes else {}))
    return Written(path, sidecar, notes)


def finished(artwork: Artwork, size: tuple[int, int], text: Text | None = None) -> Image.Image:
    """A picture with its text, in mode RGB."""
    image = artwork.render(size)
    lettering, _ = _plan(image, text)
    return draw_lettering(image, lettering) if lettering else image


def encode(image: Image.Image, suffix: str, facts: Mapping[str, object]) -> bytes:
    """A picture as the bytes of a PNG or JPEG file, with facts as its text."""
    file = BytesIO()
    said = json.dumps(facts, ensure_ascii=True)
    if suffix.lower() == ".png":
        info = PngInfo()
        info.add_text("Software", "va-space")
        info.add_itxt("va-space", said)
        # Paint is noise to a compressor: more effort costs seconds and saves a few percent.
        image.save(file, "PNG", pnginfo=info, compress_level=1)
    else:
        image.save(file, "JPEG", quality=_QUALITY, subsampling=0, comment=said.encode())
    return file.getvalue()


def _plan(image: Image.Image, text: Text | None) -> tuple[Lettering | None, str | None]:
    """Lettering, or why there is none; neither if no text is wanted."""
    if text is None:
        return None, None
    planned = letter(image, text.title, text.artist)
    return (None, planned) if isinstance(planned, str) else (planned, None)


def _facts(
    artwork: Artwork, size: tuple[int, int], text: Text | None, lettering: Lettering | None
) -> dict[str, object]:
    facts = {"title": artwork.title, **artwork.facts, "size": list(size)}
    if text is not None:
        facts["text"] = {"title": text.title, "artist": text.artist}
        facts["lettering"] = asdict(lettering) if lettering else None
    return facts


def _write_svg(
    artwork: Artwork, path: Path, size: tuple[int, int], text: Text | None, progress: MarksDone | None
) -> tuple[Lettering | None, str | None]:
    if not isinstance(artwork, Painting):
        raise ConfigError(
            f"{path}: this picture is made of pixels and has no vector form; write .png or .jpg"
        )
    scene = artwork.scene
    small = round(_PLANNED * scene.width), round(_PLANNED * scene.height)
    lettering, why = _plan(artwork.render(small, progress), text) if text else (None, None)
    said = json.dumps(_facts(artwork, size, text, lettering), ensure_ascii=False)
    width, height = scene.width * _UNITS, scene.height * _UNITS
    label = f"{text.title}: {artwork.title}" if text else artwork.title
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(_allowed(label))}>',
        f"<metadata>{escape(_allowed(said))}</metadata>",
        svg_body(scene),
        *([svg_lettering(lettering, scene.width, scene.height)] if lettering else []),
        "</svg>\n",
    ]
    with replacing(path) as beside:
        beside.write_text("\n".join(parts), encoding="utf-8")
    return lettering, why


def _allowed(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(
        s
        for s in text
        if s in "\t\n" or (s >= " " and not "\ud800" <= s <= "\udfff" and s not in "\ufffe\uffff")
    )
