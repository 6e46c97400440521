"""From a score to sound."""

from collections.abc import Iterator, Sequence

import numpy as np

from va_space.generation.music.instruments import INSTRUMENTS
from va_space.generation.music.score import Score
from va_space.generation.music.synthesis.room import add_room
from va_space.generation.music.synthesis.voices import (
    BRIGHTNESS,
    DRUMS,
    SAMPLE_RATE,
    VOICES,
    Samples,
    brightness_of,
    drum_hit,
    pitched_note,
)
from va_space.media.loudness import to_loudness

LOUDNESS = -16.0  # LUFS
CEILING = 0.89  # -1 dB below full scale
_WET = 0.22
_FADE = 0.6  # seconds
_DC_HERTZ = 20.0


Played = list[tuple[float, float, int, int]]
"""Onset and length in seconds, pitch, velocity of notes."""


def synthesize(score: Score, seconds: float) -> Samples:
    """Play a score on the built-in instruments.

    Args:
        score: What to play.
        seconds: Length of the sound; the end is faded.

    Returns:
        (2, n) float32 at :data:`SAMPLE_RATE`, at :data:`LOUDNESS`, no sample above :data:`CEILING`.
    """
    return play_notes([(part.instrument, score.sounding(part)) for part in score.parts], seconds)


def play_notes(lines: Sequence[tuple[str, Played]], seconds: float) -> Samples:
    """Play notes; see :func:`synthesize`.

    Args:
        lines: Instruments, each with what it plays.
        seconds: Length of the sound.
    """
    samples = max(1, round(seconds * SAMPLE_RATE))
    dry = np.zeros((2, samples), np.float32)
    for instrument, played in lines:
        line = np.zeros(samples, np.float32)
        for start, note in _notes(instrument, played, samples):
            line[start : start + len(note)] += note[: samples - start]
        pan = (INSTRUMENTS[instrument].pan + 1) * np.pi / 4
        dry[0] += np.float32(np.cos(pan) * np.sqrt(2)) * line
        dry[1] += np.float32(np.sin(pan) * np.sqrt(2)) * line
    return finish(add_room(dry, _WET))


def finish(sound: Samples) -> Samples:
    """Sound without a constant part, at the loudness, under the ceiling, with a fade at its end.

    Args:
        sound: (2, n) at :data:`SAMPLE_RATE`.
    """
    sound = to_loudness(_without_dc(sound), SAMPLE_RATE, LOUDNESS, CEILING)
    fade = min(sound.shape[1] // 4, round(_FADE * SAMPLE_RATE))
    if fade:
        sound[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return sound


def _notes(instrument: str, rows: Played, samples: int) -> Iterator[tuple[int, Samples]]:
    """(first sample, samples) of each note; notes alike are made once, as long as the longest of them."""
    if instrument == "percussion":
        hits = {pitch: drum_hit(pitch) for pitch in sorted({row[2] for row in rows} & set(DRUMS))}
        for onset, _, pitch, velocity in rows:
            start = round(onset * SAMPLE_RATE)
            if start < samples and pitch in hits:
                yield start, np.float32((velocity / 127) ** 1.6) * hits[pitch]
        return
    voice = VOICES[instrument]
    release = round(voice.release * SAMPLE_RATE)
    falling = (np.linspace(1, 0, release, dtype=np.float32)) ** 2
    played = [
        (round(onset * SAMPLE_RATE), round(length * SAMPLE_RATE), pitch, velocity, brightness_of(velocity))
        for onset, length, pitch, velocity in rows
    ]
    longest: dict[tuple[int, int], int] = {}
    for start, length, pitch, _, bright in played:
        if start < samples:
            whole = min(length, samples - start) + release
            longest[pitch, bright] = max(longest.get((pitch, bright), 0), whole)
    made = {key: pitched_note(instrument, *key, length) for key, length in longest.items()}
    for start, length, pitch, velocity, bright in played:
        if start >= samples:
            continue
        length = min(length, samples - start)
        loud = np.float32((velocity / 127) ** 1.6 * (1 - 0.12 * len(BRIGHTNESS[:bright])))
        note = made[pitch, bright][: length + release] * loud
        note[length:] *= falling[: len(note) - length]
        yield start, note


def _without_dc(sound: Samples) -> Samples:
    """Sound without what is too low to be heard: a mean that is taken away over a twentieth of a second."""
    window = round(SAMPLE_RATE / _DC_HERTZ)
    for channel in sound:
        sums = np.concatenate([[0.0], np.cumsum(channel, dtype=np.float64)])
        edges = np.arange(0, len(channel) + window, window).clip(max=len(channel))
        edges = np.unique(edges)
        if len(edges) < 2:
            continue
        means = np.diff(sums[edges]) / np.diff(edges)
        centres = (edges[1:] + edges[:-1]) / 2
        channel -= np.interp(np.arange(len(channel)), centres, means).astype(np.float32)
    return sound
