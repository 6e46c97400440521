"""Photographs, each graded by words and by clips."""

from collections.abc import Iterator
from pathlib import Path

from restyle_sheet import WORDS, farthest_out

from gallery.examples import Examples
from gallery.matches import credit_of, photograph_of
from gallery.page import Card, Media, Part
from va_space.demo.photographs import Photograph
from va_space.emotion.reference import PLURALS
from va_space.media.editable import load_editable
from va_space.targets import FeelingTarget, Target, read_target
from va_space.transfer.restyle import Restyled, restyle

PHOTOGRAPHS = 2
LEAD = """\
The first {photographs} of those photographs, graded by {words} words and by {tracks} of the clips, those
that stand farthest out, one in each direction, at strength {strength:g}. Only colours change. Percentages
say where the model puts a picture among {others}: with a valence of 64% it is more pleasant than 64% of
them. What is to be seen weighs more than colours, so a grade goes only some of the way."""


def grades(examples: Examples, media: Media, strength: float) -> Part:
    """For each photograph a card of the original, and one for each target."""
    space = examples.space
    words = [read_target(space, word) for word in WORDS]
    tracks = farthest_out(space, [target for _, target in examples.tracks])
    parts = []
    for photograph, target in examples.photographs[:PHOTOGRAPHS]:
        results = restyle(
            space, load_editable(photograph.path), [*words, *tracks], strength=strength, seed=examples.seed
        )
        cards = list(_cards(examples, media, photograph, target, results))
        parts.append(
            Part(photograph.title, credit_of(photograph, "scaled down, and graded as each says"), cards)
        )
    others = {PLURALS[target.kind_in(None)] for _, target in examples.photographs[:PHOTOGRAPHS]}
    lead = LEAD.format(
        photographs=len(parts),
        words=len(words),
        tracks=len(tracks),
        strength=strength,
        others=" or ".join(sorted(others)),
    )
    return Part("Grades", lead, parts=parts)


def _cards(
    examples: Examples, media: Media, photograph: Photograph, target: Target, results: Iterator[Restyled]
) -> Iterator[Card]:
    valence, arousal = target.standing(examples.space)
    yield Card(
        [photograph_of(media, photograph)],
        ["**As it is**", f"valence {valence:.0%}", f"arousal {arousal:.0%}"],
    )
    for result in results:
        asked = result.target
        clip = None if isinstance(asked, FeelingTarget) else examples.clips[Path(str(asked.source))]
        name = clip.title if clip else asked.name
        address = media.add_picture(f"{photograph.name}-{asked.stem}", result.picture.image)
        yield Card(
            [(address, f"{photograph.title}, graded towards {name}.")],
            [f"**{name}**", *_moved(examples, result), *([media.listen(name, clip.path)] if clip else [])],
        )


def _moved(examples: Examples, result: Restyled) -> list[str]:
    """Where the picture stood, where it stands, and what was asked for, in percentiles."""
    own = examples.space.distribution(result.kind)
    shares = [own.percentile(point) for point in (result.before, result.after, result.wanted)]
    return [
        f"{axis} {before:.0%} → {after:.0%} (asked: {wanted:.0%})"
        for axis, before, after, wanted in zip(("valence", "arousal"), *shares, strict=True)
    ]
