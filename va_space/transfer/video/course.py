"""Where music stands over time among music, stretched over what a track holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.emotion.reference import Kind, from_normal_scores, normal_scores
from va_space.encoders.vectors import normalised_mean
from va_space.space import VASpace
from va_space.transfer.video.timeline import Timeline

SPREAD = 1.0
"""Normal scores from their mean, root mean square, to which the sections of a track are brought."""
MOST_STRETCH = 3.0
# Valence or arousal that counts as one normal score, for a model without reference distributions.
_UNIT = 0.1

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Course:
    """Where a track stands over time.

    Attributes:
        timeline: The track.
        sections: (s, 2) valence and arousal of its sections, in normal scores: 0 is the middle of music.
        stretched: (s, 2) the same, farther from their mean.
        moments: (w, 2) of the timeline's windows.
    """

    timeline: Timeline
    sections: Floats
    stretched: Floats
    moments: Floats

    @classmethod
    def of(cls, space: VASpace, timeline: Timeline) -> "Course":
        """Find out where the sections stand, and stretch what lies between them.

        Sections of a track differ less than tracks do, and are heard to differ all the same. So their
        distances from their mean, weighted by their lengths, grow until the root mean square is SPREAD, by a
        factor of at most MOST_STRETCH. The mean stays where it is among music, and so does a track of one
        section.
        """
        own = timeline.section_at(timeline.times)
        means = [normalised_mean(timeline.vectors[own == number]) for number in range(len(timeline.sections))]
        sections = scores_of(space, space.predict_va_from_vectors(np.stack(means), "music"), timeline.kind)
        ends = np.append(timeline.sections[1:], timeline.duration)
        weights = np.maximum(ends - timeline.sections, 1e-6)
        mean = np.average(sections, axis=0, weights=weights)
        away = sections - mean
        spread = float(np.sqrt(np.average(np.square(away).sum(axis=1), weights=weights)))
        factor = min(max(SPREAD / spread, 1.0), MOST_STRETCH) if spread > 0 else 1.0
        return cls(timeline, sections, mean + factor * away, scores_of(space, timeline.va, timeline.kind))

    def moved(self, offset: Floats) -> "Course":
        """The same, (2,) normal scores away: for somebody who wants pictures so far off the music."""
        return Course(self.timeline, self.sections + offset, self.stretched + offset, self.moments + offset)

    def until(self, seconds: float) -> "Course":
        """The first so many seconds, > 0: stretched as the whole is."""
        timeline = self.timeline.until(seconds)
        count = len(timeline.sections)
        return Course(
            timeline, self.sections[:count], self.stretched[:count], self.moments[: len(timeline.times)]
        )

    def at(self, seconds: ArrayLike) -> Floats:
        """(n,) times to (n, 2) normal scores: as far from its section as the music is from that."""
        times = np.asarray(seconds, np.float64)
        away = (self.stretched - self.sections)[self.timeline.section_at(times)]
        return self.timeline.interpolated(self.moments, times) + away


def scores_of(space: VASpace, va: ArrayLike, kind: Kind) -> Floats:
    """(n, 2) valence and arousal to normal scores among a kind."""
    if space.reference is None:
        return (np.asarray(va, np.float64) - 0.5) / _UNIT
    return np.asarray(normal_scores(space.reference.of(kind).percentile(va)), np.float64)


def point_of(space: VASpace, scores: ArrayLike, kind: Kind) -> Floats:
    """The inverse of :func:`scores_of`, within [0, 1]."""
    if space.reference is None:
        return (0.5 + _UNIT * np.asarray(scores, np.float64)).clip(0, 1)
    return space.reference.of(kind).value(from_normal_scores(scores))
