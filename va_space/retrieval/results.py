"""What a search returns."""

from dataclasses import dataclass, field
from pathlib import Path

from va_space.encoders.vectors import FloatArray
from va_space.retrieval.difference import Difference


@dataclass(frozen=True, kw_only=True)
class Found:
    """A track or a picture that was found.

    Attributes:
        rank: Place among the results, from 1.
        score: What ranks, in [0, 1]. Relative, for a query of another modality or a feeling: the share of
            music, or of pictures, spread evenly over all percentiles, that would lie farther from the query.
            Else: `similarity`.
        cosine: Of its vector and the query's, in [-1, 1]; None for a feeling, which has no vector.
        valence: Predicted, in [0, 1].
        arousal: Likewise.
        valence_std: Standard deviation of the prediction; None for a model without calibration.
        arousal_std: Likewise.
        title: Of the file's metadata, or the file's name without its ending.
        path: The file.
        explanation: How far it is from the query, if that was asked for.
        percentiles: Shares of the library that lie below it in valence and in arousal; None on the absolute
            scale.
        similarity: Between a picture and a track the predicted similarity of feeling, between two of a kind
            the cosine (0 if it is negative), for a feeling exp(-distance of valence-arousal / sigma).
        also: Other files of the library that hold the same.
        hash: SHA-256 of the file's content when it was indexed.
        vector: (dimension,) of the file.
    """

    rank: int
    score: float
    cosine: float | None
    valence: float
    arousal: float
    valence_std: float | None
    arousal_std: float | None
    title: str
    path: Path
    explanation: Difference | None = None
    percentiles: tuple[float, float] | None = None
    similarity: float | None = None
    also: tuple[Path, ...] = ()
    hash: str = ""
    vector: FloatArray | None = field(default=None, repr=False, compare=False)

    @property
    def is_there(self) -> bool:
        """Whether the file is still where it was indexed."""
        return self.path.is_file()

    @property
    def place(self) -> tuple[float, float]:
        """Valence and arousal on the scale of the ranking."""
        return self.percentiles or (self.valence, self.arousal)


@dataclass(frozen=True, kw_only=True)
class Result(Found):
    """A track that was found.

    Attributes:
        artist: Of the file's metadata; empty if it is not known.
        album: Likewise.
        duration: Seconds.
        start: Second at which the passage begins that fits best.
        length: Of that passage, in seconds.
        moments: (second, score) of each of its windows, in [0, 1]; only if an explanation was asked for.
    """

    artist: str
    album: str
    duration: float
    start: float
    length: float
    moments: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PictureResult(Found):
    """A picture that was found.

    Attributes:
        width: In pixels, upright.
        height: Likewise.
    """

    width: int
    height: int
