"""Chord progressions of a phrase, and voices that move as little as they can."""

from itertools import pairwise, product

from va_space.generation.music.controls import Controls
from va_space.generation.music.rng import Chance
from va_space.generation.music.theory import Chord, Key

# Progressions by degree (0 is the tonic), of the character of each mode; a phrase's last chords come from
# _CADENCES.
_PROGRESSIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "lydian": ((0, 1, 0, 1), (0, 1, 6, 5), (0, 4, 1, 0), (0, 2, 5, 1)),
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (0, 2, 3, 4), (0, 5, 1, 4), (0, 3, 0, 4)),
    "mixolydian": ((0, 6, 3, 0), (0, 3, 6, 0), (0, 4, 6, 3), (0, 6, 0, 3)),
    "dorian": ((0, 3, 0, 6), (0, 3, 2, 3), (0, 6, 3, 0), (0, 1, 0, 3)),
    "minor": ((0, 5, 2, 6), (0, 3, 5, 4), (0, 6, 5, 4), (0, 4, 3, 0), (0, 2, 6, 3)),
    "harmonic minor": ((0, 3, 4, 0), (0, 5, 1, 4), (0, 4, 0, 4), (0, 5, 3, 4), (0, 1, 4, 0)),
    "phrygian": ((0, 1, 0, 6), (0, 1, 2, 1), (0, 6, 1, 0), (0, 3, 1, 0), (0, 5, 1, 0)),
}
_CADENCES: dict[str, tuple[int, int]] = {
    "lydian": (1, 0),
    "major": (4, 0),
    "mixolydian": (6, 0),
    "dorian": (3, 0),
    "minor": (4, 0),
    "harmonic minor": (4, 0),
    "phrygian": (1, 0),
}
_SUBSTITUTES = {0: (5, 2), 3: (1, 5), 4: (6, 2), 5: (3, 0), 1: (3,), 2: (5, 0), 6: (4,)}


def progression(controls: Controls, bars: int, chance: Chance, *, closes: bool) -> list[Chord]:
    """A chord a bar.

    Args:
        controls: Of the phrase.
        bars: How many, at least 1.
        chance: Where the choice comes from.
        closes: The phrase ends on the tonic; else it stays open.
    """
    key = controls.key
    base = chance.choice(_PROGRESSIONS[key.mode])
    degrees = [base[bar % 4] for bar in range(bars)]
    for bar in range(1, bars):
        if chance.happens(0.18):
            degrees[bar] = chance.choice(_SUBSTITUTES[degrees[bar]])
    if closes:
        before, last = _CADENCES[key.mode]
        degrees[-1] = last
        if bars > 1:
            degrees[-2] = before
    elif bars > 1 and degrees[-1] == 0:
        degrees[-1] = _CADENCES[key.mode][0]
    last = len(degrees) - 1
    return [
        _coloured(key, degree, controls, chance, plain=closes and bar == last)
        for bar, degree in enumerate(degrees)
    ]


def _coloured(key: Key, degree: int, controls: Controls, chance: Chance, *, plain: bool) -> Chord:
    """A chord with the colours that the feeling allows."""
    raised = degree == 4 and key.minor and key.mode != "phrygian" and key.mode != "dorian"
    if plain:
        return Chord(key, degree, (), raised)
    extra: list[int] = []
    if chance.happens(0.12 + 0.5 * controls.dissonance):
        extra.append(6)
    if chance.happens(0.3 * controls.dissonance):
        extra.append(8)
    if not extra and chance.happens(0.1):
        extra.append(3 if chance.happens(0.5) else 1)
    return Chord(key, degree, tuple(extra), raised)


def voice(chord: Chord, before: tuple[int, ...] | None, low: int, high: int, size: int) -> tuple[int, ...]:
    """Pitches of a chord between two pitches, each voice as near to where it was as it can be.

    Args:
        chord: What to play.
        before: The pitches before, ascending; None at the beginning.
        low: Lowest pitch.
        high: Highest pitch.
        size: How many notes, as far as the chord has them.

    Returns:
        Ascending pitches.
    """
    classes = chord.classes[-size:] if len(chord.classes) > size else chord.classes
    centre = (low + high) / 2
    best: tuple[float, tuple[int, ...]] | None = None
    choices = [[pitch for pitch in range(low, high + 1) if pitch % 12 == each] for each in classes]
    for pitches in product(*choices):
        ordered = tuple(sorted(pitches))
        cost = abs(sum(ordered) / len(ordered) - centre) * 0.5 + 0.15 * (ordered[-1] - ordered[0])
        if before:
            cost += sum(min(abs(pitch - old) for old in before) for pitch in ordered)
            cost += 4.0 * _parallels(before, ordered)
        if best is None or (cost, ordered) < best:
            best = cost, ordered
    assert best is not None
    return best[1]


def _parallels(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    """How many neighbouring voices move in parallel fifths or octaves."""
    if len(before) != len(after) or before == after:
        return 0
    pairs = zip(pairwise(before), pairwise(after), strict=True)
    return sum(
        (b1 - b0) % 12 in (0, 7) and (b1 - b0) % 12 == (a1 - a0) % 12 and a0 != b0
        for (b0, b1), (a0, a1) in pairs
    )
