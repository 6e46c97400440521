"""How composed music sounds to the music encoder, and where that stands among composed music.

The built-in synthesiser is another sound than recordings have: among those, all that is composed would be
pleasant and calm. A model's reference therefore has a distribution of composed music of its own.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.reference import Distribution
from va_space.generation.music.judge import load_judge
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import Composition, compose_score
from va_space.generation.music.score import Score
from va_space.generation.music.selection import HEARD, PASSAGE, Candidate, agreed, among, shortlist
from va_space.generation.music.synthesis.render import synthesize
from va_space.generation.music.synthesis.voices import SAMPLE_RATE
from va_space.generation.music.target import Course
from va_space.space import VASpace

COMPOSITION = "composition"
"""The name of the distribution in a model's reference."""

PIECES = 240
_SEED = 20_000
_RING = 1.5  # seconds in which the last chord dies away

FloatArray = NDArray[np.float64]


def listen(space: VASpace, score: Score, start: float = 0.0) -> FloatArray:
    """(2,) valence and arousal in [0, 1] that the model predicts for the ten seconds from a second on."""
    sound = synthesize(score, start + PASSAGE)[:, round(start * SAMPLE_RATE) :]
    return np.asarray(space.predict_va((sound.mean(axis=0), SAMPLE_RATE)), np.float64)


def heard_distribution(
    space: VASpace, progress: Callable[[int, int], None] | None = None, pieces: int = PIECES
) -> Distribution:
    """How the predictions for music by rule are distributed that is composed for places all over the plane.

    Args:
        space: The model.
        progress: Called with (pieces heard, pieces).
        pieces: How many, of ten seconds.
    """
    felt = []
    for number in range(pieces):
        source = chance(_SEED, number)
        place = source.random(), source.random()
        piece = compose_score(Course((0.0,), (place,)), PASSAGE - _RING, source)
        felt.append(listen(space, piece.score))
        if progress:
            progress(number + 1, pieces)
    return Distribution.of(felt)


def chosen(
    pieces: Sequence[Composition],
    course: Course,
    space: VASpace | None,
    progress: Callable[[int, int], None] | None = None,
    count: int = HEARD,
) -> list[Candidate]:
    """The best candidates, best first: by the symbolic judge, and by the music encoder if there is one.

    Args:
        pieces: The candidates.
        course: What was asked for.
        space: The model that hears them, or None.
        progress: Called with (candidates heard, candidates to hear).
        count: How many the symbolic judge keeps.
    """
    kept = shortlist(pieces, course, load_judge(), count)
    if space is None:
        return kept
    done = 0

    def hear(candidate: Candidate, start: float) -> FloatArray:
        nonlocal done
        felt = listen(space, candidate.composition.score, start)
        done += 1
        if progress:
            progress(done, len(kept))
        return felt

    return agreed(kept, course, hear, _percentiles(space))


def _percentiles(space: VASpace) -> Callable[[FloatArray], FloatArray]:
    """Where predictions stand among composed music; without a distribution of it, among themselves."""
    if space.reference is None or COMPOSITION not in space.reference.distributions:
        return among
    return space.reference.of(COMPOSITION).percentile
