"""What a user names as a target or a query, and the one reader of it.

A source is read in this order:

1. A :class:`Target` stays as it is.
2. A text that is a word of feeling or "valence,arousal" is that feeling, also where a file has that name:
   ``calm`` is the word, ``./calm`` and ``Path("calm")`` are the file.
3. Other kinds that :data:`KINDS` knows are asked whether they accept the source.
4. Everything else is a picture or music, as :meth:`VASpace.encode <va_space.space.VASpace.encode>` takes it:
   a path, an image, an array, (samples, sample rate). The content decides which of the two.

A target says how well tracks answer it and where among many tracks to look; search, stories and restyling ask
the target and not what kind it is. To add a kind, write a subclass of :class:`Target` and register it in
:data:`KINDS` (see there).
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from va_space.emotion import plane
from va_space.emotion.reference import Kind
from va_space.emotion.words import nearest_words, parse_feeling
from va_space.encoders.vectors import normalised_mean
from va_space.errors import MediaError, VASpaceError
from va_space.media.kinds import MediaInput, Modality, name_of
from va_space.registry import Registry
from va_space.space import Encoded, Failure, FloatArray, VASpace

CANDIDATES = 300
"""Nearest tracks by cosine that the similarity predictor puts in order for a picture."""

Row = TypeVar("Row")


class Tracks(Protocol[Row]):
    """What candidates are found in, such as a :class:`~va_space.retrieval.library.MusicLibrary`."""

    def points(self, *, where: str | None = None) -> tuple[list[str], FloatArray]:
        """The id of every track and (n, 2) its valence and arousal."""

    def tracks(self, ids: Sequence[str]) -> list[Row]:
        """Rows of tracks, in the order of their ids."""

    def nearest(self, vector: FloatArray, count: int, *, where: str | None = None) -> list[Row]:
        """Rows of the tracks with the largest cosine to a vector (dimension,), best first."""


@dataclass(frozen=True, eq=False)
class Target(ABC):
    """What a user named.

    Attributes:
        name: For people: the name of a file, or the feeling as it was written.
        point: (2,) valence and arousal in [0, 1]; predicted, unless it was given.
        std: (2,) standard deviation of the prediction; None if the point was given, or if it is not known.
        source: What was given; a list for the mean of several.
        vector: (dimension,) unit vector; None for a feeling, which has none in the space.
    """

    modality: ClassVar[Modality | None] = None
    """What the vector was made from; None for a target without one."""

    name: str
    point: FloatArray
    std: FloatArray | None = None
    source: MediaInput | list[MediaInput] | None = None
    vector: FloatArray | None = None

    @property
    def sources(self) -> list[MediaInput]:
        """What was given, as a list."""
        if self.source is None:
            return []
        return self.source if isinstance(self.source, list) else [self.source]

    @property
    def stem(self) -> str:
        """The name, without the ending of a file."""
        return Path(self.name).stem if isinstance(self.source, str | Path) and self.modality else self.name

    @classmethod
    def accepts(cls, source: MediaInput) -> bool:
        """Whether a source is of this kind, found without a model and without reading files.

        Kinds that are told by the content of a file accept nothing here.

        Raises:
            ValueError: It is of this kind, and wrong; the message says what is.
        """
        return False

    @classmethod
    def read(cls, space: VASpace, source: MediaInput) -> "Target":
        """Make a target of a source that :meth:`accepts` accepted.

        Raises:
            VASpaceError: It cannot be read.
        """
        raise TypeError(f"{cls.__name__} is made of encoded media")

    @abstractmethod
    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> NDArray[np.floating[Any]]:
        """How well tracks, or windows of them, answer.

        Args:
            space: The model.
            vectors: (n, dimension) unit vectors.
            va: (n, 2) their valence and arousal in [0, 1].

        Returns:
            (n,) in [0, 1].
        """

    @abstractmethod
    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """Tracks among which the best `count` by :meth:`scores` are: at least as many, if there are.

        Args:
            tracks: Where to look.
            count: How many are wanted.
            where: A condition in SQL that they must meet.
        """

    @classmethod
    @abstractmethod
    def mean(cls, space: VASpace, targets: Sequence[Self]) -> Self:
        """Several targets of this kind as one."""


KINDS: Registry[type[Target]] = Registry("query kind")
"""The kinds of targets.

Another distribution adds one by the entry point group ``va_space.query_kinds``, or by importing a module with

>>> @KINDS.register("colour")  # doctest: +SKIP
... class ColourTarget(FeelingTarget): ...
"""


@KINDS.register("feeling")
@dataclass(frozen=True, eq=False)
class FeelingTarget(Target):
    """A word of feeling, or valence and arousal as two numbers.

    Example:
        >>> import numpy as np
        >>> FeelingTarget("bright", np.array([0.9, 0.6], np.float32)).vector is None
        True
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "point", np.asarray(self.point, np.float32))

    @classmethod
    def accepts(cls, source: MediaInput) -> bool:
        """Whether it is a text that :func:`va_space.emotion.words.parse_feeling` understands."""
        return isinstance(source, str) and parse_feeling(source) is not None

    @classmethod
    def read(cls, space: VASpace, source: MediaInput) -> "FeelingTarget":
        """The point of the text."""
        text = str(source)
        return cls(text.strip(), np.array(parse_feeling(text), np.float32), source=source)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) emotional similarity, exp(-distance / sigma), of the points."""
        point, others = torch.from_numpy(self.point[None]), torch.from_numpy(va)
        return plane.similarity(point, others, space.config.sigma)[0].numpy()

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The tracks that are nearest on the plane."""
        ids, points = tracks.points(where=where)
        nearest = np.argsort(np.linalg.norm(points - self.point, axis=1), kind="stable")[:count]
        return tracks.tracks([ids[index] for index in nearest])

    @classmethod
    def mean(cls, space: VASpace, targets: Sequence[Self]) -> Self:
        """The mean of the points."""
        point = np.stack([target.point for target in targets]).mean(axis=0)
        return cls(_names(targets), point, source=_sources(targets))


@dataclass(frozen=True, eq=False)
class VectorTarget(Target):
    """A place in the space, with the valence and arousal that the model predicts there.

    Attributes:
        kind: What it was made from, such as "painting"; None if it is not known.
    """

    vector: FloatArray = field(kw_only=True)
    kind: Kind | None = field(default=None, kw_only=True)

    @classmethod
    def of(
        cls,
        space: VASpace,
        vector: ArrayLike,
        *,
        name: str | None = None,
        source: MediaInput | None = None,
        kind: Kind | None = None,
    ) -> Self:
        """A target for a unit vector (dimension,).

        Args:
            space: Predicts valence and arousal.
            vector: Of a picture, of a track, or of a window of one.
            name: By default that of the file, or else the kind.
            source: What the vector was made from.
            kind: What that is, such as "painting"; None if it is not known.
        """
        assert cls.modality is not None
        vector = np.asarray(vector, np.float32)
        point, std = space.predict_va_from_vectors(vector[None], cls.modality, return_std=True)
        if name is None:
            name = Path(source).name if isinstance(source, str | Path) else cls.modality
        deviation = std[0] if np.isfinite(std).all() else None
        return cls(name, point[0], deviation, source, vector=vector, kind=kind)

    @classmethod
    def mean(cls, space: VASpace, targets: Sequence[Self]) -> Self:
        """The normalised mean of the vectors."""
        vector = normalised_mean(np.stack([target.vector for target in targets]))
        kind = Counter(target.kind for target in targets).most_common(1)[0][0]
        whole = cls.of(space, vector, name=_names(targets), kind=kind)
        return replace(whole, source=_sources(targets))


@KINDS.register("picture")
@dataclass(frozen=True, eq=False)
class PictureTarget(VectorTarget):
    """A picture, or the mean of several."""

    modality = "picture"

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) predicted similarity of feeling."""
        return space.similarity(self.vector[None], vectors)[0]

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, many enough for the predictor to put in order."""
        return tracks.nearest(self.vector, max(count, CANDIDATES), where=where)


@KINDS.register("music")
@dataclass(frozen=True, eq=False)
class MusicTarget(VectorTarget):
    """A track, a moment of one, or the mean of several.

    Attributes:
        peak: Largest absolute sample of the recording; None if it was not read.
    """

    modality = "music"

    peak: float | None = field(default=None, kw_only=True)

    def scores(self, space: VASpace, vectors: FloatArray, va: FloatArray) -> FloatArray:
        """(n,) cosine, 0 where it is negative."""
        return np.clip(vectors @ self.vector, 0, 1)

    def candidates(self, tracks: Tracks[Row], count: int, *, where: str | None = None) -> list[Row]:
        """The nearest by cosine, in the order of which they stay."""
        return tracks.nearest(self.vector, count, where=where)


Source = MediaInput | Target
"""What :func:`read_targets` takes: a text, a path, media in memory, or a target."""


def read_targets(
    space: VASpace, sources: Sequence[Source], *, at: float | None = None
) -> list[Target | Failure]:
    """Make targets of what a user named; the module says in which order it is read.

    Args:
        space: The model.
        sources: Words of feeling, "valence,arousal", pictures, music, targets, mixed as you like.
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
        return replace(target, peak=float(item.peaks.max()))
    return target


def vector_kind(modality: Modality) -> type[VectorTarget]:
    """The kind of targets that vectors of a modality make."""
    for kind in _kinds():
        if kind.modality == modality and issubclass(kind, VectorTarget):
            return kind
    raise ValueError(f"no query kind for {modality}")


def mean_target(space: VASpace, targets: Sequence[Target]) -> Target:
    """Several targets as one: the normalised mean of their vectors, or the mean of their points.

    Raises:
        ValueError: There is none, or they are not all pictures, all music or all feelings.
    """
    if len(targets) == 1:
        return targets[0]
    if len({type(target) for target in targets}) != 1:
        raise ValueError("only pictures, only music or only feelings have a mean; search for each by itself")
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
    """All kinds; a feeling goes before the others, whatever their names."""
    return [KINDS[name] for name in sorted(KINDS, key=lambda name: (name != "feeling", name))]


def _kind_of(source: MediaInput, kinds: Sequence[type[Target]]) -> type[Target] | None:
    """The kind that accepts a source as it stands; None for files and media in memory."""
    return next((kind for kind in kinds if kind.accepts(source)), None)


def _names(targets: Sequence[Target]) -> str:
    return ", ".join(target.name for target in targets)


def _sources(targets: Sequence[Target]) -> list[MediaInput]:
    return [source for target in targets for source in target.sources]
