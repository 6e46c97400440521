"""What all kinds of targets have in common."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.emotion.reference import KINDS_OF, Kind
from va_space.encoders.vectors import normalised_mean
from va_space.media.kinds import MediaInput, Modality
from va_space.registry import Registry
from va_space.space import FloatArray, VASpace

Row = TypeVar("Row")


class Text(str):
    """A text that is read as one, though it may be a word of feeling or look like the name of a file.

    Example:
        >>> from va_space import VASpace
        >>> from va_space.targets import read_target
        >>> read_target(VASpace.from_pretrained(), Text("funeral")).modality
        'text'
    """

    __slots__ = ()


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
        notes: What is to be said about it, such as words that are not known.
    """

    modality: ClassVar[Modality | None] = None
    """What the vector was made from; None for a target without one."""

    name: str
    point: FloatArray
    std: FloatArray | None = None
    source: MediaInput | list[MediaInput] | None = None
    vector: FloatArray | None = None
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def sources(self) -> list[MediaInput]:
        """What was given, as a list."""
        if self.source is None:
            return []
        return self.source if isinstance(self.source, list) else [self.source]

    @property
    def stem(self) -> str:
        """The name, without the ending of a file."""
        of_file = isinstance(self.source, str | Path) and self.modality in ("picture", "music")
        return Path(self.name).stem if of_file else self.name

    def standing(self, space: VASpace, kind: Kind | None = None) -> NDArray[np.float64]:
        """Where it stands: (2,) percentiles of valence and arousal in [0, 1]; here the point itself.

        Args:
            space: A model with reference distributions.
            kind: What it is compared with, such as "painting", if it can be that; by default what it is.

        Raises:
            CheckpointError: The model has none.
        """
        return np.asarray(self.point, np.float64)

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


KINDS: Registry[type[Target]] = Registry("query kind", "va_space.targets")
"""The kinds of targets, one file each.

Another distribution adds one by the entry point group ``va_space.query_kinds``, or by importing a module with

>>> @KINDS.register("colour")  # doctest: +SKIP
... class ColourTarget(FeelingTarget): ...
"""


@dataclass(frozen=True, eq=False)
class VectorTarget(Target):
    """A place in the space, with the valence and arousal that the model predicts there.

    Attributes:
        kind: What it was made from, such as "painting"; None if it is not known.
    """

    vector: FloatArray = field(kw_only=True)
    kind: Kind | None = field(default=None, kw_only=True)

    def standing(self, space: VASpace, kind: Kind | None = None) -> NDArray[np.float64]:
        """(2,) percentiles among its kind."""
        return space.distribution(self.kind_in(kind)).percentile(self.point)

    def kind_in(self, kind: Kind | None) -> Kind:
        """What it is: as stated, if it can be that, or as detected."""
        kinds = KINDS_OF[self.modality or "picture"]
        return kind if kind in kinds else self.kind or kinds[0]

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
            vector: Of a picture, of a text, of a track, or of a window of one.
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
        whole = cls.of(space, vector, name=joined_names(targets), kind=kind)
        notes = dict.fromkeys(note for target in targets for note in target.notes)
        return replace(whole, source=joined_sources(targets), notes=tuple(notes))


def joined_names(targets: Sequence[Target]) -> str:
    """The names of several targets, as one."""
    return ", ".join(target.name for target in targets)


def joined_sources(targets: Sequence[Target]) -> list[MediaInput]:
    """What several targets were made from."""
    return [source for target in targets for source in target.sources]
