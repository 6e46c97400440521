"""How a player plays what is written: rubato, timing, dynamics, rolled chords, pedal."""

from collections.abc import Sequence
from itertools import pairwise

from va_space.generation.music.controls import Controls
from va_space.generation.music.instruments import INSTRUMENTS
from va_space.generation.music.rng import Chance
from va_space.generation.music.score import TICKS, Note, joined

_MINUTE = 60_000_000  # microseconds


def beat_paces(controls: Controls, beats: int, chance: Chance, *, last: bool) -> list[int]:
    """Microseconds of each quarter note of a phrase: it starts gently, flows, and slows down at its end.

    On the whole the phrase keeps its tempo.
    """
    freedom, drift, shapes = controls.rubato, 0.0, []
    for beat in range(beats):
        place = (beat + 0.5) / beats
        arch = (place - 0.5) * (place - 0.5) * 4  # 1 at both ends, 0 in the middle
        drift = 0.7 * drift + chance.bell(0.035 * freedom)
        shapes.append(1 + freedom * (0.14 * arch * arch + 0.06 * arch) + drift)
    scale = beats / sum(shapes)
    if last:  # and the last bar broadens on top of it
        for back in range(min(controls.beats, beats)):
            shapes[-1 - back] *= 1 + (0.12 + 0.3 * freedom) * (controls.beats - back) / controls.beats
    return [round(_MINUTE / controls.tempo * shape * scale) for shape in shapes]


def play(
    notes: Sequence[Note], controls: Controls, start: int, length: int, instrument: str, chance: Chance
) -> list[Note]:
    """Written notes as one player plays them.

    Args:
        notes: Of one role (melody, harmony, bass) in one phrase.
        controls: Of the phrase.
        start: Tick at which the phrase starts.
        length: Its ticks.
        instrument: Who plays.
        chance: Where the freedom comes from.

    Returns:
        Notes with other starts, lengths and velocities, within the instrument's range.
    """
    kind = INSTRUMENTS[instrument]
    ticks = TICKS * controls.tempo / 60  # a second
    spread = (0.006 + 0.011 * controls.rubato) * ticks
    roll = (0.004 + 0.022 * controls.rubato * (kind.family in ("piano", "plucked"))) * ticks
    bar = controls.beats * TICKS
    played, chord_start, number = [], -1, 0
    late = 0.0
    for note in sorted(notes):
        if note.start != chord_start:
            chord_start, number = note.start, 0
            late = chance.bell(spread)
        moved = max(0, round(note.start + late + number * roll + chance.bell(0.15 * spread)))
        number += 1
        place = (note.start - start) / length
        arch = 8 - 32 * (place - 0.55) * (place - 0.55)
        beat = 5 if (note.start - start) % bar == 0 else 1 if (note.start - start) % TICKS == 0 else -3
        velocity = round(note.velocity + arch + beat + chance.bell(3.5))
        played.append(
            Note(moved, fold(note.pitch, kind.low, kind.high), note.length, min(124, max(18, velocity)))
        )
    return played


def fold(pitch: int, low: int, high: int) -> int:
    """The pitch, moved by octaves into a range of at least one."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def pedals(changes: Sequence[int], end: int) -> tuple[tuple[int, int], ...]:
    """A pedal that is pressed just after each change of harmony and let go just before the next."""
    edges = [*changes, end]
    gap = TICKS // 16
    return tuple(
        (now + gap, following - gap) for now, following in pairwise(edges) if following - now > 4 * gap
    )


def finished(notes: Sequence[Note]) -> tuple[Note, ...]:
    """A part's notes in order, none on top of itself."""
    return joined(notes)
