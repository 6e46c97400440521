"""Descriptions of recordings for tests that need no sound."""

from va_space.generation.tags.description import LyricLine, Section, Tag, TrackDescription


def described(valence=0.7, arousal=0.4, **changes):
    """Somebody's piece of three minutes in three sections."""
    sections = (
        Section("intro", 0.0, 30.0, 0.1, -20.0, "A", (valence, 0.2), ()),
        Section("drop", 30.0, 120.0, 1.0, -9.0, "B", (valence, 0.95), (Tag("drum kit", 0.9),)),
        Section("outro", 120.0, 180.0, 0.2, -18.0, "A", (0.2, 0.1), ()),
    )
    facts = {
        "path": "somebody/piece.ogg",
        "duration": 180.0,
        "content": "music",
        "genres": (Tag("jazz", 0.8),),
        "moods": (Tag("mellow", 0.5),),
        "voice": (Tag("female voice", 0.7),),
        "eras": (),
        "instruments": (Tag("piano", 0.9), Tag("flute", 0.4)),
        "sounds": (),
        "words": ("pleased",),
        "feeling": (valence, arousal),
        "va": (0.6, 0.5),
        "tempo": 96.0,
        "key": "A minor",
        "loudness": -14.0,
        "sections": sections,
        "lyrics": (LyricLine("Rain on the harbour", 40.0), LyricLine("A winter morning", 130.0)),
    }
    return TrackDescription(**(facts | changes))
