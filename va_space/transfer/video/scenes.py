"""Times with one style: within a section of the music and, of a video, within a shot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from va_space.transfer.video.timeline import Timeline

# Seconds from a cut of the picture within which one in the music moves to it.
SNAP = 0.2
# A shot, or what a section has of one, that is shorter has the style around it.
_SHORTEST = 0.5


@dataclass(frozen=True)
class Span:
    """A time in a section of the music and in a shot.

    Attributes:
        start: Seconds at which it begins.
        end: Seconds at which it ends.
        section: Number of the section.
        shot: Number of the shot.
        width: Seconds that the transition into it takes, its start in the middle; 0 is sudden.
    """

    start: float
    end: float
    section: int
    shot: int = 0
    width: float = 0.0

    @property
    def middle(self) -> float:
        """Seconds."""
        return (self.start + self.end) / 2


def spans_of(timeline: Timeline, cuts: Sequence[float] = ()) -> list[Span]:
    """The time of a track, parted at its sections' borders and at the cuts of the picture.

    A border of the music within SNAP of a cut moves to it. At a cut of the picture all changes are sudden.

    Args:
        timeline: The track.
        cuts: Seconds at which the picture cuts, rising.
    """
    cut = np.array([each for each in cuts if _SHORTEST <= each <= timeline.duration - _SHORTEST])
    borders = {float(each): 0.0 for each in cut}
    for start, width in zip(timeline.sections[1:], timeline.widths[1:], strict=True):
        near = cut[np.abs(cut - start) <= SNAP]
        if not len(near):
            borders[float(start)] = float(width)
    starts = [0.0]
    for border in sorted(borders):
        if border - starts[-1] >= _SHORTEST:
            starts.append(border)
    ends = [*starts[1:], max(timeline.duration, starts[-1])]
    found: list[Span] = []
    for start, end in zip(starts, ends, strict=True):
        middle = (start + end) / 2
        before = start - found[-1].start if found else 0.0
        width = min(borders.get(start, 0.0), before, end - start)
        section = int(timeline.section_at([middle])[0])
        shot = int(np.searchsorted(cut, middle, side="right"))
        found.append(Span(start, end, section, shot, width))
    return found
