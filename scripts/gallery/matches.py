"""Photographs, and the first of the demo's clips that each finds."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from gallery.examples import Examples
from gallery.page import Card, Media, Part
from va_space import index, search
from va_space.demo.photographs import PHOTOGRAPHS, Photograph
from va_space.emotion.words import standing_in_words
from va_space.media.pictures import load_picture
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.relative import compared_with, standing_of
from va_space.retrieval.results import Result

LEAD = """\
{shown} of the demo's {photographs} photographs, and for each the first of the demo's {tracks} clips that
`search` finds: {different}. The photographs were chosen to stand far apart: the one nearest to the middle
of the plane, then each time the one farthest from all before."""


def matches(examples: Examples, media: Media) -> Part:
    """A card for each photograph."""
    with TemporaryDirectory() as folder:
        library = index(examples.space, examples.clips, Path(folder) / "library").library
        found = [search(examples.space, library, target, 1)[0] for _, target in examples.photographs]
        cards = list(_cards(examples, media, library, found))
    different = len({result.path for result in found})
    lead = LEAD.format(
        shown=len(found),
        photographs=len(PHOTOGRAPHS),
        tracks=len(examples.tracks),
        different=f"{different} different ones" if different > 1 else "the same one",
    )
    return Part("Matches", lead, cards)


def photograph_of(media: Media, photograph: Photograph) -> tuple[str, str]:
    """Address and description of a photograph, which is written the first time."""
    return media.add_picture(photograph.name, load_picture(photograph.path)), photograph.description


def credit_of(photograph: Photograph, change: str) -> str:
    """Whose a picture is, under which licence, and what was done to it."""
    return f"*Photograph: {photograph.credit}; {change}.*"


def _cards(examples: Examples, media: Media, library: MusicLibrary, found: list[Result]) -> Iterator[Card]:
    for (photograph, target), result in zip(examples.photographs, found, strict=True):
        clip = examples.clips[result.path]
        stands = standing_in_words(result.percentiles or result.place, compared_with(library))
        yield Card(
            [photograph_of(media, photograph)],
            [
                f"**{photograph.title}**: {standing_of(examples.space, target)}.",
                f"{clip.title}, {clip.composer}, {clip.instrument}: {stands}.",
                media.listen(clip.title, clip.path),
                credit_of(photograph, "scaled down"),
            ],
        )
