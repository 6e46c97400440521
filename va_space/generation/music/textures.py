"""Accompaniments: what harmony and bass play while a chord lasts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from va_space.generation.music.controls import Controls
from va_space.generation.music.rng import Chance
from va_space.generation.music.score import TICKS, Note


@dataclass(frozen=True)
class Span:
    """A chord while it lasts.

    Attributes:
        start: First tick.
        beats: Quarter notes.
        chord: Ascending pitches of the harmony.
        bass: Pitch of the bass.
        fifth: Another pitch for the bass.
        controls: Of the phrase.
    """

    start: int
    beats: int
    chord: tuple[int, ...]
    bass: int
    fifth: int
    controls: Controls

    def harmony(self, at: int, length: int, pitches: tuple[int, ...], louder: int = 0) -> list[Note]:
        """A chord or a note of the harmony, ``at`` ticks after the start."""
        sounding = max(20, round(length * self.controls.articulation))
        velocity = self.controls.velocity - 9 + louder
        return [Note(self.start + at, pitch, sounding, velocity) for pitch in pitches]

    def low(self, at: int, length: int, pitch: int, louder: int = 0) -> Note:
        """A note of the bass."""
        sounding = max(30, round(length * min(1.0, self.controls.articulation + 0.1)))
        return Note(self.start + at, pitch, sounding, self.controls.velocity - 3 + louder)


Lines = tuple[list[Note], list[Note]]  # harmony, bass


def _chorale(span: Span, chance: Chance) -> Lines:
    whole = span.beats * TICKS
    held = replace(span, controls=replace(span.controls, articulation=max(0.95, span.controls.articulation)))
    if span.controls.division == 1 or span.beats < 4:
        return held.harmony(0, whole, span.chord), [held.low(0, whole, span.bass)]
    half = whole // 2
    again = held.harmony(half, half, span.chord[1:], -4)
    return held.harmony(0, half, span.chord) + again, [
        held.low(0, half, span.bass),
        held.low(half, half, span.fifth, -4),
    ]


def _nocturne(span: Span, chance: Chance) -> Lines:
    step = TICKS // max(1, min(2, span.controls.division))
    tones = (*span.chord, span.chord[0] + 12, *span.chord[:0:-1])
    harmony = []
    for number, at in enumerate(range(step, span.beats * TICKS, step)):
        tone = tones[number % len(tones)]
        harmony += span.harmony(at, min(2 * step, span.beats * TICKS - at), (tone,), -3 * (number % 2))
    return harmony, [span.low(0, span.beats * TICKS, span.bass)]


def _arpeggio(span: Span, chance: Chance) -> Lines:
    step = TICKS // max(1, span.controls.division)
    up = (*span.chord, span.chord[0] + 12)
    shape = chance.choice((up, up + up[-2:0:-1], up[::-1], (up[0], up[2], up[1], *up[2:])))
    harmony = []
    for number, at in enumerate(range(0, span.beats * TICKS, step)):
        if number and chance.happens(0.06):
            continue
        harmony += span.harmony(
            at, step + step // 2, (shape[number % len(shape)],), 4 if at % TICKS == 0 else 0
        )
    return harmony, [span.low(0, span.beats * TICKS, span.bass)]


def _alberti(span: Span, chance: Chance) -> Lines:
    step = TICKS // max(2, min(4, span.controls.division))
    low, *_, high = span.chord
    middle = span.chord[len(span.chord) // 2]
    shape = (low, high, middle, high)
    harmony = []
    for number, at in enumerate(range(0, span.beats * TICKS, step)):
        harmony += span.harmony(at, step, (shape[number % 4],), 3 if number % 4 == 0 else -2)
    return harmony, [span.low(0, 2 * TICKS, span.bass)]


def _waltz(span: Span, chance: Chance) -> Lines:
    harmony = []
    for beat in range(1, span.beats):
        if span.controls.division > 1 and chance.happens(0.25):
            harmony += span.harmony(beat * TICKS, TICKS // 2, span.chord[1:])
            harmony += span.harmony(beat * TICKS + TICKS // 2, TICKS // 2, span.chord[:1], -4)
        else:
            harmony += span.harmony(beat * TICKS, TICKS, span.chord, -2)
    return harmony, [span.low(0, TICKS + TICKS // 2, span.bass, 3)]


_STRUMS = (
    (0, 3, 6, 10, 12),
    (0, 4, 6, 10, 14),
    (0, 6, 8, 14),
    (0, 2, 4, 7, 10, 12, 14),
    (0, 3, 6, 8, 11, 14),
)


def _strum(span: Span, chance: Chance) -> Lines:
    """Chords on a syncopated grid of sixteenth notes."""
    quarter, total = TICKS // 4, span.beats * 4
    hits = [place for place in chance.choice(_STRUMS) if place < total]
    harmony = []
    for place, following in zip(hits, [*hits[1:], total], strict=True):
        pitches = span.chord if place % 4 == 0 or chance.happens(0.6) else span.chord[1:]
        harmony += span.harmony(
            place * quarter, (following - place) * quarter, pitches, 3 if place == 0 else 0
        )
    bass = [span.low(0, 2 * TICKS, span.bass)]
    if span.beats == 4:
        bass.append(span.low(2 * TICKS + TICKS // 2, TICKS, chance.choice((span.bass, span.fifth))))
    return harmony, bass


def _ostinato(span: Span, chance: Chance) -> Lines:
    step = TICKS // max(2, span.controls.division)
    low, high = span.chord[0], span.chord[-1]
    middle = span.chord[1:] if span.controls.thickness > 3 else span.chord[1:2]
    harmony, bass = [], []
    for number, at in enumerate(range(0, span.beats * TICKS, step)):
        pitches = middle if number % 3 != 2 else (high,)
        if number % 4 != 3 or chance.happens(0.8):
            harmony += span.harmony(at, step, pitches, 5 if number % 4 == 0 else -3)
        if number % 2 == 0:
            bass.append(span.low(at, step, span.bass if number % 8 != 6 else span.fifth, 2))
    if chance.happens(0.4):
        harmony += span.harmony(0, TICKS, (low,), 2)
    return harmony, bass


def _stride(span: Span, chance: Chance) -> Lines:
    harmony, bass = [], []
    for beat in range(span.beats):
        if beat % 2 == 0:
            bass.append(span.low(beat * TICKS, TICKS, span.bass if beat == 0 else span.fifth, 2))
        else:
            harmony += span.harmony(beat * TICKS, TICKS // 2, span.chord)
        if span.controls.division > 2 and chance.happens(0.45):
            harmony += span.harmony(beat * TICKS + TICKS // 2, TICKS // 2, span.chord[1:], -3)
    return harmony, bass


def _toccata(span: Span, chance: Chance) -> Lines:
    step = TICKS // max(2, span.controls.division)
    tones = (*span.chord, span.chord[0] + 12, span.chord[1] + 12)
    harmony, bass, place = [], [], int(3 * chance.random())
    for number, at in enumerate(range(0, span.beats * TICKS, step)):
        place = (place + chance.weighted((1, -1, 2, -2), (3, 2, 1, 1))) % len(tones)
        pitches = (tones[place], tones[(place + 2) % len(tones)]) if number % 4 == 0 else (tones[place],)
        harmony += span.harmony(at, step, tuple(sorted(set(pitches))), 6 if number % 4 == 0 else 0)
    for beat in range(span.beats):
        bass.append(span.low(beat * TICKS, TICKS, span.bass, 4))
        bass.append(span.low(beat * TICKS, TICKS, span.bass - 12 if span.bass >= 40 else span.bass + 12, 0))
        if chance.happens(0.4):
            bass.append(span.low(beat * TICKS + TICKS // 2, TICKS // 2, span.fifth, -2))
    return harmony, bass


TEXTURE_LINES: Mapping[str, Callable[[Span, Chance], Lines]] = MappingProxyType(
    {
        "chorale": _chorale,
        "nocturne": _nocturne,
        "arpeggio": _arpeggio,
        "alberti": _alberti,
        "waltz": _waltz,
        "strum": _strum,
        "ostinato": _ostinato,
        "stride": _stride,
        "toccata": _toccata,
    }
)
"""What each of :data:`va_space.generation.music.controls.TEXTURES` plays."""


def closing(span: Span) -> Lines:
    """The last chord of a piece: held, on its root."""
    whole = span.beats * TICKS
    held = replace(span, controls=replace(span.controls, articulation=1.0))
    return held.harmony(0, whole, span.chord), [held.low(0, whole, span.bass)]


KICK, RIM, SNARE, LOW_TOM, CLOSED_HAT, OPEN_HAT, SHAKER = 36, 37, 38, 45, 42, 46, 70


def drums(start: int, beats: int, controls: Controls, chance: Chance, *, fill: bool) -> list[Note]:
    """A bar of percussion: the more aroused, the fuller; the less pleasant, the lower.

    Args:
        start: First tick.
        beats: Quarter notes in the bar.
        controls: Of the phrase.
        chance: Where the choice comes from.
        fill: The bar ends a phrase.
    """
    loud, half = controls.velocity - 8, TICKS // 2
    dark = controls.valence < 0.4
    notes = []
    for beat in range(beats):
        at = start + beat * TICKS
        if beat % 2 == 0:
            notes.append(Note(at, KICK, half, loud + 6))
        elif controls.arousal > 0.45:
            notes.append(Note(at, LOW_TOM if dark and chance.happens(0.4) else SNARE, half, loud + 2))
        else:
            notes.append(Note(at, RIM, half, loud - 14))
        if chance.happens(0.3 * controls.arousal):
            notes.append(Note(at + half, KICK, half, loud))
        ticks = half if controls.division < 4 or controls.tempo > 125 else TICKS // 4
        for off in range(0, TICKS, ticks):
            pitch = (
                SHAKER
                if controls.arousal < 0.5
                else OPEN_HAT
                if off == half and chance.happens(0.1)
                else CLOSED_HAT
            )
            notes.append(Note(at + off, pitch, ticks, loud - 12 - (6 if off else 0)))
    if fill:
        for number in range(4):
            at = start + (beats - 1) * TICKS + number * TICKS // 4
            notes.append(
                Note(at, SNARE if number < 2 and not dark else LOW_TOM, TICKS // 4, loud + 2 * number)
            )
    return notes


def last_hit(start: int, controls: Controls) -> list[Note]:
    """The percussion of the last bar: one stroke with the last chord."""
    loud = controls.velocity - 8
    return [Note(start, KICK, TICKS, loud + 4), Note(start, OPEN_HAT, TICKS, loud - 10)]
