"""What the shots of a video feel like."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from va_space.emotion.reference import Kind, from_normal_scores, normal_scores
from va_space.errors import MediaError
from va_space.media.video.reading import open_video, seconds_of
from va_space.space import Encoded, VASpace
from va_space.transfer.video.shots import read_cuts

LONGEST_PART = 20.0
"""Seconds; a longer shot is taken as parts of one length."""
_APART, _MOST = 2.0, 5  # seconds between the frames that are looked at; frames of a part
_SIDE = 640  # pixels of the longer side of what is kept of a frame until it is encoded

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A shot, or a part of a long one.

    Attributes:
        start: Seconds.
        end: Seconds.
        shot: Number of the shot, from 0.
        place: (valence, arousal) of its frames among pictures, as percentiles.
    """

    start: float
    end: float
    shot: int
    place: tuple[float, float]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


def read_parts(
    space: VASpace,
    video: str | Path,
    *,
    kind: Kind | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Part]:
    """Find the shots of a video and what they feel like; it is read twice, in memory that hardly grows.

    Args:
        space: A model with reference distributions.
        video: The video.
        kind: What its frames are compared with; by default what most of them are taken for.
        progress: Called with (frames that were encoded, frames in all).

    Raises:
        CheckpointError: The model has no reference distributions.
        MediaError: It is no video, has no frames, or is damaged.
        MissingExtraError: PyAV or PySceneDetect is not installed.
    """
    space.require_reference()
    cuts, seconds = read_cuts(video)
    bounds = list(_bounds([0.0, *cuts, seconds]))
    times = [_times(start, end) for start, end, _ in bounds]
    total = sum(map(len, times))
    points, kinds = [], []
    for item in space.encode_iter(_frames(video, [time for some in times for time in some])):
        if not isinstance(item, Encoded):
            raise MediaError(video, f"a frame that cannot be used: {item.reason}")
        points.append(space.predict_va_from_vectors(item.vector[None], "picture")[0])
        kinds.append(space.kind_of(item))
        if progress:
            progress(len(points), total)
    found = kind or Counter(kinds).most_common(1)[0][0]
    scores = normal_scores(space.distribution(found).percentile(np.array(points)))
    means = [some.mean(axis=0) for some in np.split(scores, np.cumsum([len(some) for some in times])[:-1])]
    places = [(float(v), float(a)) for v, a in from_normal_scores(np.array(means))]
    return [Part(*bound, place) for bound, place in zip(bounds, places, strict=True)]


def frames_at(video: str | Path, times: Sequence[float]) -> Iterator[Image.Image]:
    """The frames that are shown at times, rising; RGB, scaled down to 640 pixels.

    Raises:
        MediaError: It is no video, or damaged.
    """
    yield from _frames(video, times)


def _bounds(borders: Sequence[float]) -> Iterator[tuple[float, float, int]]:
    """(start, end, shot) of each part."""
    for shot, (first, last) in enumerate(pairwise(borders)):
        count = max(1, math.ceil((last - first) / LONGEST_PART))
        inner = np.linspace(first, last, count + 1).tolist()
        yield from ((start, end, shot) for start, end in pairwise(inner))


def _times(start: float, end: float) -> list[float]:
    """When the frames of a part are looked at: in the middle of as many equal pieces."""
    count = min(_MOST, max(1, round((end - start) / _APART)))
    return [start + (end - start) * (number + 0.5) / count for number in range(count)]


def _frames(video: str | Path, times: Sequence[float]) -> Iterator[Image.Image]:
    left = iter(times)
    wanted = next(left, None)
    with open_video(video) as (info, frames):
        shown: Image.Image | None = None
        before = None
        for frame in frames:
            now = float(seconds_of(frame, info.time_base))
            while wanted is not None and before is not None and wanted < now:
                shown = shown or _small(before)
                yield shown
                wanted = next(left, None)
            if wanted is None:
                return
            before, shown = frame, None
        while wanted is not None and before is not None:
            shown = shown or _small(before)
            yield shown
            wanted = next(left, None)


def _small(frame: object) -> Image.Image:
    image: Image.Image = frame.to_image()  # type: ignore[attr-defined]
    image.thumbnail((_SIDE, _SIDE))
    return image
