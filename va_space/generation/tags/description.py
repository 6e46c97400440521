"""What is in a recording, as data: tags, sections, feeling, stems and lyrics."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

VA = tuple[float, float]

Content = Literal["music", "speech", "noise", "silence"]
"""What a recording is, as a whole."""

Label = Literal[
    "intro", "verse", "chorus", "build", "drop", "climax", "break", "bridge", "outro", "part", "whole"
]
"""What a section does; see :mod:`va_space.generation.tags.sections` for the rule of each."""

# A caller who wants the high point does not care by which rule it was found.
ALSO: dict[str, tuple[str, ...]] = {"drop": ("climax", "chorus"), "climax": ("drop", "chorus")}


SURE = 0.1
"""Score from which a tag is right more often than not (docs/tags.md)."""


@dataclass(frozen=True)
class Tag:
    """Something that is heard.

    Attributes:
        name: What, in lower case, such as "jazz", "acoustic guitar" or "female voice".
        score: How probable it is in [0, 1], by the tagger's own measure: it puts tags in order, and is no
            share of time. Tags of two taggers are not to be compared.
        start: Where it is heard first, in seconds; None where that was not looked for.
        end: Where it is heard last, in seconds; None likewise.
    """

    name: str
    score: float
    start: float | None = None
    end: float | None = None

    @property
    def sure(self) -> bool:
        """Whether it may be said without "perhaps"."""
        return self.score >= SURE


@dataclass(frozen=True)
class Section:
    """A part of a recording.

    Attributes:
        label: What it does.
        start: In seconds.
        end: In seconds.
        energy: From 0, the recording's least energetic section, to 1, its most energetic one; 0.5 where
            all are alike.
        loudness: In LUFS, of this section alone; None if it is silent.
        letter: "A", "B", ...: sections with the same letter sound alike.
        feeling: (valence, arousal) in [0, 1], as :attr:`TrackDescription.feeling`.
        instruments: Heard in it, the most probable first.
    """

    label: Label
    start: float
    end: float
    energy: float
    loudness: float | None
    letter: str = "A"
    feeling: VA = (0.5, 0.5)
    instruments: tuple[Tag, ...] = ()

    @property
    def duration(self) -> float:
        """In seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class Moment:
    """A few seconds of a recording.

    Attributes:
        start: In seconds.
        end: In seconds.
        feeling: (valence, arousal) in [0, 1], as :attr:`TrackDescription.feeling`.
        tags: The most probable of all kinds, by kind: "genre", "mood", "voice", "era", "instrument" or
            "sound".
    """

    start: float
    end: float
    feeling: VA
    tags: dict[str, tuple[Tag, ...]]


@dataclass(frozen=True)
class Stem:
    """What one of the separated sources of a recording holds.

    Attributes:
        name: As the separating model calls it: "drums", "bass", "vocals", "other", ...
        loudness: In LUFS; None if it is silent.
        instruments: Heard in it, the most probable first.
    """

    name: str
    loudness: float | None
    instruments: tuple[Tag, ...] = ()


@dataclass(frozen=True)
class LyricLine:
    """A line that is sung.

    Attributes:
        text: Without marks of time.
        start: Where it begins, in seconds; None if the file tells no times.
    """

    text: str
    start: float | None = None


@dataclass(frozen=True)
class TrackDescription:
    """What is in a recording.

    Tags of one kind come with the most probable first, and only those that are probable enough: any tuple may
    be empty.

    Attributes:
        path: The file, or what else the recording was called.
        duration: In seconds.
        content: What it is as a whole; genre, mood and key of what is not music mean little.
        genres: From MusiCNN's tags, such as "rock" or "jazz".
        moods: From MusiCNN's tags, such as "mellow", "sad" or "party".
        voice: From both taggers: "female voice", "male voice", "instrumental", "choir", "rap", ...
        instruments: From YAMNet's classes, such as "piano" or "violin".
        sounds: What YAMNet hears beside music, such as "speech", "applause", "rain" or "noise".
        words: Words of feeling that lie nearest, the nearest first.
        feeling: (valence, arousal) in [0, 1], percentiles among recordings of its kind; with a model without
            reference distributions the same as :attr:`va`.
        va: (valence, arousal) in [0, 1], the mean ratings that people are expected to give.
        tempo: Beats a minute; None without a beat. Half or double of what people tap is common.
        key: That fits best, such as "A minor"; None if none fits.
        key_margin: By how much its fit, a correlation, exceeds that of the next; see :attr:`key_is_clear`.
        key_second: The next.
        loudness: Integrated, in LUFS (ITU-R BS.1770, gated), of the mono mix played by two channels; None for
            silence.
        sections: In order; together they are the whole. At least one.
        eras: From MusiCNN's tags: "60s" to "00s", and "oldies".
        moments: What is heard window by window, in order.
        stems: Only where they were asked for.
        lyrics: Only where they were given.
        notes: What is to be said about the result, such as that the recording is too short for sections.
        model: Fingerprint of the model that heard it.
    """

    path: str
    duration: float
    content: Content
    genres: tuple[Tag, ...]
    moods: tuple[Tag, ...]
    voice: tuple[Tag, ...]
    instruments: tuple[Tag, ...]
    sounds: tuple[Tag, ...]
    words: tuple[str, ...]
    feeling: VA
    va: VA
    tempo: float | None
    key: str | None
    loudness: float | None
    sections: tuple[Section, ...]
    eras: tuple[Tag, ...] = ()
    moments: tuple[Moment, ...] = ()
    stems: tuple[Stem, ...] = ()
    lyrics: tuple[LyricLine, ...] = ()
    notes: tuple[str, ...] = ()
    model: str = ""
    key_margin: float | None = None
    key_second: str | None = None

    @property
    def key_is_clear(self) -> bool:
        """Whether the key fits clearly better than any other."""
        from va_space.generation.tags.key import LEAST_MARGIN

        return self.key_margin is not None and self.key_margin >= LEAST_MARGIN

    def section(self, label: str) -> Section | None:
        """The longest section with a label; "drop" and "climax" find each other, or a chorus.

        Returns:
            None if there is none.
        """
        for name in (label, *ALSO.get(label, ())):
            found = [section for section in self.sections if section.label == name]
            if found:
                return max(found, key=lambda section: section.duration)
        return None

    def section_at(self, seconds: float) -> Section:
        """The section that a time lies in; beyond the ends the first or the last."""
        before = [section for section in self.sections if section.start <= seconds]
        return before[-1] if before else self.sections[0]

    def to_dict(self) -> dict[str, object]:
        """Everything, as dictionaries, lists, texts and numbers."""
        return asdict(self)

    def to_json(self, indent: int | None = 2) -> str:
        """The same as JSON."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)
