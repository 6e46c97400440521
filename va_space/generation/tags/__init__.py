"""What is in a recording: genre, mood, voice, instruments, feeling, tempo, key, loudness and sections."""

from va_space.generation.tags.describe import describe
from va_space.generation.tags.description import (
    LyricLine,
    Moment,
    Section,
    Stem,
    Tag,
    TrackDescription,
)

__all__ = ["LyricLine", "Moment", "Section", "Stem", "Tag", "TrackDescription", "describe"]
