"""The takes that the task ``composing`` measures, made one target after the other, and kept."""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from va_space import __version__
from va_space.atomic import replacing
from va_space.benchmark.audio_metrics import total_harmonic_distortion
from va_space.benchmark.composing_judge import TaggerFeatures
from va_space.generation.music.features import NAMES, score_features, summary
from va_space.generation.music.hearing import COMPOSITION, chosen
from va_space.generation.music.judge import WEIGHTS, load_judge
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import Composition, compose_score
from va_space.generation.music.synthesis.render import synthesize
from va_space.generation.music.synthesis.voices import SAMPLE_RATE, Samples
from va_space.generation.music.target import Course
from va_space.space import VASpace

logger = logging.getLogger(__name__)

SECONDS = 10.0
CANDIDATES = 200
SYSTEMS = ("neutral", "rules alone", "symbolic judge alone", "ours")
_RING = 1.5

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """Something to compose for.

    Attributes:
        name: Unique.
        place: (valence, arousal) as percentiles.
        seed: Of the take.
        systems: Which of :data:`SYSTEMS` are to make a take.
    """

    name: str
    place: tuple[float, float]
    seed: int
    systems: tuple[str, ...] = SYSTEMS


@dataclass(frozen=True)
class Takes:
    """What was found out about the takes of one target; a row for each system.

    Attributes:
        systems: Their names.
        tagger: (k, 256) features of the independent judge.
        second: (k, 2) valence and arousal by the second judge; nan without one.
        encoder: (k, 2) by the music encoder.
        symbolic: (k, 2) percentiles by the symbolic judge.
        musical: (k, m) by :func:`va_space.generation.music.features.summary`.
        thd: (k,) total harmonic distortion.
        trigrams: Of the pitches of the last system's take.
    """

    systems: tuple[str, ...]
    tagger: NDArray[np.float32]
    second: FloatArray
    encoder: FloatArray
    symbolic: FloatArray
    musical: FloatArray
    thd: FloatArray
    trigrams: frozenset[tuple[int, int, int]]

    def row(self, system: str) -> int:
        """Where a system's take is."""
        return self.systems.index(system)


class TakeStore:
    """Takes in a folder: what is there is not made again.

    Args:
        folder: Where they are kept; a subfolder for each model, version and judge.
        space: The model.
        second: Another model as second judge, or None.
        tagger: Features of the independent judge.
    """

    def __init__(self, folder: Path, space: VASpace, second: VASpace | None, tagger: TaggerFeatures) -> None:
        composed = space.reference.distributions.get(COMPOSITION) if space.reference else None
        parts = (
            __version__,
            space.fingerprint,
            second.fingerprint if second else "",
            WEIGHTS.read_text(encoding="utf-8"),
            composed.quantiles.tobytes().hex() if composed else "",
        )
        made_by = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
        self.folder = folder / made_by
        self.space, self.second, self.tagger = space, second, tagger

    def all(self, wanted: Sequence[Wanted]) -> Iterator[Takes]:
        """The takes of each target, made where they are not there yet."""
        for number, each in enumerate(wanted):
            path = self.folder / f"{each.name} {each.place[0]:.3f} {each.place[1]:.3f}.npz"
            if not path.is_file():
                if number % 20 == 0:
                    logger.info("composing: %d of %d targets", number, len(wanted))
                self._write(path, self._make(each))
            yield self._read(path)

    def _make(self, wanted: Wanted) -> Takes:
        pieces = {name: piece for name, piece in _compose(wanted, self.space) if name in wanted.systems}
        sounds = [synthesize(piece.score, SECONDS) for piece in pieces.values()]
        blank = np.zeros(len(NAMES))
        features = [score_features(p.score.notes(), p.score.duration) for p in pieces.values()]
        known = [blank if each is None else each for each in features]
        musical = [_musical(piece) for piece in pieces.values()]
        thd = [
            float(total_harmonic_distortion(torch.from_numpy(s.mean(axis=0)), SAMPLE_RATE)) for s in sounds
        ]
        last = list(pieces.values())[-1]
        return Takes(
            tuple(pieces),
            self.tagger(iter(sounds)),
            _felt(self.second, sounds),
            _felt(self.space, sounds),
            load_judge().percentile(np.stack(known)),
            np.array(musical),
            np.array(thd),
            pitch_trigrams(last),
        )

    def _write(self, path: Path, takes: Takes) -> None:
        with replacing(path) as beside, beside.open("wb") as file:
            np.savez(
                file,
                systems=json.dumps(takes.systems),
                tagger=takes.tagger,
                second=takes.second,
                encoder=takes.encoder,
                symbolic=takes.symbolic,
                musical=takes.musical,
                thd=takes.thd,
                trigrams=np.array(sorted(takes.trigrams), np.int64).reshape(-1, 3),
            )

    def _read(self, path: Path) -> Takes:
        with np.load(path) as stored:
            return Takes(
                tuple(json.loads(str(stored["systems"]))),
                stored["tagger"],
                stored["second"],
                stored["encoder"],
                stored["symbolic"],
                stored["musical"],
                stored["thd"],
                frozenset((a, b, c) for a, b, c in stored["trigrams"].tolist()),
            )


def _compose(wanted: Wanted, space: VASpace) -> Iterator[tuple[str, Composition]]:
    """A take for each system, all from the same candidates."""
    length = SECONDS - _RING

    def rule(place: tuple[float, float], number: int) -> Composition:
        return compose_score(lambda _: place, length, chance(wanted.seed, number))

    if "neutral" in wanted.systems:
        yield "neutral", rule((0.5, 0.5), int(hashlib.sha256(wanted.name.encode()).hexdigest()[:6], 16))
    course = Course((0.0,), (wanted.place,))
    pieces = [rule(wanted.place, number) for number in range(CANDIDATES)]
    yield "rules alone", pieces[0]
    if "symbolic judge alone" in wanted.systems:
        yield "symbolic judge alone", chosen(pieces, course, None)[0].composition
    yield "ours", chosen(pieces, course, space)[0].composition


def _felt(space: VASpace | None, sounds: Sequence[Samples]) -> FloatArray:
    if space is None:
        return np.full((len(sounds), 2), np.nan)
    inputs = [(sound.mean(axis=0), SAMPLE_RATE) for sound in sounds]
    return np.asarray(space.predict_va(inputs), np.float64)


def _musical(piece: Composition) -> list[float]:
    notes = piece.score.notes()
    return list(summary(notes, piece.score.duration).values()) if len(notes) >= 6 else [np.nan] * 6


def pitch_trigrams(piece: Composition) -> frozenset[tuple[int, int, int]]:
    """All runs of three pitches, in the order of onsets, of each instrument."""
    runs = []
    for part in piece.score.parts:
        if part.instrument != "percussion":
            pitches = [note.pitch for note in part.notes]
            runs += list(zip(pitches, pitches[1:], pitches[2:], strict=False))
    return frozenset(runs)


def trigram_distance(
    first: frozenset[tuple[int, int, int]], second: frozenset[tuple[int, int, int]]
) -> float:
    """1 less the share of trigrams that two takes have in common: 0 for the same notes, 1 for none alike."""
    union = len(first | second)
    return 1 - len(first & second) / union if union else 0.0
