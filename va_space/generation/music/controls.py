"""From a feeling to the controls of a composition.

What follows what is taken from the literature: mode, from Lydian to Phrygian, and register with valence;
tempo, density, loudness, articulation and rhythmic roughness with arousal (Ehrlich, Agres, Guan, Cheng 2019;
"AffectMachine-Classical", Agres, Dash, Chua 2023; Gabrielsson & Lindstrom 2010 for the single cues). Each
control is drawn about its value for the feeling, so that candidates differ and a judge has a choice.
"""

from dataclasses import dataclass, replace

from va_space.errors import ConfigError
from va_space.generation.music.rng import Chance
from va_space.generation.music.theory import MODES, Key, parse_key

SLOWEST, FASTEST = 40, 220
TEXTURES = ("chorale", "nocturne", "arpeggio", "alberti", "waltz", "strum", "ostinato", "stride", "toccata")
# Where each texture is at home: arousal, and how far from there it still fits.
_TEXTURE_AROUSAL = (0.08, 0.22, 0.38, 0.5, 0.42, 0.62, 0.82, 0.75, 0.95)
_TEXTURE_VALENCE = (0.45, 0.5, 0.5, 0.75, 0.65, 0.65, 0.25, 0.85, 0.35)
# Instruments by where they are at home: (valence, arousal), melody, harmony, bass.
_ENSEMBLES: tuple[tuple[tuple[float, float], tuple[str, ...]], ...] = (
    ((0.5, 0.5), ("piano",)),
    ((0.3, 0.15), ("cello", "strings")),
    ((0.5, 0.2), ("violin", "strings", "cello")),
    ((0.7, 0.2), ("flute", "harp")),
    ((0.75, 0.3), ("guitar",)),
    ((0.35, 0.3), ("clarinet", "guitar")),
    ((0.7, 0.15), ("vibraphone", "electric piano")),
    ((0.6, 0.45), ("flute", "piano")),
    ((0.85, 0.75), ("piano", "bass", "percussion")),
    ((0.8, 0.9), ("flute", "guitar", "bass", "percussion")),
    ((0.2, 0.85), ("strings", "piano", "cello", "percussion")),
    ((0.3, 0.95), ("piano", "strings", "bass", "percussion")),
)


@dataclass(frozen=True)
class Controls:
    """What a phrase is to be like.

    Attributes:
        valence: Asked for, in [0, 1], 0.5 in the middle of what there is.
        arousal: Likewise.
        key: Tonic and mode.
        tempo: Quarter notes a minute.
        beats: Quarter notes a bar, 3 or 4.
        texture: A name of :data:`TEXTURES`.
        instruments: Melody first, then harmony, bass, percussion, as far as there are.
        division: Notes of the accompaniment in a quarter note, 1 to 4.
        busy: How often the melody moves, in [0, 1].
        centre: Semitones up or down from the middle, the same for the whole piece.
        register: The same with what the feeling adds.
        velocity: Mean loudness, 1-127.
        articulation: Share of its time that a note sounds, 0.35 (staccato) to 1.1 (legato).
        dissonance: In [0, 1]: sevenths, seconds, rough intervals.
        rubato: Freedom of tempo and timing, in [0, 1].
        thickness: Notes a chord, 2 to 5.
    """

    valence: float
    arousal: float
    key: Key
    tempo: int
    beats: int
    texture: str
    instruments: tuple[str, ...]
    division: int
    busy: float
    centre: int
    register: int
    velocity: int
    articulation: float
    dissonance: float
    rubato: float
    thickness: int


@dataclass(frozen=True)
class Wishes:
    """What is asked for beside a feeling; None leaves it to the feeling.

    Attributes:
        tempo: Quarter notes a minute, 40 to 220.
        key: Such as "F# minor"; see :func:`parse_key`.
        instruments: Names of instruments, the melody's first.

    Raises:
        ConfigError: The tempo is out of range.
    """

    tempo: int | None = None
    key: Key | None = None
    instruments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tempo is not None and not SLOWEST <= self.tempo <= FASTEST:
            raise ConfigError(
                f"a tempo of {self.tempo} is none: {SLOWEST} to {FASTEST} quarter notes a minute"
            )

    @classmethod
    def read(cls, tempo: int | None, key: str | None, instruments: tuple[str, ...]) -> "Wishes":
        """Wishes as people write them.

        Raises:
            ConfigError: A tempo, key or instrument that there is not.
        """
        from va_space.generation.music.instruments import parse_instruments

        return cls(tempo, parse_key(key) if key else None, parse_instruments(instruments))


def draw_controls(valence: float, arousal: float, chance: Chance, wishes: Wishes, spread: float) -> Controls:
    """Controls for a feeling.

    Args:
        valence: In [0, 1].
        arousal: In [0, 1].
        chance: Where the choice comes from.
        wishes: What is fixed.
        spread: How far from the feeling a control may be drawn: the standard deviation, in its [0, 1].
    """
    v = _unit(valence + chance.bell(spread))
    a = _unit(arousal + chance.bell(spread))
    texture = _texture(v, a, chance)
    instruments = wishes.instruments or _ensemble(v, a, chance)
    beats = 3 if texture == "waltz" or (texture in ("arpeggio", "nocturne") and chance.happens(0.25)) else 4
    drawn = Controls(
        valence=valence,
        arousal=arousal,
        key=wishes.key or Key(int(12 * chance.random()), "major"),
        tempo=wishes.tempo or 100,
        beats=beats,
        texture=texture,
        instruments=instruments,
        division=1,
        busy=0.0,
        centre=round(chance.bell(3.5)),
        register=0,
        velocity=64,
        articulation=1.0,
        dissonance=0.0,
        rubato=0.0,
        thickness=3,
    )
    return follow(drawn, v, a, chance, wishes)


def follow(drawn: Controls, valence: float, arousal: float, chance: Chance, wishes: Wishes) -> Controls:
    """The same composition's controls at a feeling: tonic, metre and instruments stay."""
    v, a = _unit(valence), _unit(arousal)
    pace = 58 + 90 * a + 26 * (v - 0.5) + chance.bell(9)
    tempo = wishes.tempo or round(min(FASTEST - 20, max(SLOWEST, pace)))
    mode = wishes.key.mode if wishes.key else _mode(v, chance)
    speed = a + chance.bell(0.12)
    division = 1 if speed < 0.2 else 2 if speed < 0.62 else 4 if tempo < 112 else 2
    if division == 2 and drawn.beats == 4 and chance.happens(0.15):
        division = 3
    return replace(
        drawn,
        key=Key(drawn.key.tonic, mode),
        tempo=tempo,
        division=division,
        busy=_unit(0.1 + 0.75 * a + chance.bell(0.1)),
        register=drawn.centre + round(18 * (v - 0.5) - 9 * (a - 0.5)),
        velocity=round(min(112, max(34, 40 + 62 * a - 6 * (v - 0.5) + chance.bell(5)))),
        articulation=min(1.1, max(0.35, 1.04 - 0.18 * a - 0.45 * (v - 0.5) + chance.bell(0.12))),
        dissonance=_unit(0.75 - 0.85 * v + 0.15 * (a - 0.5) + chance.bell(0.12)),
        rubato=_unit(0.85 - 0.6 * a + chance.bell(0.15)),
        thickness=min(5, max(2, round(3.0 + 1.5 * a + chance.bell(0.7)))),
    )


def _mode(valence: float, chance: Chance) -> str:
    names = tuple(MODES)
    # The middle of the plane has the modes between major and minor; both ends have several to vary.
    place = (1 - valence) * (len(names) - 1) + chance.bell(0.6)
    return names[min(len(names) - 1, max(0, round(place)))]


def _texture(valence: float, arousal: float, chance: Chance) -> str:
    nearness = [
        1 / (0.02 + (arousal - at) * (arousal - at) * 2.2 + (valence - on) * (valence - on) * 0.5)
        for at, on in zip(_TEXTURE_AROUSAL, _TEXTURE_VALENCE, strict=True)
    ]
    return chance.weighted(TEXTURES, [near * near for near in nearness])


def _ensemble(valence: float, arousal: float, chance: Chance) -> tuple[str, ...]:
    weights = [2.0]  # a piano fits everywhere
    for (v, a), _ in _ENSEMBLES[1:]:
        near = 1 / (0.05 + (valence - v) * (valence - v) + (arousal - a) * (arousal - a))
        weights.append(near * near / 100)
    return chance.weighted([names for _, names in _ENSEMBLES], weights)


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
