"""What of composed scores and sounds is found by analysis: repetition, tempo, key."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.result import TableRow
from va_space.datasets.score import MAJOR_PROFILE, MINOR_PROFILE
from va_space.generation.music.controls import Wishes
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score
from va_space.generation.music.score import TICKS, Score
from va_space.generation.music.synthesis.render import synthesize
from va_space.generation.music.synthesis.voices import SAMPLE_RATE
from va_space.generation.music.theory import Key
from va_space.media.spectra import check_librosa

_ASKED = 24  # pieces whose tempo and key are looked for
_PHRASE = 4  # bars
_CLOSE = 0.04  # of a tempo

FloatArray = NDArray[np.float64]


def repetition_row(places: Sequence[tuple[float, float]]) -> TableRow:
    """Whether bars a phrase apart are more alike than shuffled ones, in pieces of 40 s."""
    differences = []
    for number, place in enumerate(places):
        piece = compose_score(lambda _, place=place: place, 40.0, chance(7, number))  # type: ignore[misc]
        bars = _bars(piece.score)
        if len(bars) > 2 * _PHRASE:
            alike = bars @ bars.T
            apart = np.diagonal(alike, _PHRASE).mean()
            others = alike[np.triu_indices(len(bars), 1)].mean()
            differences.append(apart - others)
    found = np.array(differences)
    return {
        "bars alike": "four bars apart, less any two",
        "n": len(found),
        "mean difference": float(found.mean()),
        "pieces above 0": float((found > 0).mean()),
    }


def _bars(score: Score) -> FloatArray:
    """(bars, 12 + 16) unit rows: the pitch classes of each bar, and where its notes begin."""
    length = score.beats * TICKS
    rows = np.zeros((score.end // length, 28))
    for part in score.parts:
        for note in part.notes:
            bar = min(len(rows) - 1, note.start // length)
            if part.instrument != "percussion":
                rows[bar, note.pitch % 12] += min(note.length, TICKS)
            rows[bar, 12 + min(15, 16 * (note.start % length) // length)] += TICKS / 4
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def asked_rows() -> list[TableRow]:
    """Whether a tempo and a key that were asked for are found in the sound."""
    tempo, key, relative = [], [], []
    for number in range(_ASKED):
        source = chance(11, number)
        asked, mode = 60 + 5 * int(20 * source.random()), "major" if number % 2 else "minor"
        wished = Key(int(12 * source.random()), mode)
        place = source.random(), asked / 180
        piece = compose_score(lambda _, place=place: place, 20.0, source, Wishes(asked, wished))  # type: ignore[misc]
        sound = synthesize(piece.score, 20.0).mean(axis=0)
        tempo.append(_same_tempo(_tempo_of(sound), asked))
        tonic, major = _key_of(sound)
        key.append(tonic == wished.tonic and major == (mode == "major"))
        shift = 0 if major == (mode == "major") else (9 if major else 3)
        relative.append(key[-1] or (major != (mode == "major") and (tonic + shift) % 12 == wished.tonic))
    return [
        {
            "asked for": "tempo, or its double or half",
            "n": _ASKED,
            "found": float(np.mean(tempo)),
            "chance": 0.12,
        },
        {"asked for": "key", "n": _ASKED, "found": float(np.mean(key)), "chance": 1 / 24},
        {
            "asked for": "key, or its relative",
            "n": _ASKED,
            "found": float(np.mean(relative)),
            "chance": 1 / 12,
        },
    ]


def _tempo_of(sound: NDArray[np.float32]) -> float:
    check_librosa("Finding tempo and key")
    import librosa

    envelope = librosa.onset.onset_strength(y=sound, sr=SAMPLE_RATE, hop_length=512)
    return float(librosa.feature.tempo(onset_envelope=envelope, sr=SAMPLE_RATE, hop_length=512)[0])


def _same_tempo(found: float, asked: float) -> bool:
    return any(abs(found / (asked * factor) - 1) < _CLOSE for factor in (0.5, 1, 2))


def _key_of(sound: NDArray[np.float32]) -> tuple[int, bool]:
    """Tonic, and whether it is major, by the chroma of the sound."""
    check_librosa("Finding tempo and key")
    import librosa

    chroma = librosa.feature.chroma_stft(
        y=sound, sr=SAMPLE_RATE, n_fft=8192, hop_length=4096, tuning=0.0
    ).mean(axis=1)
    profiles = [np.roll(p, k) for p in (MAJOR_PROFILE, MINOR_PROFILE) for k in range(12)]
    best = int(np.argmax([np.corrcoef(chroma, profile)[0, 1] for profile in profiles]))
    return best % 12, best < 12
