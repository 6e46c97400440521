"""Log-mel spectrograms in batches, on the device that the samples are on."""

import torch
from torch import Tensor, nn

from va_space.media.settings import AudioSettings

# Mean mel power below which a window is silence: some 240 dB below full scale.
_SILENCE = 1e-20


class LogMel(nn.Module):
    """Mono samples to log-mel pictures that do not depend on how loud the recording is.

    Computes in float32 also under autocast; keep the module itself in float32.

    Args:
        settings: Sample rate, Fourier and mel settings.
    """

    window: Tensor
    filters: Tensor

    def __init__(self, settings: AudioSettings) -> None:
        super().__init__()
        import librosa.filters

        self.settings = settings
        filters = librosa.filters.mel(sr=settings.sample_rate, n_fft=settings.n_fft, n_mels=settings.n_mels)
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)
        self.register_buffer("window", torch.hann_window(settings.n_fft), persistent=False)

    def mel(self, samples: Tensor) -> Tensor:
        """Mel power spectrogram, as ``librosa.feature.melspectrogram`` with its defaults computes it.

        Args:
            samples: (N, T) mono at ``settings.sample_rate``.

        Returns:
            (N, 1, n_mels, 1 + T // hop_length) float32, >= 0.
        """
        with torch.autocast(samples.device.type, enabled=False):
            spectrum = torch.stft(
                samples.float(),
                n_fft=self.settings.n_fft,
                hop_length=self.settings.hop_length,
                window=self.window,
                center=True,
                pad_mode="constant",
                return_complex=True,
            )  # (N, n_fft // 2 + 1, frames)
            power = spectrum.real.square() + spectrum.imag.square()
            return (self.filters @ power).unsqueeze(1)

    def forward(self, samples: Tensor) -> Tensor:
        """log10(mel / its mean over the window + floor): silence is log10(floor) everywhere.

        Args:
            samples: (N, T) mono at ``settings.sample_rate``.

        Returns:
            (N, 1, n_mels, 1 + T // hop_length) float32.
        """
        mel = self.mel(samples)
        mean = mel.mean(dim=(1, 2, 3), keepdim=True).clamp_min(_SILENCE)
        return torch.log10(mel / mean + self.settings.floor)
