"""A composed score: notes on a grid of ticks, a tempo map, pedals; and its notes in seconds.

All of it is whole numbers, so that a score is the same on every machine.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from va_space.datasets.score import Notes

TICKS = 480  # a quarter note
DRUM_CHANNEL = 9


@dataclass(frozen=True, order=True)
class Note:
    """One note.

    Attributes:
        start: In ticks from the beginning.
        pitch: MIDI note number; for percussion the drum.
        length: In ticks, > 0.
        velocity: 1-127.
    """

    start: int
    pitch: int
    length: int
    velocity: int


@dataclass(frozen=True)
class Part:
    """What one instrument plays.

    Attributes:
        instrument: A name of :data:`va_space.generation.music.instruments.INSTRUMENTS`.
        notes: By start.
        pedal: (down, up) in ticks: while the pedal is down, notes go on sounding.
    """

    instrument: str
    notes: tuple[Note, ...]
    pedal: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Section:
    """A phrase.

    Attributes:
        name: Its letter, with a dash when it is a variation: A, A', B.
        start: In ticks.
        end: In ticks.
        key: Such as "A minor" or "D dorian".
        tempo: Quarter notes a minute.
        chords: Their names, one for each change.
    """

    name: str
    start: int
    end: int
    key: str
    tempo: int
    chords: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Music as notes.

    Attributes:
        parts: One for each instrument.
        tempos: (tick, microseconds a quarter note), the first at 0.
        sections: The form.
        beats: Quarter notes a bar.
        end: Tick at which the last bar ends.
    """

    parts: tuple[Part, ...]
    tempos: tuple[tuple[int, int], ...]
    sections: tuple[Section, ...]
    beats: int
    end: int

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        """Ticks of tempo changes, and the time there in units of microseconds * ticks a quarter note."""
        ticks, sums = [self.tempos[0][0]], [0]
        for (tick, pace), (following, _) in zip(self.tempos, self.tempos[1:], strict=False):
            sums.append(sums[-1] + (following - tick) * pace)
            ticks.append(following)
        return ticks, sums

    def seconds(self, tick: int) -> float:
        """When a tick sounds."""
        ticks, sums = self._edges
        place = bisect_right(ticks, tick) - 1
        return (sums[place] + (tick - ticks[place]) * self.tempos[place][1]) / (1e6 * TICKS)

    @property
    def duration(self) -> float:
        """Seconds until the last bar ends."""
        return self.seconds(self.end)

    def notes(self) -> Notes:
        """(n, 4) onset and length in seconds, pitch, velocity, by onset, without percussion; pedals count."""
        parts = (part for part in self.parts if part.instrument != "percussion")
        rows = [row for part in parts for row in self.sounding(part)]
        return np.array(sorted(rows), np.float64).reshape(-1, 4)

    def sounding(self, part: Part) -> list[tuple[float, float, int, int]]:
        """Onset and length in seconds, pitch and velocity of a part's notes, held by its pedal."""
        downs = [down for down, _ in part.pedal]
        rows = []
        for note in part.notes:
            end = note.start + note.length
            place = bisect_right(downs, end) - 1
            if place >= 0 and part.pedal[place][1] > end:
                end = part.pedal[place][1]
            onset = self.seconds(note.start)
            rows.append((onset, self.seconds(end) - onset, note.pitch, note.velocity))
        return rows


def joined(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Notes by start; each ends where the next of its pitch begins; of two alike one stays."""
    following: dict[int, int] = {}
    kept = []
    for note in sorted(notes, reverse=True):
        limit = following.get(note.pitch)
        if limit == note.start:
            continue
        length = note.length if limit is None else min(note.length, limit - note.start)
        kept.append(Note(note.start, note.pitch, max(1, length), note.velocity))
        following[note.pitch] = note.start
    return tuple(reversed(kept))
