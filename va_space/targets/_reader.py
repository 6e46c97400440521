"""The one reader of what a user names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from va_space.emotion.words import nearest_words
from va_space.errors import MediaError, VASpaceError
from va_space.media.kinds import MediaInput, Modality, name_of
from va_space.space import Encoded, Failure, FloatArray, VASpace
from va_space.targets._target import KINDS, Target, VectorTarget
from va_space.targets.music import MusicTarget

Source = MediaInput | Target
"""What :func:`read_targets` takes: a text, a path, media in memory, or a target."""


def read_targets(
    space: VASpace, sources: Sequence[Source], *, at: float | None = None
) -> list[Target | Failure]:
    """Make targets of what a user named; the package says in which order it is read.

    Args:
        space: The model.
        sources: Words of feeling, "valence,arousal", texts, pictures, music, targets, mixed as you like.
        at: Take music at this second, the window around it, instead of the whole track.

    Returns:
        For each source its target, or why it could not be read.

    Example:
        >>> from va_space import VASpace
        >>> calm, = read_targets(VASpace.from_pretrained(), ["calm"])
        >>> calm.name, bool(calm.point[0] > 0.5 > calm.point[1])
        ('calm', True)
    """
    targets: dict[int, Target | Failure] = {}
    media: dict[int, MediaInput] = {}
    kinds = _kinds()  # once: it asks for entry points
    for index, source in enumerate(sources):
        if isinstance(source, Target):
            targets[index] = source
            continue
        try:
            if kind := _kind_of(source, kinds):
                targets[index] = kind.read(space, source)
            elif problem := missing(source):
                targets[index] = Failure(index, source, problem)
            else:
                media[index] = source
        except (ValueError, VASpaceError) as error:
            reason = error.reason if isinstance(error, MediaError) else str(error)
            targets[index] = Failure(index, source, reason)
    encoded = space.encode_iter(media.values())
    for index, item in zip(media, encoded, strict=True):
        if isinstance(item, Failure):
            targets[index] = Failure(index, item.source, item.reason)
        else:
            targets[index] = encoded_target(space, item, at=at)
    return [targets[index] for index in range(len(sources))]


def read_target(space: VASpace, source: Source | list[Source], *, at: float | None = None) -> Target:
    """Make one target; a list of sources becomes their mean.

    Args:
        space: The model.
        source: As one of the sources of :func:`read_targets`; or a list of them, all of one kind.
        at: As for :func:`read_targets`.

    Raises:
        MediaError: A source cannot be read.
        ValueError: A list is empty or mixes kinds.
    """
    targets = []
    for target in read_targets(space, source if isinstance(source, list) else [source], at=at):
        if isinstance(target, Failure):
            raise MediaError(name_of(target.source), target.reason)
        targets.append(target)
    return mean_target(space, targets)


def encoded_target(space: VASpace, item: Encoded, *, at: float | None = None) -> Target:
    """A target for an input that was encoded; `at` as for :func:`read_targets`."""
    vector = window_at(item, at) if at is not None and item.windows is not None else item.vector
    target = vector_kind(item.modality).of(space, vector, source=item.source, kind=space.kind_of(item))
    if isinstance(target, MusicTarget) and item.peaks is not None:
        target = replace(target, peak=float(item.peaks.max()))
    return replace(target, notes=item.notes)


def vector_kind(modality: Modality) -> type[VectorTarget]:
    """The kind of targets that vectors of a modality make."""
    for kind in _kinds():
        if kind.modality == modality and issubclass(kind, VectorTarget):
            return kind
    raise ValueError(f"no query kind for {modality}")


def mean_target(space: VASpace, targets: Sequence[Target]) -> Target:
    """Several targets as one: the normalised mean of their vectors, or the mean of their points.

    Raises:
        ValueError: There is none, or they are not all pictures, all music, all texts or all feelings.
    """
    if len(targets) == 1:
        return targets[0]
    if len({type(target) for target in targets}) != 1:
        raise ValueError(
            "only pictures, only music, only texts or only feelings have a mean; search for each by itself"
        )
    return type(targets[0]).mean(space, targets)


def window_at(music: Encoded, seconds: float) -> FloatArray:
    """The vector, (dimension,), of the window of music whose middle is nearest to a time.

    Raises:
        ValueError: It has no windows, being a picture.
    """
    if music.windows is None or music.starts is None:
        raise ValueError("a picture has no windows")
    length = music.starts[1] - music.starts[0] if len(music.starts) > 1 else 0.0
    return music.windows[int(np.abs(music.starts + length / 2 - seconds).argmin())]


def is_file(source: MediaInput) -> bool:
    """Whether a source is read as a file: a path, or a text that no kind accepts as it stands."""
    try:
        return isinstance(source, str | Path) and _kind_of(source, _kinds()) is None
    except ValueError:
        return False


def missing(source: MediaInput) -> str | None:
    """Why a text or path that no kind accepts cannot be a file either; None if it is there, or no path."""
    if not isinstance(source, str | Path) or _exists(source):
        return None
    text = str(source)
    if isinstance(source, str) and " " in text.strip():
        return "no such file; a text with such signs needs --text"
    if not text.strip() or Path(text).suffix or len(Path(text).parts) != 1 or not isinstance(source, str):
        return "no such file"
    near = nearest_words(text)
    hint = f"do you mean {' or '.join(near)}?" if near else "such as calm, happy, sad or tense"
    return f"no such file, and no known word of feeling; {hint}"


def problem_of(source: MediaInput) -> str | None:
    """What is wrong with a source, as far as that shows without a model and without reading files."""
    try:
        return None if _kind_of(source, _kinds()) else missing(source)
    except ValueError as error:
        return str(error)


def _exists(path: str | Path) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # a text that is too long for a name
        return False


def _kinds() -> list[type[Target]]:
    """All kinds; a feeling goes before the others, whatever their names, and a text after them."""
    return [KINDS[name] for name in sorted(KINDS, key=lambda name: (name != "feeling", name == "text", name))]


def _kind_of(source: MediaInput, kinds: Sequence[type[Target]]) -> type[Target] | None:
    """The kind that accepts a source as it stands; None for files and media in memory."""
    return next((kind for kind in kinds if kind.accepts(source)), None)
