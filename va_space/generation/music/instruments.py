"""The instruments there are: what they may play, and how MIDI and the synthesiser know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from va_space.errors import ConfigError


@dataclass(frozen=True)
class Instrument:
    """An instrument.

    Attributes:
        program: Of General MIDI, 0-127.
        family: Of its texture: piano, strings, plucked, woodwind, percussion.
        low: Lowest pitch.
        high: Highest pitch.
        sustains: Whether a note goes on until it ends, instead of dying away.
        pan: -1 left to 1 right.
    """

    program: int
    family: str
    low: int
    high: int
    sustains: bool
    pan: float = 0.0


INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "piano": Instrument(0, "piano", 24, 103, False),
        "electric piano": Instrument(4, "piano", 28, 100, False, -0.1),
        "strings": Instrument(48, "strings", 33, 96, True, 0.15),
        "violin": Instrument(40, "strings", 55, 98, True, 0.25),
        "cello": Instrument(42, "strings", 36, 76, True, -0.25),
        "guitar": Instrument(24, "plucked", 40, 84, False, -0.2),
        "harp": Instrument(46, "plucked", 28, 100, False, 0.2),
        "bass": Instrument(32, "plucked", 28, 60, False, 0.0),
        "flute": Instrument(73, "woodwind", 60, 96, True, 0.15),
        "clarinet": Instrument(71, "woodwind", 50, 91, True, -0.15),
        "vibraphone": Instrument(11, "mallets", 53, 89, False, 0.3),
        "percussion": Instrument(0, "percussion", 35, 81, False),
    }
)
"""Every instrument by its name."""

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "plucked": "guitar",
        "woodwind": "flute",
        "woodwinds": "flute",
        "mallets": "vibraphone",
        "drums": "percussion",
    }
)
"""Other names that are understood, with the instrument that each stands for."""


def parse_instruments(names: Sequence[str]) -> tuple[str, ...]:
    """Names as people write them to names of :data:`INSTRUMENTS`, each once.

    Raises:
        ConfigError: A name is not known, or there is nothing but percussion.

    >>> parse_instruments(["Piano", "woodwind"])
    ('piano', 'flute')
    """
    found: list[str] = []
    for name in names:
        plain = " ".join(name.casefold().replace("-", " ").replace("_", " ").split())
        plain = FAMILIES.get(plain, plain)
        if plain not in INSTRUMENTS:
            there = ", ".join([*INSTRUMENTS, *FAMILIES])
            raise ConfigError(f"no instrument {name!r}; there are {there}")
        if plain not in found:
            found.append(plain)
    if found and set(found) == {"percussion"}:
        raise ConfigError("percussion alone has no melody and no harmony: add an instrument to it")
    return tuple(found)
