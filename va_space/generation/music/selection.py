"""From many candidate scores to the few that are heard, and to the take that both judges agree on.

One judge alone is fooled by what it cannot tell; the mean of two is fooled less, each with the weight that it
deserves. Scores are rounded and ties go to the first, so that the choice does not hang on the last bits of a
network's output.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from va_space.generation.music.features import FloatArray, score_features
from va_space.generation.music.judge import SymbolicJudge
from va_space.generation.music.rules import Composition
from va_space.generation.music.target import Course

HEARD = 8  # candidates at most that the music encoder hears
PASSAGE = 10.0  # seconds
_DIGITS = 3
# By linear regression of another judge's percentiles on these two, over pieces by rule; see docs/compose.md.
_WEIGHT = np.array((0.3, 0.15))  # of the music encoder in valence and arousal; the rest is the other's


@dataclass(frozen=True)
class Candidate:
    """A score that was judged.

    Attributes:
        number: Its place among the candidates.
        composition: The score and what it was made from.
        symbolic: (valence, arousal) by the symbolic judge, as percentiles.
        heard: Likewise by the music encoder; None if it did not hear it.
        distance: Of the judges' mean from what was asked for; smaller is better.
        errors: (valence, arousal) by the symbolic judge less what was asked for, of each passage.
    """

    number: int
    composition: Composition
    symbolic: tuple[float, float]
    heard: tuple[float, float] | None = None
    distance: float = 0.0
    errors: tuple[tuple[float, float], ...] = ()

    @property
    def felt(self) -> tuple[float, float]:
        """(valence, arousal) as percentiles: the mean of those who judged it, each with its weight."""
        if self.heard is None:
            return self.symbolic
        valence, arousal = ((1 - _WEIGHT) * self.symbolic + _WEIGHT * self.heard).tolist()
        return valence, arousal


def degenerate(features: FloatArray | None, composition: Composition) -> str | None:
    """Why a score is no music worth hearing; None if it may be."""
    if features is None:
        return "hardly a note"
    score = composition.score
    notes = score.notes()
    rate = len(notes) / score.duration
    if not 0.6 <= rate <= 20:
        return f"{rate:.1f} notes a second"
    if notes[:, 1].sum() / score.duration > 16:
        return "a blur of sounding notes"
    if len(set(notes[:, 2].tolist())) < 5:
        return "too few different pitches"
    gaps = np.diff(np.append(notes[:, 0], score.duration))
    return "a hole in the music" if gaps.max() > 6 else None


def shortlist(
    candidates: Sequence[Composition], course: Course, judge: SymbolicJudge, count: int = HEARD
) -> list[Candidate]:
    """The candidates that feel most as asked for by the symbolic judge, best first.

    Degenerate ones are left out, unless all of them are.
    """
    judged = []
    for number, piece in enumerate(candidates):
        notes, duration = piece.score.notes(), piece.score.duration
        spans = _spans(course, duration)
        rows = [score_features(_cut(notes, *span), span[1] - span[0]) for span in spans]
        if any(degenerate(row, piece) for row in rows[:1]) or any(row is None for row in rows):
            continue
        found = judge.percentile(np.array(rows))
        errors = found - np.array([_mean(course, *span) for span in spans])
        distance = round(float(np.abs(errors).mean()), _DIGITS)
        symbolic = tuple(np.round(found.mean(axis=0), _DIGITS).tolist())
        judged.append(Candidate(number, piece, symbolic, None, distance, tuple(map(tuple, errors.tolist()))))
    if not judged:
        return [Candidate(0, piece, (0.5, 0.5), errors=((0.0, 0.0),)) for piece in candidates[:1]]
    return sorted(judged, key=lambda each: (each.distance, each.number))[:count]


Hear = Callable[[Candidate, float], FloatArray]
"""A candidate and where its passage begins, to (2,) valence and arousal by the music encoder."""


def agreed(
    shortlisted: Sequence[Candidate],
    course: Course,
    hear: Hear,
    percentiles: Callable[[FloatArray], FloatArray],
) -> list[Candidate]:
    """The candidates in the order in which both judges agree on them.

    Args:
        shortlisted: By the symbolic judge.
        course: What was asked for.
        hear: The music encoder.
        percentiles: Where predictions, (n, 2), stand among those for composed music; :func:`among` if there
            is only that of the candidates.
    """
    starts = [_passage(course, each.composition.score.duration) for each in shortlisted]
    felt = np.array([hear(each, start) for each, start in zip(shortlisted, starts, strict=True)])
    places = np.asarray(percentiles(np.round(felt, _DIGITS + 1)), np.float64).round(_DIGITS)
    judged = []
    for each, place, start in zip(shortlisted, places, starts, strict=True):
        error = place - np.array(_mean(course, start, start + PASSAGE))
        # The encoder's error in its passage stands for that in all of them.
        both = (1 - _WEIGHT) * np.array(each.errors) + _WEIGHT * error
        distance = round(float(np.abs(both).mean()), _DIGITS)
        judged.append(replace(each, heard=(float(place[0]), float(place[1])), distance=distance))
    return sorted(judged, key=lambda each: (each.distance, each.number))


def among(felt: FloatArray) -> FloatArray:
    """Each one's percentile among all of them: (n, 2) to (n, 2); ties share the middle of their ranks."""
    below = (felt[None] < felt[:, None]).sum(axis=1)
    equal = (felt[None] == felt[:, None]).sum(axis=1)
    return (below + 0.5 * equal) / len(felt)


def _spans(course: Course, duration: float) -> list[tuple[float, float]]:
    """The whole piece if its feeling stays the same, else passages of ten seconds or a little more."""
    count = 1 if course.still else max(1, int(duration / PASSAGE))
    return [(duration * i / count, duration * (i + 1) / count) for i in range(count)]


def _cut(notes: FloatArray, start: float, end: float) -> FloatArray:
    return notes[(notes[:, 0] >= start) & (notes[:, 0] < end)]


def _mean(course: Course, start: float, end: float) -> tuple[float, float]:
    places = [course(start + (end - start) * (i + 0.5) / 8) for i in range(8)]
    return sum(v for v, _ in places) / 8, sum(a for _, a in places) / 8


def _passage(course: Course, duration: float) -> float:
    """Where the passage that is heard begins: at 0, or where a changing feeling has settled in."""
    return 0.0 if course.still else max(0.0, min(duration / 2, duration - PASSAGE))
