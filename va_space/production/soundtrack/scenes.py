"""Shots that one cue accompanies: neighbours that feel alike, neither too short nor too long for music.

Parts p with seconds t and places z, in normal scores, are joined to scenes so that

    sum over scenes of (sum over its parts of t |z - mean z|^2 + CHANGE)

is smallest: a change of music must be worth it. A scene begins at a cut; inside a shot only where the shot is
longer than one cue can be. The minimum is found exactly, by dynamic programming.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from va_space.emotion.reference import from_normal_scores, normal_scores
from va_space.production.soundtrack.shots import Part

SHORTEST, LONGEST = 8.0, 60.0
"""Seconds of a scene."""
CHANGE = 4.0
"""What one more cue costs: as much as 16 seconds that feel half a standard deviation off."""
# Standard deviations up to which shots are called alike.
_ALIKE = 1.0
_INSIDE, _TOO_SHORT, _TOO_LONG = 1e2, 1e4, 1e6


@dataclass(frozen=True)
class Scene:
    """A time of a video with one cue.

    Attributes:
        start: Seconds.
        end: Seconds.
        place: (valence, arousal) as percentiles: the mean of its parts, by their length.
        parts: The shots, or parts of them, in it.
        why: Why several shots share a cue, or one has several; empty for a shot with a cue of its own.
    """

    start: float
    end: float
    place: tuple[float, float]
    parts: tuple[Part, ...]
    why: str = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


def join_parts(
    parts: Sequence[Part], *, shortest: float = SHORTEST, longest: float = LONGEST, change: float = CHANGE
) -> list[Scene]:
    """Scenes of a video.

    Args:
        parts: All of it in order, at least one.
        shortest: Seconds of a scene at least, if the video is as long.
        longest: Seconds at most; a part that is longer is a scene.
        change: See the module.
    """
    times = np.array([part.seconds for part in parts])
    scores = normal_scores([part.place for part in parts])
    sums = np.concatenate([np.zeros((1, 2)), np.cumsum(times[:, None] * scores, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum(times * np.square(scores).sum(axis=1))])
    clock = np.concatenate([[0.0], np.cumsum(times)])
    best, back = np.full(len(parts) + 1, np.inf), np.zeros(len(parts) + 1, np.int64)
    best[0] = 0.0
    for last in range(1, len(parts) + 1):
        length = clock[last] - clock[:last]
        moment = sums[last] - sums[:last]
        spread = squares[last] - squares[:last] - np.square(moment).sum(axis=1) / np.maximum(length, 1e-9)
        inside = np.array([begin > 0 and parts[begin].shot == parts[begin - 1].shot for begin in range(last)])
        cost = best[:last] + np.maximum(spread, 0) + change + _INSIDE * inside
        cost += _TOO_SHORT * np.maximum(shortest - length, 0)
        cost += _TOO_LONG * ((length > longest) & (last - np.arange(last) > 1))
        back[last] = int(np.argmin(cost))
        best[last] = cost[back[last]]
    found: list[Scene] = []
    last = len(parts)
    while last:
        first_part = int(back[last])
        found.append(_scene(parts[first_part:last], shortest))
        last = first_part
    counts = Counter(shot for scene in found for shot in {part.shot for part in scene.parts})
    return [_explained(scene, counts, longest) for scene in found[::-1]]


def _explained(scene: Scene, counts: Mapping[int, int], longest: float) -> Scene:
    """A scene of one shot that others share, with the reason."""
    shot = scene.parts[0].shot
    if scene.why or counts[shot] == 1:
        return scene
    return replace(scene, why=f"shot {shot + 1} is longer than a cue, {longest:g} s at most")


def _why_together(parts: Sequence[Part], shortest: float) -> str:
    """Why shots share a cue: a change between them would be too early or too late, or worth too little."""
    first, last = parts[0].shot + 1, parts[-1].shot + 1
    if first == last:
        return ""
    start, end = parts[0].start, parts[-1].end
    cuts = [part.start for before, part in pairwise(parts) if part.shot != before.shot]
    if not any(start + shortest <= cut <= end - shortest for cut in cuts):
        return f"shots {first}-{last} are too short for cues of their own, {shortest:g} s at least"
    scores = normal_scores([part.place for part in parts])
    apart = np.linalg.norm(scores - scores[:, None], axis=-1).max()
    if apart > _ALIKE:
        return f"shots {first}-{last} differ too little, or too briefly, for a change of music"
    return f"shots {first}-{last} feel alike, {apart:.1f} standard deviations apart at most"


def _scene(parts: Sequence[Part], shortest: float) -> Scene:
    times = np.array([part.seconds for part in parts])
    mean = np.average(normal_scores([part.place for part in parts]), axis=0, weights=np.maximum(times, 1e-9))
    valence, arousal = from_normal_scores(mean).tolist()
    why = _why_together(parts, shortest)
    return Scene(parts[0].start, parts[-1].end, (valence, arousal), tuple(parts), why)
