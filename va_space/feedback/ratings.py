"""What was rated, and how."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import ArrayLike

from va_space.encoders.vectors import FloatArray
from va_space.errors import FeedbackError
from va_space.feedback.words import check_word
from va_space.media.kinds import Modality

Sort = Literal["picture", "music", "text", "feeling"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Place = tuple[float, float]

FEWEST_STARS, MOST_STARS = 1, 5


class Rateable(Protocol):
    """What can be rated: a target, as :func:`va_space.targets.read_target` makes it."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def vector(self) -> FloatArray | None:
        """(dimension,) unit vector; None for a feeling."""

    @property
    def modality(self) -> Modality | None:
        """What the vector was made from."""

    @property
    def sources(self) -> Sequence[object]:
        """What was given."""


@dataclass(frozen=True, eq=False)
class Item:
    """Something that was rated, or that it was rated for.

    Attributes:
        hash: SHA-256 of the content of its file; of a feeling or text, of what was written.
        name: For people.
        sort: "picture", "music", "text" or "feeling".
        place: (valence, arousal) as percentiles in [0, 1] among its kind, or in the library it was found in.
        vector: (dimension,) unit vector; None for a feeling.
    """

    hash: str
    name: str
    sort: Sort
    place: Place
    vector: FloatArray | None = None

    @classmethod
    def of(cls, target: Rateable, place: ArrayLike) -> "Item":
        """An item for a target and where it stands, (2,) percentiles.

        Raises:
            FeedbackError: Its file cannot be read any more.
        """
        valence, arousal = np.asarray(place, np.float64).tolist()
        return cls(
            _hash(target), target.name, target.modality or "feeling", (valence, arousal), target.vector
        )


@dataclass(frozen=True, eq=False)
class Rating:
    """What somebody said of an item.

    Attributes:
        item: What was rated.
        query: What it was to answer; None if it was rated by itself.
        model: Fingerprint of the model that made the vectors.
        stars: 1 to 5: how well it answers or, without a query, how much it is liked; None if not said.
        words: What it should have been, among :data:`va_space.feedback.WORDS`.
        profile: Whose rating it is.
        at: When, as ISO 8601 in UTC.
        id: Number in the store; None as long as it is not there.

    Raises:
        FeedbackError: It says nothing, or what cannot be.
    """

    item: Item
    query: Item | None
    model: str
    stars: int | None = None
    words: tuple[str, ...] = ()
    profile: str = "me"
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    id: int | None = None

    def __post_init__(self) -> None:
        if self.stars is None and not self.words:
            raise FeedbackError(f"{self.item.name}: neither stars nor a word")
        if self.stars is not None and not FEWEST_STARS <= self.stars <= MOST_STARS:
            raise FeedbackError(f"{self.stars} stars: there are {FEWEST_STARS} to {MOST_STARS}")
        if not self.profile.strip():
            raise FeedbackError("a profile needs a name")
        object.__setattr__(self, "words", tuple(dict.fromkeys(map(check_word, self.words))))


def text_hash(text: str) -> str:
    """The hash of a feeling or a text, by what was written."""
    return hashlib.sha256(
        f"text\n{' '.join(text.casefold().split())}".encode("utf-8", "backslashreplace")
    ).hexdigest()


def _hash(target: Rateable) -> str:
    if target.modality in (None, "text"):
        return text_hash(target.name)
    digests = []
    for source in target.sources:
        if isinstance(source, str | Path):
            try:
                with Path(source).open("rb") as file:
                    digests.append(hashlib.file_digest(file, "sha256").hexdigest())
            except OSError as error:
                raise FeedbackError(f"{source}: cannot be read ({error.strerror})") from error
    if len(digests) == 1:
        return digests[0]
    whole = "\n".join(digests).encode() or np.asarray(target.vector, np.float32).tobytes()
    return hashlib.sha256(whole).hexdigest()
