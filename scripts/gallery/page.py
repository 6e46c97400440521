"""The gallery as Markdown that reads well as a file and becomes a grid of cards on the site."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from va_space.atomic import replacing
from va_space.page.embedded import jpeg_bytes
from va_space.report.sounds import address_of

SIDE = 480  # of pictures, in pixels
ENDINGS = (".jpg", ".png", ".mp3", ".mid")


@dataclass(frozen=True)
class Card:
    """Pictures and what is to be said about them.

    Attributes:
        pictures: (address, what is to be seen) of each.
        lines: Paragraphs of Markdown.
    """

    pictures: Sequence[tuple[str, str]]
    lines: Sequence[str]

    @property
    def markdown(self) -> str:
        """An item of a list."""
        shown = [f"![{alt}]({address})" for address, alt in self.pictures]
        return "- " + "\n\n    ".join([*shown, *self.lines])


@dataclass(frozen=True)
class Part:
    """A part of the page.

    Attributes:
        title: Its heading.
        lead: What is to be seen and how it was chosen.
        cards: They become a list, in a block that the site makes a grid.
        parts: Smaller ones below it.
    """

    title: str
    lead: str
    cards: Sequence[Card] = ()
    parts: Sequence["Part"] = ()

    def markdown(self, level: int = 2) -> str:
        """All of it, under a heading of a level."""
        blocks = [f"{'#' * level} {self.title}", self.lead]
        if self.cards:
            items = "\n\n".join(card.markdown for card in self.cards)
            blocks.append(f'<div class="grid cards gallery" markdown>\n\n{items}\n\n</div>')
        return "\n\n".join([*blocks, *(part.markdown(level + 1) for part in self.parts)])


class Media:
    """The pictures and sounds of a page, in a folder beside it of the same name."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self.folder = page.with_suffix("")
        self._names: set[str] = set()

    def add(self, name: str, content: bytes) -> str:
        """Write a file; returns its address for the page."""
        with replacing(self.folder / name) as beside:
            beside.write_bytes(content)
        self._names.add(name)
        return f"{self.folder.name}/{name}"

    def add_picture(self, name: str, picture: Image.Image) -> str:
        """Write a picture as a JPEG, scaled down."""
        return self.add(f"{name}.jpg", jpeg_bytes(picture, SIDE))

    def listen(self, title: str, sound: Path | str) -> str:
        """A link to a file of sound, or to an address; the site makes it a player."""
        address = address_of(sound, self.page.parent) if isinstance(sound, Path) else sound
        return f"[Listen: {title}]({address})"

    def remove_others(self) -> None:
        """Remove what an earlier run left in the folder."""
        for path in self.folder.iterdir():
            if path.suffix in ENDINGS and path.name not in self._names:
                path.unlink()
