"""How media become tensors. These settings are stored with the weights, never chosen by the caller."""

from dataclasses import dataclass

from va_space.errors import ConfigError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class PictureSettings:
    """What the picture encoder sees.

    Attributes:
        size: Side in pixels; the whole picture is resized to size x size, so nothing is cropped away.
        mean: Channel means of RGB in [0, 1], subtracted by the encoder.
        std: Channel standard deviations, divided by after that.
        tta_scales: Multi-scale, flip test-time augmentation: shares of the size, each in (0, 1], at which the
            backbone gets the picture, as it is and mirrored; its features are averaged. A small backbone
            takes a shifted or shrunken picture for another one, and errs less in the mean. Empty: one view.
    """

    size: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    tta_scales: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 1 or min(self.std) <= 0 or not len(self.mean) == len(self.std) == 3:
            raise ConfigError(f"{self}: size and std must be positive, mean and std have three values")
        if not all(0 < scale <= 1 for scale in self.tta_scales):
            raise ConfigError(f"{self}: tta_scales are shares of the size, above 0 and at most 1")


@dataclass(frozen=True)
class AudioSettings:
    """What the music encoder hears.

    Attributes:
        sample_rate: Samples per second after resampling.
        window_seconds: Length of the windows that a track is cut into.
        n_fft: Samples in one Fourier frame.
        hop_length: Samples between frames.
        n_mels: Mel bands, from 0 Hz to half the sample rate.
        mel_scale: "slaney" (with area norm, as librosa) or "htk" (without norm, as torchaudio).
        semitones: Hear a second channel: as many semitones as there are mel bands, upwards from C1, by longer
            Fourier frames.
        waveform: The network takes sound itself, (N, 1, 1, samples), and makes its own spectrograms by these
            settings.
        floor: Smallest mel power, as a share of the window's mean power; -50 dB by default.
        mean: Mean of the log-mel values over the training set, subtracted by the encoder.
        std: Their standard deviation, divided by after that.
    """

    sample_rate: int = 22050
    window_seconds: float = 10.0
    n_fft: int = 2048
    hop_length: int = 1024
    n_mels: int = 128
    mel_scale: str = "slaney"
    semitones: bool = False
    waveform: bool = False
    floor: float = 1e-5
    mean: float = -1.5
    std: float = 1.2

    def __post_init__(self) -> None:
        if not 8_000 <= self.sample_rate <= 192_000:
            raise ConfigError(f"{self}: sample_rate must be 8,000 to 192,000 Hz")
        if self.window_seconds * self.sample_rate < self.n_fft:
            raise ConfigError(f"{self}: a window must hold at least n_fft samples")
        if not 1 <= self.n_mels <= self.n_fft // 2 or not 1 <= self.hop_length <= self.n_fft:
            raise ConfigError(f"{self}: n_mels must be 1 to n_fft / 2, and hop_length 1 to n_fft")
        if self.floor <= 0 or self.std <= 0:
            raise ConfigError(f"{self}: floor and std must be positive")
        if self.mel_scale not in ("slaney", "htk"):
            raise ConfigError(f"{self}: mel_scale must be 'slaney' or 'htk'")
        if self.semitones and semitone_frequency(self.n_mels - 1) > self.sample_rate / 2:
            raise ConfigError(f"{self}: {self.n_mels} semitones from C1 reach above half the sample rate")

    @property
    def channels(self) -> int:
        """Channels of the network's input: mel bands, and semitones if they are heard; sound itself has one."""
        return 1 if self.waveform else 1 + self.semitones

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, bands and frames of the network's input from one window; sound is one band of samples."""
        if self.waveform:
            return 1, 1, self.window_samples
        return self.channels, self.n_mels, self.window_samples // self.hop_length + 1

    @property
    def window_samples(self) -> int:
        """Samples in one window."""
        return round(self.window_seconds * self.sample_rate)


def semitone_frequency(index: int) -> float:
    """Hz of a semitone, counted from C1, where A4 is 440 Hz."""
    return 440.0 * 2.0 ** ((index + 24 - 69) / 12)
