"""A description in words, line by line."""

from collections.abc import Iterable, Iterator

from va_space.generation.tags.description import Section, Tag, TrackDescription
from va_space.text import clock


def lines_about(found: TrackDescription) -> Iterator[tuple[str, str]]:
    """What a line is about, and the line; what was not heard is left out.

    >>> whole, point = Section("whole", 0.0, 61.2, 0.5, -14.0), (0.5, 0.25)
    >>> about = "a.ogg", 61.2, "music", *((),) * 5, ("calm",), point, point, None, None, -14.0, (whole,)
    >>> dict(lines_about(TrackDescription(*about)))["feeling"]
    'calm (more pleasant than 50% of recordings, more excited than 25%)'
    """
    valence, arousal = found.feeling
    yield "content", f"{found.content}, {clock(found.duration)}"
    for what, tags in (
        ("genre", found.genres),
        ("mood", found.moods),
        ("voice", found.voice),
        ("era", found.eras),
        ("instruments", found.instruments),
        ("sounds", found.sounds),
    ):
        if tags:
            yield what, in_words(tags)
    stands = f"more pleasant than {valence:.0%} of recordings, more excited than {arousal:.0%}"
    yield "feeling", f"{', '.join(found.words)} ({stands})"
    if found.tempo is not None:
        yield "tempo", f"{found.tempo:.0f} beats a minute"
    if found.key is not None:
        yield "key", _key(found)
    if found.loudness is not None:
        yield "loudness", f"{found.loudness:.1f} LUFS"
    yield from (
        (f"section {number}", about(section)) for number, section in enumerate(found.sections, start=1)
    )
    for stem in found.stems:
        loud = "silent" if stem.loudness is None else f"{stem.loudness:.1f} LUFS"
        yield (
            f"stem {stem.name}",
            "; ".join([loud, *([in_words(stem.instruments)] if stem.instruments else [])]),
        )
    if found.lyrics:
        yield "lyrics", f"{len(found.lyrics)} lines: {found.lyrics[0].text}"


def _key(found: TrackDescription) -> str:
    if found.key_margin is None or found.key is None:
        return found.key or ""
    if found.key_is_clear:
        return f"{found.key} ({found.key_margin:.2f} ahead of {found.key_second})"
    return f"no clear key: {found.key} or {found.key_second} ({found.key_margin:.2f} apart)"


def about(section: Section) -> str:
    """A section: when, what, and what is heard in it."""
    heard = [f"{clock(section.start)} to {clock(section.end)} {section.label} {section.letter}"]
    heard.append(f"energy {section.energy:.2f}")
    sure = [tag.name for tag in section.instruments if tag.sure]
    heard += [", ".join(sure)] if sure else []
    return "; ".join(heard)


def in_words(tags: Iterable[Tag]) -> str:
    """Names of tags with their scores; those that are not sure behind a "perhaps".

    >>> in_words([Tag("jazz", 0.5), Tag("flute", 0.05), Tag("harp", 0.02)])
    'jazz 0.50; perhaps flute 0.05, harp 0.02'
    """
    named: dict[bool, list[str]] = {True: [], False: []}
    for tag in tags:
        named[tag.sure].append(f"{tag.name} {tag.score:.2f}")
    parts = [", ".join(named[True]), f"perhaps {', '.join(named[False])}" if named[False] else ""]
    return "; ".join(filter(None, parts))
