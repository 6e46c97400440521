"""What encoding returns for each input."""

from dataclasses import dataclass

from va_space.encoders.vectors import FloatArray
from va_space.errors import MediaError
from va_space.media.kinds import MediaInput, Modality, name_of


@dataclass(frozen=True)
class Encoded:
    """One input in the space.

    Attributes:
        index: Its place among the inputs.
        source: The input as it was given.
        modality: "picture", "music" or "text".
        vector: (dimension,) unit vector; for music the normalised mean of the windows' vectors.
        windows: (w, dimension) unit vectors of the windows; None for a picture or a text.
        starts: (w,) start of each window in seconds; None for a picture.
        duration: Of the recording, in seconds; None for a picture.
        levels: (w,) root mean square of each window's samples, 1 being full scale; None for a picture.
        peaks: (w,) largest absolute sample of each window; None for a picture.
        notes: What is to be said about a file that was used all the same, such as a missing end mark.
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
    levels: FloatArray | None = None
    peaks: FloatArray | None = None
    notes: tuple[str, ...] = ()
    features: FloatArray | None = None

    def track(self) -> "WindowedTrack":
        """Music over time.

        Raises:
            MediaError: It is a picture.
        """
        if (
            self.windows is None
            or self.starts is None
            or self.levels is None
            or self.peaks is None
            or self.duration is None
        ):
            raise MediaError(name_of(self.source), "a picture has no windows: they are of music")
        return WindowedTrack(self.starts, self.windows, self.levels, self.peaks, self.duration, self.notes)


@dataclass(frozen=True)
class Failure:
    """One input that could not be read.

    Attributes:
        index: Its place among the inputs.
        source: The input as it was given.
        reason: What is wrong with it.
    """

    index: int
    source: object
    reason: str


@dataclass(frozen=True)
class WindowedTrack:
    """A recording over time.

    Attributes:
        starts: (w,) start of each window in seconds.
        vectors: (w, dimension) unit vectors.
        levels: (w,) root mean square of each window's samples, 1 being full scale.
        peaks: (w,) largest absolute sample of each window.
        duration: Of the recording, in seconds.
        notes: As for :class:`Encoded`.
    """

    starts: FloatArray
    vectors: FloatArray
    levels: FloatArray
    peaks: FloatArray
    duration: float
    notes: tuple[str, ...] = ()
