"""Melodies made of motifs: a rhythm and a contour that come back, varied."""

from dataclasses import dataclass

from va_space.generation.music.controls import Controls
from va_space.generation.music.rng import Chance
from va_space.generation.music.score import TICKS, Note
from va_space.generation.music.theory import Chord

# Rhythms of a quarter note in twelfths of it, by how busy they are; a rest is negative.
_CELLS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.0, (12,)),
    (0.35, (-6, 6)),
    (0.45, (6, 6)),
    (0.55, (9, 3)),
    (0.6, (8, 4)),
    (0.75, (6, 3, 3)),
    (0.8, (3, 3, 6)),
    (0.8, (4, 4, 4)),
    (0.85, (3, 6, 3)),
    (1.0, (3, 3, 3, 3)),
)
_TWELFTH = TICKS // 12


@dataclass(frozen=True)
class Motif:
    """A bar of melody without its harmony.

    Attributes:
        rhythm: (start, length) in ticks within the bar.
        steps: Degrees from each note to the next, one for each note; the first from the bar's anchor.
    """

    rhythm: tuple[tuple[int, int], ...]
    steps: tuple[int, ...]


def draw_motif(controls: Controls, chance: Chance) -> Motif:
    """A motif of one bar."""
    rhythm: list[tuple[int, int]] = []
    at, end = 0, controls.beats * TICKS
    while at < end:
        if chance.happens(0.62 * (1 - controls.busy)) and at + 2 * TICKS <= end:
            length = 3 * TICKS if chance.happens(0.3) and at + 3 * TICKS <= end else 2 * TICKS
            rhythm.append((at, length))
            at += length
            continue
        weights = [1 / (0.06 + (busy - controls.busy) * (busy - controls.busy)) for busy, _ in _CELLS]
        for twelfths in chance.weighted([cell for _, cell in _CELLS], weights):
            length = abs(twelfths) * _TWELFTH
            if twelfths > 0:
                rhythm.append((at, length))
            at += length
    if len(rhythm) > 2 and chance.happens(0.3):  # breathe, or tie over
        del rhythm[1 + int(chance.random() * (len(rhythm) - 1))]
    return Motif(tuple(rhythm), tuple(_step(controls, chance) for _ in rhythm))


def _step(controls: Controls, chance: Chance) -> int:
    size = chance.weighted(
        (0, 1, 2, 3, 4, 5), (0.5, 4, 2.2, 0.9, 0.5 * controls.arousal, 0.4 * controls.arousal)
    )
    upwards = 0.44 + 0.14 * controls.valence
    return size if chance.happens(upwards) else -size


def varied(motif: Motif, controls: Controls, chance: Chance) -> Motif:
    """The same motif, with a few notes changed."""
    steps = list(motif.steps)
    for place in range(len(steps)):
        if chance.happens(0.3):
            steps[place] = _step(controls, chance)
    rhythm = list(motif.rhythm)
    splits = [place for place, (_, length) in enumerate(rhythm) if length >= TICKS and length % 2 == 0]
    if splits and chance.happens(0.4 * controls.busy + 0.1):
        place = chance.choice(splits)
        start, length = rhythm[place]
        rhythm[place : place + 1] = [(start, length // 2), (start + length // 2, length // 2)]
        steps.insert(place + 1, 1 if chance.happens(0.5) else -1)
    return Motif(tuple(rhythm), tuple(steps))


def cadence_motif(controls: Controls, chance: Chance) -> Motif:
    """The bar that ends a phrase: it comes to rest."""
    beats = controls.beats
    if chance.happens(0.5) and beats > 2:
        return Motif(((0, TICKS), (TICKS, (beats - 1) * TICKS)), (0, -1 if chance.happens(0.6) else 1))
    return Motif(((0, beats * TICKS),), (0,))


def sing(
    motif: Motif, chord: Chord, start: int, pitch: int, low: int, high: int, velocity: int, *, rests: bool
) -> tuple[list[Note], int]:
    """Put a motif on a chord.

    Args:
        motif: What to sing.
        chord: Its harmony.
        start: Tick of the bar.
        pitch: Where the melody is.
        low: Lowest pitch.
        high: Highest pitch.
        velocity: Of the notes.
        rests: The last note is a note of the tonic chord: the music comes to rest.

    Returns:
        Notes, and where the melody is now.
    """
    notes = []
    scale = [p for p in range(low, high + 1) if (p - chord.key.tonic) % 12 in _scale(chord)]
    within = [p for p in scale if p % 12 in chord.classes] or scale
    for place, ((at, length), step) in enumerate(zip(motif.rhythm, motif.steps, strict=True)):
        index = min(range(len(scale)), key=lambda i: (abs(scale[i] - pitch), i))
        target = index + step
        if not 0 <= target < len(scale):
            target = index - step  # a voice that would leave its range turns back
        target = scale[min(len(scale) - 1, max(0, target))]
        strong = at % (2 * TICKS) == 0 or length >= 2 * TICKS
        last = rests and place == len(motif.rhythm) - 1
        if strong or last:
            pool = [p for p in within if p % 12 == chord.root] if last else within
            target = min(pool or within, key=lambda p: (abs(p - target), p))
        notes.append(Note(start + at, target, length, velocity))
        pitch = target
    return notes, pitch


def _scale(chord: Chord) -> frozenset[int]:
    """Semitones above the tonic that fit, the raised seventh of a dominant among them."""
    key = chord.key
    raised = chord.raised
    return frozenset(
        (key.pitch(degree) - key.tonic + (raised and degree == 6 and key.mode != "harmonic minor")) % 12
        for degree in range(7)
    )
