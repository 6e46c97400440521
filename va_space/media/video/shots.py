"""Where a video cuts from one shot to the next; through PySceneDetect (extra ``video``)."""

from typing import TYPE_CHECKING, Any

from va_space.errors import MissingExtraError
from va_space.media.video.reading import VideoInfo, seconds_of

if TYPE_CHECKING:
    import av

_SIDE = 160  # pixels of the longer side of what is compared
_SHORTEST = 0.5  # seconds


class ShotDetector:
    """Finds cuts among frames that are passed to it, in order.

    A cut is a frame that differs from the one before it far more than the frames around it do from theirs:
    PySceneDetect's AdaptiveDetector, which does not take fast motion for cuts.

    Args:
        info: Of the video.

    Raises:
        MissingExtraError: PySceneDetect is not installed.
    """

    def __init__(self, info: VideoInfo) -> None:
        try:
            from scenedetect import FrameTimecode
            from scenedetect.detectors import AdaptiveDetector
        except ImportError as error:
            raise MissingExtraError("Finding the cuts of a video", "video", f"({error})") from error
        self._timecode: Any = FrameTimecode
        # The detector counts frames; times are those of the frames themselves, which may be at any distance.
        self._rate = float(info.rate)
        least = max(1, round(_SHORTEST * self._rate))
        self._detector = AdaptiveDetector(min_scene_len=least)
        self._time_base = info.time_base
        self._times: list[float] = []
        scale = min(1.0, _SIDE / max(info.width, info.height))
        self._size = max(16, round(info.width * scale)), max(16, round(info.height * scale))
        self._cuts: list[int] = []

    def see(self, frame: "av.VideoFrame") -> None:
        """The next frame."""
        width, height = self._size
        pixels = frame.reformat(width, height, "bgr24").to_ndarray()
        number = self._timecode(len(self._times), self._rate)
        self._cuts += [cut.frame_num for cut in self._detector.process_frame(number, pixels)]
        self._times.append(float(seconds_of(frame, self._time_base)))

    @property
    def cuts(self) -> list[float]:
        """Seconds of the first frames of all shots but the first, as far as is seen."""
        return [self._times[number] for number in self._cuts if 0 < number < len(self._times)]
