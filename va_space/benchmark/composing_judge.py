"""A judge of composed music that had no part in choosing it.

Ridge regression on the means of blocks 3 and 4 of a music tagger that has heard real recordings (Choi et al.
2016; its weights are given by path), fitted on those songs of EMOPIA and series of VGMIDI that the symbolic
judge has not seen, played by the same synthesiser as the takes: each passage by piano, and by a drawn
instrument.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from va_space.datasets import emopia, vgmidi
from va_space.datasets.midi import quarter_seconds
from va_space.datasets.records import Quadrant
from va_space.datasets.score import Notes, read_notes
from va_space.generation.music.judge import seen_by_symbolic_judge
from va_space.generation.music.synthesis.render import Played, play_notes
from va_space.generation.music.synthesis.voices import SAMPLE_RATE, Samples
from va_space.training.pretraining.teachers import TaggerTeacher, music_teacher

PASSAGE = 10.0  # seconds
PENALTY = 1000.0
FOLDS = 8
_INSTRUMENTS = ("strings", "guitar", "harp", "flute", "clarinet", "vibraphone", "electric piano", "cello")
_TOGETHER = 8
# Of the means and maxima of both blocks the means alone: better on songs not fitted on.
_MEANS = np.r_[0:128, 256:384]
_A_PIECE = 3  # passages of one piece at most

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Song:
    """A passage of music that people composed and labelled.

    Attributes:
        notes: Its notes, from its beginning at 0.
        label: (2,) valence and arousal; each source has its own mean 0 and spread 1.
        group: Song or series.
        source: "EMOPIA" or "VGMIDI".
        quadrant: 1-4, of EMOPIA; 0 for others.
    """

    notes: Notes
    label: FloatArray
    group: str
    source: str
    quadrant: int = 0


def unseen_songs(data_root: Path) -> list[Song]:
    """Passages of the songs and series that the symbolic judge was not fitted on."""
    songs = [
        song for song in (*_emopia(data_root), *_vgmidi(data_root)) if not seen_by_symbolic_judge(song.group)
    ]
    scaled = []
    for name in ("EMOPIA", "VGMIDI"):
        own = [song for song in songs if song.source == name]
        labels = np.array([song.label for song in own])
        labels = (labels - labels.mean(axis=0)) / labels.std(axis=0)
        scaled += [Song(s.notes, y, s.group, name, s.quadrant) for s, y in zip(own, labels, strict=True)]
    return scaled


def _emopia(data_root: Path) -> Iterator[Song]:
    for record in emopia.midi_records(data_root / "emopia"):
        assert isinstance(record.label, Quadrant)
        signs = np.sign([sum(record.label.valence_interval) - 1, sum(record.label.arousal_interval) - 1])
        passage = _cut(read_notes(record.path), 0.0)
        if len(passage) >= 6:
            yield Song(passage, signs, record.group, "EMOPIA", record.label.number)


def _vgmidi(data_root: Path) -> Iterator[Song]:
    for piece in vgmidi.pieces(data_root / "vgmidi"):
        if not piece.midi.is_file():
            continue
        notes, curve = read_notes(piece.midi), piece.curve
        edges = quarter_seconds(piece.midi, vgmidi.QUARTERS_PER_MEASURE * np.arange(len(curve) + 1))
        for number in range(_A_PIECE):
            start = number * 2 * PASSAGE
            passage, heard = _cut(notes, start), np.diff(np.clip(edges, start, start + PASSAGE))
            if len(passage) >= 6 and heard.sum() > PASSAGE / 2:
                point = np.average(curve, axis=0, weights=heard)
                yield Song(passage, point, vgmidi.group_of(piece.midi), "VGMIDI")


def _cut(notes: Notes, start: float) -> Notes:
    inside = notes[(notes[:, 0] >= start) & (notes[:, 0] < start + PASSAGE)].copy()
    inside[:, 0] -= start
    return inside


def played(notes: Notes, instrument: str) -> Samples:
    """A passage on one of our instruments: (2, n) samples."""
    rows: Played = [
        (onset, length, int(pitch), int(velocity)) for onset, length, pitch, velocity in notes.tolist()
    ]
    return play_notes([(instrument, rows)], PASSAGE)


class TaggerFeatures:
    """Blocks 3 and 4 of the tagger.

    Args:
        weights: The safetensors file.
    """

    def __init__(self, weights: Path) -> None:
        self.network: TaggerTeacher = music_teacher(weights)
        self._waiting: list[NDArray[np.float32]] = []

    def __call__(self, sounds: Iterator[Samples]) -> NDArray[np.float32]:
        """(n, 256) of stereo sounds at the synthesiser's rate, all of one length."""
        rows, waiting = [], []
        for sound in sounds:
            waiting.append(soxr.resample(sound.mean(axis=0), SAMPLE_RATE, TaggerTeacher.sample_rate))
            if len(waiting) == _TOGETHER:
                rows.append(self._run(waiting))
                waiting = []
        if waiting:
            rows.append(self._run(waiting))
        return np.concatenate(rows)

    def _run(self, sounds: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        with torch.inference_mode():
            features = self.network(torch.from_numpy(np.stack(sounds))).numpy()
        return features[:, _MEANS]


@dataclass(frozen=True)
class RidgeJudge:
    """Linear functions of standardised features.

    Attributes:
        mean: (f,).
        spread: (f,).
        weights: (f, 2) for valence and arousal.
    """

    mean: FloatArray
    spread: FloatArray
    weights: FloatArray

    def __call__(self, features: NDArray[np.floating]) -> FloatArray:
        """(n, f) to (n, 2), centred on 0."""
        return np.clip((features - self.mean) / self.spread, -4, 4) @ self.weights

    @classmethod
    def fit(
        cls, features: NDArray[np.floating], labels: FloatArray, sources: NDArray[np.str_]
    ) -> "RidgeJudge":
        """Fit on (n, f) features and (n, 2) labels; each source counts by what differs within it."""
        mean, spread = features.mean(axis=0).astype(np.float64), features.std(axis=0) + 1e-6
        standard = np.clip((features - mean) / spread, -4, 4)
        labels = labels.copy()
        for name in np.unique(sources):
            rows = sources == name
            standard[rows] -= standard[rows].mean(axis=0)
            labels[rows] -= labels[rows].mean(axis=0)
        gram = standard.T @ standard + PENALTY * np.eye(standard.shape[1])
        return cls(mean, spread, np.linalg.solve(gram, standard.T @ labels))


@dataclass(frozen=True)
class Fitted:
    """The judge and what it was fitted on.

    Attributes:
        judge: Fitted on all songs, by piano and by drawn instruments.
        songs: The passages, by piano.
        features: (songs, 256) by piano.
        felt: (songs, 2) what judges that had not heard their group say of them, by piano.
    """

    judge: RidgeJudge
    songs: list[Song]
    features: NDArray[np.float32]
    felt: FloatArray

    def measured(self) -> dict[str, float]:
        """Pearson's r by source and axis, of songs not fitted on."""
        found = {}
        for name in ("EMOPIA", "VGMIDI"):
            rows = [place for place, song in enumerate(self.songs) if song.source == name]
            truth = np.array([self.songs[place].label for place in rows])
            for axis, what in enumerate(("valence", "arousal")):
                found[f"{name} {what}"] = float(np.corrcoef(self.felt[rows, axis], truth[:, axis])[0, 1])
        return found


def fit_judge(
    data_root: Path, weights: Path, store: Path, progress: Callable[[str], None] | None = None
) -> Fitted:
    """The independent judge.

    Args:
        data_root: Folder with ``emopia`` and ``vgmidi``.
        weights: The tagger's.
        store: Where features are kept, so that a second run need not hear the songs again.
        progress: Called with a line for people.
    """
    from sklearn.model_selection import GroupKFold

    songs = unseen_songs(data_root)
    sources, groups = np.array([s.source for s in songs]), np.array([s.group for s in songs])
    labels = np.array([song.label for song in songs])
    if store.is_file():
        stored = np.load(store)
        piano, drawn = stored["piano"], stored["drawn"]
    else:
        if progress:
            progress(f"Hearing {len(songs)} passages by people, twice")
        hear = TaggerFeatures(weights)
        piano = hear(played(song.notes, "piano") for song in songs)
        chance = random.Random(0)
        drawn = hear(played(song.notes, chance.choice(_INSTRUMENTS)) for song in songs)
        store.parent.mkdir(parents=True, exist_ok=True)
        np.savez(store, piano=piano, drawn=drawn)
    if len(piano) != len(songs):
        raise ValueError(f"{store}: made from other songs; remove it")
    # What differs between instruments is not what differs between songs: each rendering is its own source.
    both, twice = np.concatenate([piano, drawn]), np.concatenate([labels, labels])
    own = np.concatenate([sources, np.char.add(sources, " drawn")])
    felt = np.zeros_like(labels)
    for train, held in GroupKFold(FOLDS).split(piano, groups=groups):
        rows = np.concatenate([train, train + len(songs)])
        felt[held] = RidgeJudge.fit(both[rows], twice[rows], own[rows])(piano[held])
    return Fitted(RidgeJudge.fit(both, twice, own), songs, piano, felt)
