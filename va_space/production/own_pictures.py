"""A cover from one's own pictures: the one that feels most like a track, graded to it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from va_space.generation.artwork.artwork import Print
from va_space.generation.provenance import versions
from va_space.generation.tags.description import Section, TrackDescription
from va_space.media.editable import load_editable
from va_space.retrieval.album import rank_pictures
from va_space.space import Failure, VASpace
from va_space.targets import read_target
from va_space.transfer.restyle import restyle

STRENGTH = 0.4


def from_own_pictures(
    space: VASpace,
    description: TrackDescription,
    pictures: str | Path,
    *,
    takes: int = 1,
    section: Section | None = None,
    strength: float = STRENGTH,
    seed: int = 0,
    failures: list[Failure] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Sequence[Print]:
    """Pictures of one's own for a track, the one that feels most like it first, graded to the music.

    Args:
        space: The model.
        description: Of the track.
        pictures: A folder, or what ``va-space index --kind pictures`` made of one.
        takes: How many pictures.
        section: Whose feeling to go by; by default the whole.
        strength: Of the grade, from 0, none, to 1.
        seed: Of the grade's optimiser.
        failures: Gets the pictures that could not be read.
        progress: Called with what is done, how many are done, of how many.

    Raises:
        LibraryError: There is no picture, or the album is of another model.
        MediaError: There is no such folder, or the track cannot be read.
    """

    def report(what: str) -> Callable[[int, int], None] | None:
        return (lambda done, total: progress(what, done, total)) if progress else None

    valence, arousal = section.feeling if section else description.feeling
    query = f"{valence:.4f},{arousal:.4f}" if section else Path(description.path)
    found = rank_pictures(
        space, pictures, query, takes, diverse=takes > 1, failures=failures, progress=report("Looking")
    )
    target = read_target(space, query)
    made = []
    for place, result in enumerate(found, start=1):
        picture = load_editable(result.path)
        (graded,) = restyle(
            space, picture, [target], strength=strength, seed=seed, progress=report("Grading")
        )
        facts = {
            "engine": "own picture",
            "picture": result.path.name,
            "score": round(float(result.score), 4),
            "rank": place,
            "heard": {
                "recording": Path(description.path).name,
                "section": section.label if section else None,
                "feeling percentile": [round(valence, 4), round(arousal, 4)],
            },
            "grade": {
                "strength": strength,
                "before": [round(float(value), 4) for value in graded.before],
                "after": [round(float(value), 4) for value in graded.after],
            },
            "seed": seed,
            "model": space.fingerprint,
            "versions": versions("pillow", "torch"),
        }
        made.append(Print(f"{result.path.name}, graded", facts, image=graded.picture.seen()))
    return made
