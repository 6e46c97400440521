"""What a recording asks of a picture."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from va_space.generation.artwork.colour import Floats
from va_space.generation.artwork.palette import Palette, choose_palette
from va_space.generation.tags.description import Section, TrackDescription

# Words within the names of instruments, genres and voices, and the family that each belongs to.
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "keys": ("piano", "organ", "harpsichord", "keyboard", "accordion", "celesta"),
    "strings": ("violin", "cello", "string", "orchestra", "harp", "fiddle", "double bass", "classical"),
    "guitar": ("guitar", "banjo", "mandolin", "ukulele", "lute", "sitar", "country", "folk", "acoustic"),
    "heavy": ("metal", "hard rock", "punk", "distortion", "heavy", "scream", "grunge"),
    "drums": ("drum", "percussion", "cymbal", "snare", "tabla", "beat", "hip-hop", "hip hop", "rap", "dance"),
    "electronic": ("synth", "electro", "techno", "house", "trance", "ambient", "sampler", "theremin", "dub"),
    "wind": ("flute", "clarinet", "sax", "trumpet", "trombone", "horn", "brass", "oboe", "wind", "jazz"),
    "voice": ("voice", "vocal", "sing", "choir", "chant", "opera", "soul"),
}
FAMILIES = tuple(_FAMILIES)
COURSE = 96
_TEMPO = 100.0
# Of a description: what came later, which must not make other pictures of old seeds.
_NO_SEED = ("key_margin", "key_second")


@dataclass(frozen=True, eq=False)
class Direction:
    """What a recording asks of a picture.

    Attributes:
        valence: Percentile among recordings, in [0, 1].
        arousal: Likewise.
        tempo: Beats a minute.
        course: (COURSE,) energy over time in [0, 1], from begin to end.
        sections: (begin, end) of each as shares of the whole, and its energy in [0, 1].
        families: How clearly each of :data:`FAMILIES` is heard, in [0, 1].
        minor: Whether its key is a minor one; None without a key.
        palette: Its colours.
        seed: Of everything that is drawn by chance: of the user's seed and of what is heard.
        tags: Names of what is surely heard, the most probable first.
    """

    valence: float
    arousal: float
    tempo: float
    course: Floats
    sections: tuple[tuple[float, float, float], ...]
    families: Mapping[str, float]
    minor: bool | None
    palette: Palette
    seed: int
    tags: tuple[str, ...] = field(default=())

    def rng(self, part: int) -> np.random.Generator:
        """A source of chance of its own for each part of the work."""
        return np.random.default_rng([self.seed, part])

    def course_at(self, x: Floats) -> Floats:
        """Energy at places from 0, the begin, to 1, the end."""
        return np.interp(x, np.linspace(0, 1, COURSE), self.course).astype(np.float32)


def direction_of(description: TrackDescription, seed: int = 0, section: Section | None = None) -> Direction:
    """What a recording, or a section of it, asks of a picture.

    Args:
        description: Of the recording.
        seed: Another seed gives another picture.
        section: Whose feeling and instruments to go by; by default the whole.
    """
    valence, arousal = section.feeling if section else description.feeling
    instruments = (section.instruments if section else ()) or description.instruments
    tags = (*instruments, *description.genres, *description.moods, *description.voice)
    mixed = _mixed(description, seed, section)
    return Direction(
        valence=float(np.clip(valence, 0, 1)),
        arousal=float(np.clip(arousal, 0, 1)),
        tempo=description.tempo or _TEMPO,
        course=_course(description),
        sections=_sections(description),
        families=_families([(tag.name, tag.score) for tag in tags]),
        minor="minor" in description.key if description.key else None,
        palette=choose_palette(valence, arousal, np.random.default_rng([mixed, 1])),
        seed=mixed,
        tags=tuple(tag.name for tag in tags if tag.sure),
    )


def _mixed(description: TrackDescription, seed: int, section: Section | None) -> int:
    """One number of the user's seed and of what is heard, whatever the file is called."""
    told = replace(description, path="", notes=(), lyrics=(), model="").to_dict()
    counted = {name: each for name, each in told.items() if name not in _NO_SEED}
    heard = json.dumps(counted, ensure_ascii=False)
    part = f"{section.start}-{section.end}" if section else ""
    return int.from_bytes(hashlib.sha256(f"{seed}|{part}|{heard}".encode()).digest()[:8])


def _families(tags: list[tuple[str, float]]) -> dict[str, float]:
    found = dict.fromkeys(FAMILIES, 0.0)
    for name, score in tags:
        for family, words in _FAMILIES.items():
            if any(word in name.lower() for word in words):
                found[family] = max(found[family], float(score))
    return found


def _sections(description: TrackDescription) -> tuple[tuple[float, float, float], ...]:
    whole = max(description.duration, 1e-6)
    return tuple((each.start / whole, each.end / whole, each.energy) for each in description.sections)


def _course(description: TrackDescription) -> Floats:
    """Energy over time: that of the sections, and within them the arousal of moments."""
    x = np.linspace(0, 1, COURSE)
    sections = _sections(description) or ((0.0, 1.0, 0.5),)
    starts = np.array([begin for begin, _, _ in sections])
    energies = np.array([energy for _, _, energy in sections])
    stepped = energies[(np.searchsorted(starts, x, side="right") - 1).clip(0)]
    moments = description.moments
    if len(moments) > 1:
        middles = [(each.start + each.end) / 2 / max(description.duration, 1e-6) for each in moments]
        stepped = (stepped + np.interp(x, middles, [each.feeling[1] for each in moments])) / 2
    kernel = np.hanning(COURSE // 8 + 2)
    padded = np.pad(stepped, len(kernel) // 2, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")[:COURSE].astype(np.float32)
