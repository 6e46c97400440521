"""How media become tensors. These settings are stored with the weights, never chosen by the caller."""

from dataclasses import dataclass

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class PictureSettings:
    """What the picture encoder sees.

    Attributes:
        size: Side in pixels; the whole picture is resized to size x size, so nothing is cropped away.
        mean: Channel means of RGB in [0, 1], subtracted by the encoder.
        std: Channel standard deviations, divided by after that.
    """

    size: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD


@dataclass(frozen=True)
class AudioSettings:
    """What the music encoder hears.

    Attributes:
        sample_rate: Samples per second after resampling.
        window_seconds: Length of the windows that a track is cut into.
        n_fft: Samples in one Fourier frame.
        hop_length: Samples between frames.
        n_mels: Mel bands, from 0 Hz to half the sample rate (Slaney's scale and area norm, as librosa).
        floor: Smallest mel power, as a share of the window's mean power; -50 dB by default.
        mean: Mean of the log-mel values over the training set, subtracted by the encoder.
        std: Their standard deviation, divided by after that.
    """

    sample_rate: int = 22050
    window_seconds: float = 10.0
    n_fft: int = 2048
    hop_length: int = 1024
    n_mels: int = 128
    floor: float = 1e-5
    mean: float = -1.5
    std: float = 1.2

    @property
    def window_samples(self) -> int:
        """Samples in one window."""
        return round(self.window_seconds * self.sample_rate)
