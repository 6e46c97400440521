"""Scales, keys and chords as whole numbers: pitch classes from C, degrees from 0."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from va_space.errors import ConfigError

MODES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "lydian": (0, 2, 4, 6, 7, 9, 11),
        "major": (0, 2, 4, 5, 7, 9, 11),
        "mixolydian": (0, 2, 4, 5, 7, 9, 10),
        "dorian": (0, 2, 3, 5, 7, 9, 10),
        "minor": (0, 2, 3, 5, 7, 8, 10),
        "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
        "phrygian": (0, 1, 3, 5, 7, 8, 10),
    }
)
"""Scales in semitones from the tonic, the brightest first."""

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LETTERS = MappingProxyType({"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11})
_KEY = re.compile(r"\s*([A-Ga-g])([#b♯♭]?)\s*(.*?)\s*")
_SHORT = MappingProxyType(
    {"": "major", "maj": "major", "m": "minor", "min": "minor", "ionian": "major", "aeolian": "minor"}
)


@dataclass(frozen=True)
class Key:
    """A tonic and a mode.

    Attributes:
        tonic: Pitch class, 0 is C.
        mode: A name of :data:`MODES`.
    """

    tonic: int
    mode: str

    @property
    def name(self) -> str:
        """Such as "C major"."""
        return f"{TONICS[self.tonic]} {self.mode}"

    @property
    def minor(self) -> bool:
        """Whether its third is minor."""
        return MODES[self.mode][2] == 3

    def pitch(self, degree: int, octave: int = 0) -> int:
        """Semitones from C0 of a degree of the scale; degree 7 is the tonic an octave higher."""
        up, step = divmod(degree, 7)
        return self.tonic + MODES[self.mode][step] + 12 * (up + octave)


def parse_key(text: str) -> Key:
    """A key as people write it.

    Raises:
        ConfigError: It is none.

    >>> parse_key("f# minor").name, parse_key("Bb").name, parse_key("Dm").name
    ('F# minor', 'Bb major', 'D minor')
    """
    match = _KEY.fullmatch(text)
    mode = None
    if match:
        rest = " ".join(match[3].casefold().replace("-", " ").split())
        mode = _SHORT.get("m" if match[3] == "m" else rest, rest)
    if match is None or mode is None or mode not in MODES:
        raise ConfigError(
            f"no key {text!r}; write a letter A to G, # or b, and one of {', '.join(MODES)}, "
            "such as 'C major', 'F# minor' or 'D dorian'"
        )
    sign = {"#": 1, "♯": 1, "b": -1, "♭": -1, "": 0}[match[2]]
    return Key((_LETTERS[match[1].upper()] + sign) % 12, mode)


@dataclass(frozen=True)
class Chord:
    """A chord on a degree of a key.

    Attributes:
        key: The key.
        degree: Of its root, 0-6.
        extra: Further thirds above the triad (6 is the seventh, 8 the ninth), or 1 or 3 for a second or
            fourth in the place of the third, as degrees above the root.
        raised: Whether the seventh degree of the key is raised, as in the dominant of a minor key.
    """

    key: Key
    degree: int
    extra: tuple[int, ...] = ()
    raised: bool = False

    @property
    def classes(self) -> tuple[int, ...]:
        """Pitch classes, the root first."""
        suspended = [step for step in self.extra if step in (1, 3)]
        steps = [0, *(suspended or [2]), 4, *(step for step in self.extra if step > 4)]
        return tuple(dict.fromkeys(self._class(step) for step in steps))

    def _class(self, step: int) -> int:
        degree = (self.degree + step) % 7
        lift = self.raised and degree == 6 and MODES[self.key.mode][6] == 10
        return (self.key.pitch(degree) + lift) % 12

    @property
    def root(self) -> int:
        """Pitch class of the root."""
        return self._class(0)

    @property
    def name(self) -> str:
        """Such as "Am7"."""
        third, fifth = ((self._class(step) - self.root) % 12 for step in (2, 4))
        quality = {(4, 7): "", (3, 7): "m", (3, 6): "dim", (4, 8): "aug"}.get((third, fifth), "")
        if 1 in self.extra or 3 in self.extra:
            quality = "sus2" if 1 in self.extra else "sus4"
        seventh = ""
        if 6 in self.extra:
            seventh = "maj7" if (self._class(6) - self.root) % 12 == 11 else "7"
        return f"{TONICS[self.root]}{quality}{seventh}" + ("add9" if 8 in self.extra else "")
