"""What music is composed for: one feeling, or several over time, as places among others of their kind."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.reference import KINDS_OF, Kind
from va_space.emotion.words import parse_feeling
from va_space.errors import MediaError
from va_space.media.kinds import MediaInput
from va_space.space import Failure, VASpace
from va_space.targets import FeelingTarget, MusicTarget, Target, VectorTarget, read_targets

Named = MediaInput | Target | tuple[float, float]
"""What a user may name: a file, an image, samples, a word, "valence,arousal", or the two numbers."""

_STRETCH = 2.5
_SILENT = 1e-4  # peak, 80 dB below full scale: dither at most


@dataclass(frozen=True)
class Feeling:
    """Something to compose for.

    Attributes:
        name: For people.
        kind: "feeling", "picture", "music" or "text".
        point: (valence, arousal) in [0, 1]: as named, or as predicted.
        relative: The same as percentiles in [0, 1].
        source: What was given.
        notes: What is to be said about it, such as words that are not known.
        detected: What a picture or music is, such as "painting"; None for others.
    """

    name: str
    kind: str
    point: tuple[float, float]
    relative: tuple[float, float]
    source: object = None
    notes: tuple[str, ...] = ()
    detected: Kind | None = None


def percentile(space: VASpace, va: NDArray[np.floating], kind: Kind) -> NDArray[np.float64]:
    """Where predictions stand among others of their kind.

    Args:
        space: The model, whose reference distributions are used. Without one, predictions are spread about
            the middle, near which they keep.
        va: (n, 2) valence and arousal in [0, 1].
        kind: What they were predicted of.

    Returns:
        (n, 2) in [0, 1], rounded to three decimals.
    """
    values = np.asarray(va, np.float64)
    if kind != "text" and (space.reference is None or kind not in space.reference.distributions):
        return np.asarray(np.round(np.clip(0.5 + _STRETCH * (values - 0.5), 0.0, 1.0), 3), np.float64)
    return np.asarray(np.round(space.distribution(kind).percentile(values), 3), np.float64)


def read_feelings(space: VASpace | None, sources: Sequence[Named]) -> list[Feeling | Failure]:
    """Read what a user names, as :func:`va_space.targets.read_targets` does.

    Args:
        space: The model; may be None if only feelings are named.
        sources: Words of feeling, "valence,arousal", pairs of numbers, texts, pictures, music, mixed.

    Returns:
        For each in order its feeling, or why it cannot be read. A word or a point names a place on the plane
        of what there is: it is taken as a percentile.

    Raises:
        ValueError: There is a picture, music or a text, and no model.
    """
    texts = [_as_text(source) for source in sources]
    if space is not None:
        found = read_targets(space, texts)
    elif len(words := [text for text in texts if isinstance(text, str) and parse_feeling(text)]) == len(
        texts
    ):
        points = [np.array(parse_feeling(word), np.float32) for word in words]
        found = [FeelingTarget(w.strip(), point, source=w) for w, point in zip(words, points, strict=True)]
    else:
        raise ValueError("pictures, music and texts need a model: a space, not None")
    for index, each in enumerate(found):
        if isinstance(each, MusicTarget) and each.peak is not None and each.peak <= _SILENT:
            found[index] = Failure(index, each.source, "silent from beginning to end: it feels like nothing")
    return [each if isinstance(each, Failure) else _feeling(space, each) for each in found]


def _as_text(source: Named) -> MediaInput | Target:
    """A pair of numbers as a text; anything else as it is."""
    if isinstance(source, tuple) and isinstance(source[0], int | float):
        return f"{float(source[0])},{float(source[1])}"
    return source


def _feeling(space: VASpace | None, target: Target) -> Feeling:
    valence, arousal = np.round(target.point.astype(np.float64), 3).tolist()
    if space is None or not isinstance(target, VectorTarget) or target.modality is None:
        return Feeling(target.name, "feeling", (valence, arousal), (valence, arousal), target.source)
    kind = target.kind or KINDS_OF[target.modality][0]
    place = percentile(space, target.point[None], kind)[0].tolist()
    point, relative = (valence, arousal), (place[0], place[1])
    return Feeling(target.name, target.modality, point, relative, target.source, target.notes, kind)


@dataclass(frozen=True)
class Course:
    """A feeling over time.

    Attributes:
        times: Seconds, rising, the first 0.
        places: (valence, arousal) as percentiles at each time; between them it changes evenly.
    """

    times: tuple[float, ...]
    places: tuple[tuple[float, float], ...]

    def __call__(self, second: float) -> tuple[float, float]:
        """Valence and arousal at a second, as percentiles."""
        return self.axis(second, 0), self.axis(second, 1)

    def axis(self, second: float, which: int) -> float:
        """One of them; no library's interpolation, so that the last bit is the same everywhere."""
        values = [place[which] for place in self.places]
        if second <= self.times[0]:
            return values[0]
        for (t0, v0), (t1, v1) in zip(
            zip(self.times, values, strict=True), zip(self.times[1:], values[1:], strict=True), strict=False
        ):
            if second < t1:
                return v0 + (v1 - v0) * (second - t0) / (t1 - t0)
        return values[-1]

    @property
    def still(self) -> bool:
        """Whether it stays the same."""
        return len(set(self.places)) == 1

    def scaled(self, seconds: float) -> "Course":
        """The same course, ending at a second."""
        end = self.times[-1]
        return self if end == 0 else Course(tuple(t * seconds / end for t in self.times), self.places)


def course_of(feelings: Sequence[Feeling], seconds: float) -> Course:
    """Feelings one after the other, each for the same time."""
    if len(feelings) == 1:
        return Course((0.0,), (feelings[0].relative,))
    step = seconds / (len(feelings) - 1)
    return Course(tuple(step * i for i in range(len(feelings))), tuple(each.relative for each in feelings))


def read_course(path: str | Path) -> Course:
    """A feeling over time from a table: second, valence, arousal in each row.

    Raises:
        MediaError: It cannot be read, has a value outside [0, 1], or goes back in time.
    """
    path = Path(path)
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MediaError(path, f"not a readable table ({error})") from error
    times: list[float] = []
    places: list[tuple[float, float]] = []
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row) or (number == 1 and not _numeric(row)):
            continue  # an empty line, or the heading
        if len(row) < 3 or not _numeric(row[:3]):
            raise MediaError(path, f"line {number}: expected second, valence, arousal, got {','.join(row)!r}")
        second, valence, arousal = (float(cell) for cell in row[:3])
        if not (math.isfinite(second) and second >= 0 and 0 <= valence <= 1 and 0 <= arousal <= 1):
            raise MediaError(path, f"line {number}: seconds from 0 on, valence and arousal from 0 to 1")
        if times and second <= times[-1]:
            raise MediaError(path, f"line {number}: {second:g} s after {times[-1]:g} s goes back in time")
        times.append(second)
        places.append((valence, arousal))
    if not times:
        raise MediaError(path, "no line with second, valence, arousal")
    if times[0] > 0:
        times, places = [0.0, *times], [places[0], *places]
    return Course(tuple(times), tuple(places))


def _numeric(cells: Sequence[str]) -> bool:
    try:
        return [float(cell) for cell in cells[:3]] != []
    except ValueError:
        return False
