"""Which music each scene gets: passages of a library by the cost of a story, or composed ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from va_space.emotion.words import describe
from va_space.errors import LibraryError
from va_space.feedback.profile import Profile
from va_space.generation.music.compose import SHORTEST as SHORTEST_TAKE
from va_space.generation.music.compose import compose
from va_space.generation.music.provenance import title as title_of
from va_space.generation.music.score import Score
from va_space.generation.music.synthesis.render import synthesize
from va_space.generation.music.synthesis.voices import SAMPLE_RATE
from va_space.generation.music.target import Course
from va_space.media.video.sound import RATE, Samples, read_stereo
from va_space.production.soundtrack.scenes import Scene
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.names import on_disk
from va_space.retrieval.relative import Comparison, compare
from va_space.retrieval.search import best_tracks
from va_space.retrieval.story import (
    PASSAGES,
    SMOOTHNESS,
    TRACKS,
    Passages,
    cheapest_path,
    join_costs,
    passages_of,
    share_of_better,
    usual_joins,
)
from va_space.space import VASpace
from va_space.targets import FeelingTarget

CANDIDATES = 40
"""Scores of which one is chosen for a scene, where music is composed."""
_MISSING = 0.5  # seconds that a passage may end too early
Places = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Cue:
    """A passage of music under a scene.

    Attributes:
        scene: What it accompanies.
        length: Seconds that are played; more than the scene has, for the fades.
        title: Of the track.
        artist: Of the track; empty if it is not known.
        place: (valence, arousal) as percentiles: of the track in the library; of composed music, as judged.
        path: The track's file; None for composed music.
        source_start: Second of the track at which the passage begins.
        score: How well the passage answers, in [0, 1]; None for composed music.
        read: Gives the passage as (2, n) samples at :data:`va_space.media.video.sound.RATE`.
    """

    scene: Scene
    length: float
    title: str
    artist: str
    place: Places
    path: Path | None
    source_start: float
    score: float | None
    read: Callable[[], Samples]


def longest_scene(library: MusicLibrary, fade: float, longest: float) -> float:
    """Seconds of a scene for which half of the library's tracks are long enough, at most `longest`."""
    durations = library.durations()
    if not len(durations):
        raise LibraryError(f"{library.folder}: holds no music")
    return float(min(longest, max(1.0, float(np.median(durations)) - fade)))


def choose_cues(
    space: VASpace,
    library: MusicLibrary,
    scenes: Sequence[Scene],
    *,
    fade: float,
    filters: Filters | None = None,
    smoothness: float = SMOOTHNESS,
    profile: Profile | None = None,
) -> list[Cue]:
    """A passage for each scene at the smallest cost, as :mod:`va_space.retrieval.story` counts it.

    Each passage is as long as its scene and the fades. No track comes twice in a row. Tracks whose file is
    gone are passed over.

    Args:
        space: The model that made the library.
        library: Where to search.
        scenes: In order.
        fade: Seconds in which one cue passes into the next.
        filters: Which tracks may be found; by default all.
        smoothness: How much joins weigh against fits.
        profile: Whose wishes count; by default nobody's.

    Raises:
        LibraryError: The library is of another model, or has too few tracks that are long enough.
    """
    library.check_model(space.fingerprint)
    asked = [FeelingTarget(describe(*scene.place), np.array(scene.place, np.float32)) for scene in scenes]
    comparisons = [compare(space, library, each, profile=profile) for each in asked]
    found = []
    for scene, comparison in zip(scenes, comparisons, strict=True):
        condition = _long_enough(filters or Filters(), scene).condition(library.root)
        best = best_tracks(space, library, comparison.ranking, TRACKS, condition)[0]
        found.append([row for row in best if on_disk(library.root, row["path"]).is_file()])
    rows = list({row["id"]: row for some in found for row in some}.values())
    numbers = {row["id"]: number for number, row in enumerate(rows)}
    windows = library.windows([row["id"] for row in rows]) if rows else {}
    steps = []
    for scene, comparison, some in zip(scenes, comparisons, found, strict=True):
        own = passages_of(space, windows, [comparison.ranking], some, scene.seconds + fade)
        if not len(own.track):
            raise LibraryError(
                f"{library.folder}: no track that may be found, and whose file is there, is as long as the "
                f"{scene.seconds:.0f} s from {scene.start:.0f} s on"
            )
        own = own[np.argsort(-own.fit[:, 0], kind="stable")]
        ids = np.array([numbers[some[track]["id"]] for track in own.track])
        steps.append(Passages(ids, own.start, own.length, own.first, own.last, own.fit))
    path = _path(steps, smoothness)
    if path is None:
        raise LibraryError(
            f"{library.folder}: too few tracks that may be found for {len(scenes)} cues, since no track "
            "comes twice in a row"
        )
    return [
        _library_cue(library, scene, rows[step.track[state]], step, state, comparison)
        for scene, step, state, comparison in zip(scenes, steps, path, comparisons, strict=True)
    ]


def _long_enough(filters: Filters, scene: Scene) -> Filters:
    least = max(filters.min_duration or 0.0, scene.seconds - _MISSING)
    return replace(filters, min_duration=least)


def _path(steps: Sequence[Passages], smoothness: float) -> list[int] | None:
    usual = usual_joins(_together(steps))
    costs = [share_of_better(step.fit)[:PASSAGES, 0] for step in steps]
    kept = [step[np.arange(min(PASSAGES, len(step.track)))] for step in steps]
    joins = [join_costs(before, after, smoothness, usual) for before, after in pairwise(kept)]
    return cheapest_path(costs, joins)


def _together(steps: Sequence[Passages]) -> Passages:
    fields = ("track", "start", "length", "first", "last", "fit")
    return Passages(*(np.concatenate([getattr(step, name) for step in steps]) for name in fields))


def _library_cue(
    library: MusicLibrary,
    scene: Scene,
    row: dict[str, Any],
    step: Passages,
    state: int,
    comparison: Comparison,
) -> Cue:
    path = on_disk(library.root, row["path"])
    start, length = float(step.start[state]), float(step.length[state])
    assert comparison.distribution is not None  # the model has a reference: its shots were placed by it
    valence, arousal = comparison.distribution.percentile([row["valence"], row["arousal"]]).tolist()
    return Cue(
        scene,
        length,
        row["title"],
        row["artist"],
        (valence, arousal),
        path,
        start,
        float(step.fit[state, 0]),
        partial(read_stereo, path, start, length),
    )


def compose_cues(
    space: VASpace,
    scenes: Sequence[Scene],
    *,
    fade: float,
    seed: int = 0,
    candidates: int = CANDIDATES,
    profile: Profile | None = None,
) -> Iterator[Cue]:
    """Music composed for each scene.

    Args:
        space: Hears the candidates.
        scenes: In order.
        fade: Seconds in which one cue passes into the next.
        seed: Of all choices.
        candidates: Scores to choose from for each scene.
        profile: Whose wishes count; by default nobody's.
    """
    for number, scene in enumerate(scenes):
        seconds = max(SHORTEST_TAKE, scene.seconds + fade)
        take = compose(
            space,
            Course((0.0,), ((round(scene.place[0], 3), round(scene.place[1], 3)),)),
            seconds=seconds,
            seed=seed + number,
            candidates=candidates,
            profile=profile,
        )
        # Played again when it is mixed: the sound of a whole film would fill the memory.
        play = partial(_played, take.score, seconds)
        yield Cue(scene, seconds, title_of(take), "", take.chosen.felt, None, 0.0, None, play)


def _played(score: Score, seconds: float) -> Samples:
    sound = synthesize(score, seconds)
    return np.ascontiguousarray(soxr.resample(sound.T, SAMPLE_RATE, RATE).T, np.float32)
