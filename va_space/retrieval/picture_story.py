"""Pictures in time with a track: one after the other, changing where its sections do.

The track is cut at the boundaries between its sections (:mod:`va_space.media.structure`). A section that
lasts longer than one picture should stay is cut into equal parts, each cut moved to the nearest beat. Each
part asks for a picture as a track of its own would, by the mean of the windows that it overlaps. Pictures are
assigned so that the sum, over the parts, of the share of pictures that would fit better is the smallest
(H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2, 1955);
none comes twice as long as there are enough, and never twice in a row.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.reference import Kind
from va_space.encoders.vectors import unit_rows
from va_space.errors import LibraryError, MediaError
from va_space.feedback.profile import Profile
from va_space.media.structure import Structure, read_structure
from va_space.retrieval.cue import overlaps
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import PictureLibrary
from va_space.retrieval.relative import compare
from va_space.retrieval.results import PictureResult
from va_space.retrieval.search import best_tracks, columns, condition_of, picture_results
from va_space.retrieval.story import share_of_better
from va_space.space import Encoded, Failure, VAScale, VASpace
from va_space.targets import MusicTarget, encoded_target

LONGEST = 12.0
"""Seconds that a picture stays at most."""
# Pictures of each part among which the story is found.
_PICTURES = 100
_SHORTEST = 2.0  # seconds that a cut leaves on both sides when it moves to a beat


@dataclass(frozen=True, kw_only=True)
class Slide(PictureResult):
    """A picture of a story, with its time; its rank is its place in the story.

    Attributes:
        start: Second of the track at which it appears.
        length: Seconds that it stays.
    """

    start: float
    length: float


@dataclass(frozen=True)
class PictureStory:
    """Pictures in time with a track.

    Attributes:
        query: The track, as a whole.
        slides: In order, without gaps from the track's beginning to its end.
    """

    query: MusicTarget
    slides: list[Slide]


def picture_story(
    space: VASpace,
    album: PictureLibrary,
    track: str | Path,
    *,
    longest: float = LONGEST,
    filters: Filters | None = None,
    explained: bool = False,
    scale: VAScale = "relative",
    kind: Kind | None = None,
    profile: Profile | None = None,
) -> PictureStory:
    """Find pictures for a track, in time with its sections; see the module for how.

    Args:
        space: The model that made the album.
        album: Where to search.
        track: A recording.
        longest: Seconds that a picture stays at most, above 0.
        filters: Which pictures may be found; by default all.
        explained: Say for each picture how far it is from its part of the track, and in what.
        scale: As for :func:`va_space.retrieval.search.search`.
        kind: What the track is, such as "rendering"; by default what was detected.
        profile: As for :func:`va_space.retrieval.search.search`.

    Raises:
        FeedbackError: The profile is of another model, or the scale is absolute.
        LibraryError: The album was made with another model, no picture in it may be found, or a condition
            cannot be understood.
        MediaError: The track cannot be read, or is a picture.
        MissingExtraError: The extra ``video`` is not installed.
        ValueError: `longest` is not positive.
    """
    if not 0 < longest < float("inf"):
        raise ValueError(f"longest is {longest}: must be more than 0 seconds")
    album.check_model(space.fingerprint)
    condition = condition_of(album, filters)
    item = _encoded(space, track)
    whole = encoded_target(space, item)
    assert isinstance(whole, MusicTarget)
    parts = cut_parts(read_structure(track), longest)
    queries = [_part(space, whole, item, *part) for part in parts]
    comparisons = [compare(space, album, query, scale, kind, profile) for query in queries]
    rankings = [comparison.ranking for comparison in comparisons]
    wanted = max(_PICTURES, len(parts))
    found = [best_tracks(space, album, ranking, wanted, condition)[0] for ranking in rankings]
    rows = list({row["id"]: row for each in found for row in each}.values())
    if not rows:
        raise LibraryError(f"{album.folder}: no picture that may be found")
    fit = np.stack([ranking.scores(space, *columns(rows)) for ranking in rankings], axis=1)
    slides = []
    for place, chosen in enumerate(assign(share_of_better(fit))):
        start, end = parts[place]
        score = fit[chosen, [place]]
        asked = queries[place], comparisons[place]
        (result,) = picture_results(space, album, *asked, [rows[chosen]], score, explained=explained)
        given = {**vars(result), "rank": place + 1}
        slides.append(Slide(**given, start=start, length=end - start))
    return PictureStory(whole, slides)


def cut_parts(structure: Structure, longest: float) -> list[tuple[float, float]]:
    """Begin and end, in seconds, of the parts of a recording that get a picture each."""
    edges = [0.0]
    for start, end in structure.sections:
        count = max(1, int(np.ceil((end - start) / longest - 1e-6)))
        for cut in np.linspace(start, end, count + 1)[1:-1].tolist():
            edges.append(_on_beat(cut, structure.beats, edges[-1] + _SHORTEST, end - _SHORTEST))
        edges.append(end)
    return list(pairwise(edges))


def assign(costs: NDArray[np.floating]) -> list[int]:
    """A picture for each part, at the smallest sum of costs.

    Args:
        costs: (pictures, parts), at least one picture.

    Returns:
        The number of a picture for each part: all different as long as there are enough, and no two in a row
        the same if there are two pictures.
    """
    from scipy.optimize import linear_sum_assignment

    pictures, parts = costs.shape
    chosen: list[int] = []
    for first in range(0, parts, pictures):
        some = np.array(costs[:, first : first + pictures], np.float64)
        if chosen and pictures > 1:
            some[chosen[-1], 0] = 2.0 * parts  # more than everything else together
        numbers, places = linear_sum_assignment(some)
        chosen += numbers[np.argsort(places)].tolist()
    return chosen


def _on_beat(cut: float, beats: NDArray[np.float64], low: float, high: float) -> float:
    """The beat nearest to a cut that leaves both sides long enough; the cut itself if there is none."""
    possible = beats[(beats >= low) & (beats <= high)]
    return float(possible[np.abs(possible - cut).argmin()]) if len(possible) else cut


def _encoded(space: VASpace, track: str | Path) -> Encoded:
    (item,) = space.encode_iter([Path(track)])
    if isinstance(item, Failure):
        raise MediaError(track, item.reason)
    if item.modality != "music":
        raise MediaError(track, "a picture; a story of pictures follows a track")
    return item


def _part(space: VASpace, whole: MusicTarget, item: Encoded, start: float, end: float) -> MusicTarget:
    """A part of a track as a query of its own."""
    assert item.windows is not None
    assert item.starts is not None
    window = space.config.audio.window_seconds
    begin = np.array([start], np.float32)
    weights = overlaps(item.starts, begin, window=window, length=end - start)  # (1, w)
    vector = unit_rows(weights @ item.windows)[0]
    return MusicTarget.of(space, vector, name=whole.name, source=item.source, kind=whole.kind)
