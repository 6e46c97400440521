"""What a score says about a passage: descriptions of MIDI that a network can learn to hear.

A rendering of MIDI comes with the truth about its harmony, density and register, whatever plays it: labels
without people. Needs the extra ``midi``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.datasets import midi
from va_space.datasets.records import Record, windows_of

Notes = NDArray[np.float64]  # (n, 4): onset and length in seconds, pitch in semitones, velocity

# Krumhansl 1990: how well each step fits a major and a minor key.
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
PERCENTILES = (5, 25, 50, 75, 95)
CHROMA = slice(0, 12)  # where a description holds the share of each pitch class, from C
PITCHES = slice(12, 12 + len(PERCENTILES))  # and where percentiles of pitch, in octaves
LENGTH = PITCHES.stop + 10 + 12
_TOGETHER = 0.05  # seconds between onsets that are one chord
_FEWEST_NOTES = 4


def read_notes(midi_path: Path) -> Notes:
    """All notes of a MIDI file but drums, by onset.

    Raises:
        MediaError: The file is not MIDI.
        MissingExtraError: The extra ``midi`` is not installed.
    """
    notes, sounding, seconds = [], {}, 0.0
    for event in midi.read_score(midi_path):
        seconds += event.time
        if event.type not in ("note_on", "note_off") or event.channel == midi.DRUM_CHANNEL:
            continue
        key = event.channel, event.note
        if event.type == "note_on" and event.velocity:
            sounding[key] = seconds, event.velocity
        elif key in sounding:
            onset, velocity = sounding.pop(key)
            notes.append((onset, seconds - onset, event.note, velocity))
    return np.array(sorted(notes), np.float64).reshape(-1, 4)


def describe(notes: Notes, start: float, seconds: float) -> NDArray[np.float32] | None:
    """What happens in a passage.

    Args:
        notes: See :func:`read_notes`.
        start: Second at which the passage begins.
        seconds: Its length.

    Returns:
        (LENGTH,): :data:`CHROMA` and :data:`PITCHES`; by how much the best major key fits better than the
        best minor one and how well the best fits (correlations with Krumhansl's profiles); logarithms of
        notes a second, of notes at once, and of their mean length; mean and deviation of velocity; share of
        onsets that belong to a chord, and mean and deviation of the logarithm of the time between others;
        shares of intervals, modulo the octave, within chords. None if there are fewer than four notes.
    """
    onset, length, pitch, velocity = notes[(notes[:, 0] >= start) & (notes[:, 0] < start + seconds)].T
    if len(onset) < _FEWEST_NOTES:
        return None
    classes = pitch.astype(int) % 12
    chroma = np.bincount(classes, weights=np.minimum(length, 2) + 0.05, minlength=12)
    major, minor = (
        max(np.corrcoef(np.roll(profile, key), chroma)[0, 1] for key in range(12))
        for profile in (MAJOR_PROFILE, MINOR_PROFILE)
    )
    gaps = np.diff(onset)
    apart = np.log(gaps[gaps > _TOGETHER]) if (gaps > _TOGETHER).any() else np.zeros(1)
    first, second = np.triu_indices(len(onset), 1)
    chords = onset[second] - onset[first] < _TOGETHER
    intervals = np.bincount(
        np.abs(pitch[second] - pitch[first])[chords].astype(int) % 12, minlength=12
    ) / max(1, chords.sum())
    rest = [
        major - minor,
        max(major, minor),
        np.log(len(onset) / seconds),
        np.log(length.sum() / seconds + 0.1),
        np.log(length.mean() + 0.02),
        velocity.mean() / 127,
        velocity.std() / 127,
        (gaps <= _TOGETHER).mean(),
        apart.mean(),
        apart.std(),
    ]
    octaves = np.percentile(pitch, PERCENTILES) / 12
    return np.concatenate([chroma / chroma.sum(), octaves, rest, intervals]).astype(np.float32)


def described_windows(
    scores: Sequence[Path],
    cache: Path,
    window_seconds: float,
    hop_seconds: float,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Record], NDArray[np.float32]]:
    """Windows of renderings, by piano and by an instrument drawn for each score, with their descriptions.

    Args:
        scores: MIDI files.
        cache: Folder for the rendered sound; what is not there yet is rendered first.
        window_seconds: Length of the windows.
        hop_seconds: From the start of one to the next.
        progress: Called with (scores done, scores in all).

    Returns:
        Records without label, those of one file together, and (records, LENGTH) descriptions.

    Raises:
        MediaError: A file is not MIDI.
        MissingExtraError: The extra ``midi``, FluidSynth or a SoundFont is not installed.
    """
    records: list[Record] = []
    descriptions: list[NDArray[np.float32]] = []
    for done, path in enumerate(scores, start=1):
        notes = read_notes(path)
        for program in (None, midi.drawn_program(path)):
            sound = midi.rendered(path, cache, program=program)
            whole = Record(sound, "music", None, path.stem, f"{path.stem}/{program}")
            for window in windows_of(whole, midi.sound_seconds(sound), window_seconds, hop_seconds):
                description = describe(notes, window.start, window_seconds)
                if description is not None:
                    records.append(window)
                    descriptions.append(description)
        if progress:
            progress(done, len(scores))
    return records, np.stack(descriptions)
