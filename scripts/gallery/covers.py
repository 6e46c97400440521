"""Covers painted for the demo's clips."""

from gallery.examples import Examples
from gallery.page import Card, Media, Part
from va_space.demo.music import Clip
from va_space.emotion.reference import PLURALS
from va_space.emotion.words import standing_in_words
from va_space.generation.artwork.engines import Request
from va_space.generation.artwork.engines.painter import paint
from va_space.generation.artwork.files import Text, finished
from va_space.generation.tags import describe
from va_space.targets import Target

LEAD = """\
Covers painted for {shown} of the demo's {tracks} clips from their sound alone, each from the draft, of
{candidates}, that stands among paintings nearest to where the clip stands among music. The clips were
chosen as the photographs were."""


def covers(examples: Examples, media: Media, side: int) -> Part:
    """A card for each cover, which is painted with so many pixels a side."""
    cards = [_card(examples, media, clip, target, side) for clip, target in examples.tracks_apart]
    lead = LEAD.format(shown=len(cards), tracks=len(examples.tracks), candidates=Request().candidates)
    return Part("Covers", lead, cards)


def _card(examples: Examples, media: Media, clip: Clip, target: Target, side: int) -> Card:
    heard = describe(examples.space, clip.path)
    (artwork,) = paint(examples.space, heard, Request(seed=examples.seed))
    composer, _, _ = clip.composer.partition(" (")
    cover = finished(artwork, (side, side), Text(clip.title, composer))
    address = media.add_picture(f"cover-{clip.path.stem}", cover)
    of_music = standing_in_words(heard.feeling, PLURALS[target.kind_in(None)])
    of_cover = standing_in_words(artwork.facts["picture percentile"], PLURALS["painting"])
    return Card(
        [(address, f"A painted cover: {artwork.title}; {clip.title}, {composer}.")],
        [
            f"**{artwork.title[:1].upper()}{artwork.title[1:]}**, for {clip.title}, {clip.composer}, "
            f"{clip.instrument}.",
            f"The music: {of_music}. The painting: {of_cover}.",
            media.listen(clip.title, clip.path),
        ],
    )
