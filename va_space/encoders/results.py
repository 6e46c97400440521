"""What encoding returns for each input."""

from dataclasses import dataclass

from va_space.encoders.vectors import FloatArray
from va_space.media.kinds import MediaInput, Modality


@dataclass(frozen=True)
class Encoded:
    """One input in the space.

    Attributes:
        index: Its place among the inputs.
        source: The input as it was given.
        modality: "picture" or "music".
        vector: (dimension,) unit vector; for music the normalised mean of the windows' vectors.
        windows: (w, dimension) unit vectors of the windows; None for a picture.
        starts: (w,) start of each window in seconds; None for a picture.
        duration: Of the recording, in seconds; None for a picture.
        features: (features,) of the encoder before the space, for music the mean over its windows: what tells
            its kind; None if it was not encoded here.
    """

    index: int
    source: MediaInput
    modality: Modality
    vector: FloatArray
    windows: FloatArray | None = None
    starts: FloatArray | None = None
    duration: float | None = None
    features: FloatArray | None = None


@dataclass(frozen=True)
class Failure:
    """One input that could not be read.

    Attributes:
        index: Its place among the inputs.
        source: The input as it was given.
        reason: What is wrong with it.
    """

    index: int
    source: MediaInput
    reason: str


@dataclass(frozen=True)
class WindowedTrack:
    """A recording over time.

    Attributes:
        starts: (w,) start of each window in seconds.
        vectors: (w, dimension) unit vectors.
    """

    starts: FloatArray
    vectors: FloatArray
