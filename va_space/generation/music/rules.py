"""The composer: from feelings over time to a score, by rule.

A piece is a row of phrases, A A' B A and so on; each has the controls of the feeling at its time, a
progression with a cadence, a melody of motifs, and an accompaniment with its texture.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

from va_space.generation.music.controls import Controls, Wishes, draw_controls, follow
from va_space.generation.music.harmony import progression, voice
from va_space.generation.music.instruments import INSTRUMENTS
from va_space.generation.music.melody import Motif, cadence_motif, draw_motif, sing, varied
from va_space.generation.music.performance import beat_paces, finished, fold, pedals, play
from va_space.generation.music.rng import Chance
from va_space.generation.music.score import TICKS, Note, Part, Score, Section
from va_space.generation.music.textures import TEXTURE_LINES, Span, closing, drums, last_hit
from va_space.generation.music.theory import Chord

Feelings = Callable[[float], tuple[float, float]]  # second -> (valence, arousal), as percentiles

_FORM = ("A", "A'", "B", "A", "A'", "C", "B'", "A")
_PHRASE = 4  # bars
_SHORT = 8.0  # seconds that a phrase lasts at most, about, where the feeling changes
_SAMPLES = 32
_MELODY, _HARMONY, _BASS = 74, 57, 43  # middle pitches


@dataclass
class _Material:
    """What phrases of one letter share."""

    motifs: list[Motif]
    seed: int


@dataclass(frozen=True)
class Composition:
    """A score with what it was made from.

    Attributes:
        score: The notes.
        controls: Of each section.
    """

    score: Score
    controls: tuple[Controls, ...]


def compose_score(
    feelings: Feelings, seconds: float, chance: Chance, wishes: Wishes | None = None, *, spread: float = 0.08
) -> Composition:
    """Compose one candidate.

    Args:
        feelings: What it is to feel like at each second, as percentiles in [0, 1].
        seconds: How long it is to last until its last bar ends.
        chance: Where all choices come from; the same source composes the same score.
        wishes: What is fixed.
        spread: How far controls may lie from those of the feeling; see :func:`draw_controls`.

    Returns:
        A score that ends about then: with a tempo that is asked for, at the end of a bar.
    """
    wishes = wishes or Wishes()
    steady = len({feelings(seconds * part / _SAMPLES) for part in range(_SAMPLES + 1)}) == 1
    # A changing feeling is followed by shorter phrases, each composed for the middle of its time.
    ahead = 0.0 if steady else _SHORT / 2
    first = draw_controls(*feelings(min(ahead, seconds)), chance, wishes, spread)
    seeds = int(chance.random() * 2**31)
    writer = _Writer(first, wishes, chance)
    elapsed, number = 0.0, 0
    while True:
        later = feelings(min(elapsed + ahead, seconds))
        controls = first if number == 0 else writer.controls_at(later, first)
        bar = controls.beats * 60 / controls.tempo
        left = (seconds - elapsed) / bar
        bars = max(1, int(left + 0.5) if wishes.tempo is None else int(left + 1e-9))
        phrase = _PHRASE if steady else min(_PHRASE, max(1, int(_SHORT / bar + 0.5)))
        last = bars <= phrase + (phrase > 2)
        taken = bars if last else phrase if bars >= 2 * phrase - 1 else (bars + 1) // 2
        writer.phrase(_FORM[number % len(_FORM)], number, controls, taken, seeds, last=last)
        elapsed += taken * bar
        number += 1
        if last:
            return writer.result(seconds if wishes.tempo is None else None)


class _Writer:
    """Writes phrase after phrase."""

    def __init__(self, first: Controls, wishes: Wishes, chance: Chance) -> None:
        self.first, self.wishes, self.chance = first, wishes, chance
        self.roles = _roles(first.instruments)
        self.notes: dict[str, list[Note]] = {name: [] for name in first.instruments}
        self.changes: list[int] = []
        self.tempos: list[tuple[int, int]] = []
        self.sections: list[Section] = []
        self.controls: list[Controls] = []
        self.material: dict[str, _Material] = {}
        self.tick = 0
        self.pitch = _MELODY + first.register
        self.voices: tuple[int, ...] | None = None

    def controls_at(self, feeling: tuple[float, float], first: Controls) -> Controls:
        """The controls of a later phrase: those of the first, if the feeling has not changed."""
        if abs(feeling[0] - first.valence) < 0.02 and abs(feeling[1] - first.arousal) < 0.02:
            return first
        moved = replace(first, valence=feeling[0], arousal=feeling[1])
        return follow(moved, *feeling, self.chance, self.wishes)

    def phrase(self, name: str, number: int, controls: Controls, bars: int, seed: int, *, last: bool) -> None:
        """Write a phrase of so many bars."""
        letter = name[0]
        if letter not in self.material:
            motifs = [draw_motif(controls, self.chance) for _ in range(2)]
            self.material[letter] = _Material(motifs, seed + ord(letter))
        material = self.material[letter]
        # Phrases of one letter share their harmony, so that they are heard as the same.
        chords = progression(controls, bars, Chance(material.seed), closes=last or name in ("A'", "B'"))
        length = bars * controls.beats * TICKS
        lines = self._lines(material, name, controls, chords, last=last)
        for role, notes in lines.items():
            instrument = self.roles[role]
            self.notes[instrument] += play(notes, controls, self.tick, length, instrument, self.chance)
        if "percussion" in self.notes:
            self._beat(controls, bars, last=last)
        for beat, pace in enumerate(beat_paces(controls, bars * controls.beats, self.chance, last=last)):
            self.tempos.append((self.tick + beat * TICKS, pace))
        names = tuple(chord.name for chord in chords)
        self.sections.append(
            Section(name, self.tick, self.tick + length, controls.key.name, controls.tempo, names)
        )
        self.controls.append(controls)
        self.tick += length

    def _lines(
        self, material: _Material, name: str, controls: Controls, chords: list[Chord], *, last: bool
    ) -> dict[str, list[Note]]:
        chance, beats = self.chance, controls.beats
        lines: dict[str, list[Note]] = {"melody": [], "harmony": [], "bass": []}
        shift = controls.register
        kind = INSTRUMENTS[self.roles["melody"]]
        middle = fold(_MELODY + shift, kind.low + 6, kind.high - 6)
        for bar, chord in enumerate(chords):
            start = self.tick + bar * beats * TICKS
            ends = bar == len(chords) - 1
            final = ends and last
            motif = self._motif(material, name, bar, controls, ends=ends)
            sung, self.pitch = sing(
                motif,
                chord,
                start,
                self.pitch,
                middle - 10,
                middle + 11,
                controls.velocity + 7,
                rests=final,
            )
            lines["melody"] += sung
            low = _HARMONY + shift // 2 - (3 if controls.arousal < 0.3 else 0)
            size = min(controls.thickness, 4)
            self.voices = voice(chord, self.voices, low - 8, low + 8, size)
            root = fold(chord.root, _BASS - 7 + shift // 2, _BASS + 4 + shift // 2)
            fifth = fold(chord.classes[min(2, len(chord.classes) - 1)], root - 6, root + 8)
            span = Span(start, beats, self.voices, root, fifth, controls)
            harmony, bass = closing(span) if final else TEXTURE_LINES[controls.texture](span, chance)
            lines["harmony"] += harmony
            lines["bass"] += bass
            self.changes.append(start)
        if controls.thickness > 3 and controls.arousal > 0.4:  # a full melody: a third or an octave below
            lines["melody"] += _doubled(lines["melody"], chords, self.tick, controls, chance)
        return lines

    def _motif(self, material: _Material, name: str, bar: int, controls: Controls, *, ends: bool) -> Motif:
        if ends:
            return cadence_motif(controls, self.chance)
        motif = material.motifs[0 if bar % 4 != 2 else 1]
        return varied(motif, controls, self.chance) if "'" in name or bar % 2 else motif

    def _beat(self, controls: Controls, bars: int, *, last: bool) -> None:
        for bar in range(bars):
            start, ends = self.tick + bar * controls.beats * TICKS, bar == bars - 1
            fill = ends and controls.arousal > 0.5
            hits = (
                last_hit(start, controls)
                if ends and last
                else drums(start, controls.beats, controls, self.chance, fill=fill)
            )
            self.notes["percussion"] += play(
                hits, controls, start, controls.beats * TICKS, "percussion", self.chance
            )

    def result(self, seconds: float | None) -> Composition:
        """The whole, its tempo moved a little so that it lasts as long as was asked for, if it was."""
        parts = []
        for name, notes in self.notes.items():
            held = INSTRUMENTS[name].family in ("piano", "plucked", "mallets") and name not in (
                "bass",
                "guitar",
            )
            pedal = pedals(self._pedalled(), self.tick) if held else ()
            parts.append(Part(name, finished(_within(notes, self.tick)), pedal))
        score = Score(tuple(parts), tuple(self.tempos), tuple(self.sections), self.first.beats, self.tick)
        if seconds is not None:
            scale = min(1.3, max(0.75, seconds / score.duration))
            score = replace(score, tempos=tuple((tick, round(pace * scale)) for tick, pace in self.tempos))
        return Composition(score, tuple(self.controls))

    def _pedalled(self) -> list[int]:
        """Where the pedal changes: with every chord of the sections that are played with it."""
        starts = [section.start for section in self.sections]
        return [
            tick for tick in self.changes if self.controls[bisect_right(starts, tick) - 1].articulation > 0.72
        ]


def _roles(instruments: tuple[str, ...]) -> dict[str, str]:
    """Who plays melody, harmony and bass."""
    pitched = [name for name in instruments if name != "percussion"]
    harmony = pitched[1] if len(pitched) > 1 and pitched[1] != "bass" else pitched[0]
    deep = [name for name in pitched if INSTRUMENTS[name].low <= 36 and name != pitched[0]]
    bass = "bass" if "bass" in pitched else deep[-1] if deep else harmony
    return {"melody": pitched[0], "harmony": harmony, "bass": bass}


def _doubled(
    melody: list[Note], chords: list[Chord], start: int, controls: Controls, chance: Chance
) -> list[Note]:
    """Notes below the longer ones of the melody: chord tones or octaves."""
    bar = controls.beats * TICKS
    below = []
    for note in melody:
        if note.length < TICKS // 2 or chance.happens(0.35):
            continue
        chord = chords[min(len(chords) - 1, (note.start - start) // bar)]
        tones = [
            note.pitch - down for down in (3, 4, 5, 8, 9, 12) if (note.pitch - down) % 12 in chord.classes
        ]
        if tones:
            pitch = tones[-1] if controls.arousal > 0.75 else tones[0]
            below.append(Note(note.start, pitch, note.length, note.velocity - 8))
    return below


def _within(notes: list[Note], end: int) -> list[Note]:
    return [
        replace(note, length=max(1, min(note.length, end - note.start))) for note in notes if note.start < end
    ]
