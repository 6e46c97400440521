"""Why a query and what was found for it go together: each explained towards the other."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from va_space.errors import MissingExtraError
from va_space.explanation.aims import AXES, aim_at, read_aims
from va_space.explanation.explain import Progress, explain_subject
from va_space.explanation.explanation import Explanation
from va_space.explanation.methods import MapOptions
from va_space.explanation.sides import Side, side_of
from va_space.space import Failure, VASpace
from va_space.targets import MusicTarget, PictureTarget, Target, TextTarget, VectorTarget

SideOf = Callable[[VASpace, Target], Side]


@dataclass(frozen=True, eq=False)
class Pair:
    """A query and what was found for it.

    Attributes:
        explanations: Of the query, then of what was found, as far as each has something to point at: nearness
            to the other, valence and arousal.
        notes: What cannot be told, and why.
    """

    explanations: tuple[Explanation, ...]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Everything as dictionaries, lists, texts and numbers."""
        return {"explanations": [each.to_dict() for each in self.explanations], "notes": list(self.notes)}


def explain_pair(
    space: VASpace,
    query: Target,
    found: PictureTarget | MusicTarget,
    *,
    options: MapOptions | None = None,
    progress: Progress | None = None,
) -> Pair:
    """Explain both sides of a match.

    Args:
        space: The model.
        query: What was asked for. A picture or a track with one source is explained too; of a feeling, a
            text, and the mean of several a note says why not.
        found: What was found, with its file as the source.
        options: How fine the maps of pictures are.
        progress: Called with (what is done, parts done, parts in all), for one side after the other.

    Raises:
        MediaError: A file cannot be read.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.demo.music import clips
        >>> from va_space.targets import read_targets
        >>> space = VASpace.from_pretrained()
        >>> calm, track = read_targets(space, ["calm", clips()[0].path])
        >>> pair = explain_pair(space, calm, track)
        >>> [each.aim.name for each in pair.explanations[0].explained]
        ['calm', 'valence', 'arousal']
        >>> pair.notes
        ('calm is a feeling: there is nothing in it to point at, and nothing to change.',)
    """
    explanations, notes = [], []
    sides: SideOf = cache(side_of)  # what is heard in a track is asked for by both explanations
    for subject, other in ((query, found), (found, query)):
        if (note := _nothing_in(subject)) is not None:
            notes.append(note)
            continue
        assert isinstance(subject, PictureTarget | MusicTarget)
        try:
            explanations.append(_towards(space, subject, other, sides, options, progress))
        except MissingExtraError as error:
            notes.append(f"{subject.name}: {error}")
    return Pair(tuple(explanations), tuple(notes))


def _towards(
    space: VASpace,
    subject: PictureTarget | MusicTarget,
    other: Target,
    sides: SideOf,
    options: MapOptions | None,
    progress: Progress | None,
) -> Explanation:
    assert subject.modality is not None
    kind = subject.kind_in(None)
    axes = [aim for aim in read_aims(space, AXES, subject.modality, kind) if not isinstance(aim, Failure)]
    aims = [aim_at(space, other, subject.modality, kind), *axes]
    return explain_subject(space, subject, aims, options=options, progress=progress, sides=sides)


def _nothing_in(target: Target) -> str | None:
    """Why a target has nothing to point at; None if it has."""
    if isinstance(target, TextTarget):
        return f"{target.name} is a text: it is read as a whole, and no word of it is pointed at."
    if not isinstance(target, VectorTarget):
        return f"{target.name} is a feeling: there is nothing in it to point at, and nothing to change."
    if len(target.sources) > 1:
        what = "pictures" if isinstance(target, PictureTarget) else "tracks"
        return f"{target.name} is the mean of several {what}: no place in one of them can be pointed at."
    if not target.sources:
        return (
            f"{target.name}: its file is not kept after it was read, so that nothing in it can be pointed at."
        )
    return None
