"""A picture that was made, and what it was made from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PIL import Image, ImageOps

from va_space.generation.artwork.scene import Scene

MarksDone = Callable[[int, int], None]

USUAL = 1600
"""Shorter side of a painting in pixels, if no other size is wished."""


@dataclass(frozen=True, eq=False)
class Artwork(ABC):
    """A picture.

    Attributes:
        title: What it shows, in a few words.
        facts: All that it was made from, for JSON.
        notes: What is to be said about it.
    """

    title: str
    facts: Mapping[str, object] = field(repr=False)
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    @abstractmethod
    def usual_size(self) -> tuple[int, int]:
        """Width and height in pixels, if no other is wished."""

    @abstractmethod
    def render(self, size: tuple[int, int], progress: MarksDone | None = None) -> Image.Image:
        """The picture in mode RGB, of a width and a height in pixels."""


@dataclass(frozen=True, eq=False)
class Painting(Artwork):
    """A picture made of marks, which has any size and a vector form.

    Attributes:
        scene: The marks.
    """

    scene: Scene = field(repr=False)

    @property
    def usual_size(self) -> tuple[int, int]:
        """:data:`USUAL` pixels on the shorter side."""
        return round(USUAL * self.scene.width), round(USUAL * self.scene.height)

    def render(self, size: tuple[int, int], progress: MarksDone | None = None) -> Image.Image:
        """See :meth:`Artwork.render`."""
        from va_space.generation.artwork.raster import render

        return render(self.scene, size, progress)


@dataclass(frozen=True, eq=False)
class Print(Artwork):
    """A picture made of pixels.

    Attributes:
        image: In mode RGB.
    """

    image: Image.Image = field(repr=False)

    @property
    def usual_size(self) -> tuple[int, int]:
        """Its own."""
        return self.image.size

    def render(self, size: tuple[int, int], progress: MarksDone | None = None) -> Image.Image:
        """See :meth:`Artwork.render`; what does not fit the sides is cut off around the middle."""
        return ImageOps.fit(self.image, size, Image.Resampling.LANCZOS)
