"""Log-power spectrograms in batches, on the device that the samples are on."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from va_space.media.settings import AudioSettings, semitone_frequency

# Mean power below which a window is silence: some 240 dB below full scale.
_SILENCE = 1e-20
# Semitones need longer Fourier frames than mel bands: this tells neighbours apart from C3 on.
_SEMITONE_SECONDS = 0.25


class LogMel(nn.Module):
    """Mono samples to log-mel pictures that do not depend on how loud the recording is.

    With ``settings.semitones`` a second channel holds semitones instead of mel bands, at the same times.
    Computes in float32 also under autocast; keep the module itself in float32.

    Args:
        settings: Sample rate, Fourier and mel settings.
    """

    window: Tensor
    filters: Tensor
    semitone_window: Tensor
    semitone_filters: Tensor

    def __init__(self, settings: AudioSettings) -> None:
        super().__init__()
        self.settings = settings
        filters = mel_filters(
            settings.sample_rate, settings.n_fft, settings.n_mels, htk=settings.mel_scale == "htk"
        )
        self.register_buffer("filters", torch.from_numpy(filters), persistent=False)
        self.register_buffer("window", torch.hann_window(settings.n_fft), persistent=False)
        if settings.semitones:
            length = 2 ** round(np.log2(_SEMITONE_SECONDS * settings.sample_rate))
            semitones = semitone_filters(settings.sample_rate, length, settings.n_mels)
            self.register_buffer("semitone_filters", torch.from_numpy(semitones), persistent=False)
            self.register_buffer("semitone_window", torch.hann_window(length), persistent=False)

    def mel(self, samples: Tensor) -> Tensor:
        """Mel power spectrogram, as ``librosa.feature.melspectrogram`` computes it.

        Args:
            samples: (N, T) mono at ``settings.sample_rate``.

        Returns:
            (N, 1, n_mels, 1 + T // hop_length) float32, >= 0.
        """
        return self._bands(samples, self.window, self.filters)

    def semitones(self, samples: Tensor, every: int = 1) -> Tensor:
        """Power in semitones from C1 upwards; shapes as for :meth:`mel`. Needs ``settings.semitones``.

        Args:
            samples: As for :meth:`mel`.
            every: Compute every second, third, ... frame alone.
        """
        return self._bands(samples, self.semitone_window, self.semitone_filters, every)

    def _bands(self, samples: Tensor, window: Tensor, filters: Tensor, every: int = 1) -> Tensor:
        with torch.autocast(samples.device.type, enabled=False):
            spectrum = torch.stft(
                samples.float(),
                n_fft=len(window),
                hop_length=every * self.settings.hop_length,
                window=window,
                center=True,
                pad_mode="constant",
                return_complex=True,
            )  # (N, n_fft // 2 + 1, frames)
            power = spectrum.real.square() + spectrum.imag.square()
            return (filters @ power).unsqueeze(1)

    def forward(self, samples: Tensor) -> Tensor:
        """log10(power / its mean over the window + floor): silence is log10(floor) everywhere.

        Args:
            samples: (N, T) mono at ``settings.sample_rate``.

        Returns:
            (N, channels, n_mels, 1 + T // hop_length) float32.

        Example:
            >>> settings = AudioSettings(sample_rate=8000, window_seconds=1.0, n_mels=64)
            >>> LogMel(settings)(torch.zeros(2, settings.window_samples)).shape
            torch.Size([2, 1, 64, 8])
        """
        power = self.mel(samples)
        if self.settings.semitones:
            power = torch.cat([power, self.semitones(samples)], dim=1)
        return relative_log(power, self.settings.floor)


class Waveform(nn.Module):
    """Mono samples as they are, for a network that makes its own spectrograms."""

    def forward(self, samples: Tensor) -> Tensor:
        """(N, T) to (N, 1, 1, T): one channel with one band, so that it has the axes of a spectrogram."""
        return samples[:, None, None]


def make_frontend(settings: AudioSettings) -> LogMel | Waveform:
    """What makes the music encoder's input from mono samples (N, T)."""
    return Waveform() if settings.waveform else LogMel(settings)


def relative_log(power: Tensor, floor: float) -> Tensor:
    """log10(power / its mean + floor), (N, channels, bands, frames): each channel by its own mean."""
    mean = power.mean(dim=(2, 3), keepdim=True).clamp_min(_SILENCE)
    return torch.log10(power / mean + floor)


def mel_filters(sample_rate: int, n_fft: int, count: int, *, htk: bool) -> NDArray[np.float32]:
    """Triangles over mel, as a matrix (count, n_fft // 2 + 1).

    Those of ``librosa.filters.mel``, whose import would take seconds and 120 MB: on Slaney's scale with unit
    area, on HTK's with unit height.
    """
    highest = sample_rate / 2
    if htk:
        mel = np.linspace(0, 2595 * np.log10(1 + highest / 700), count + 2)
        edges = 700 * (10 ** (mel / 2595) - 1)
    else:  # linear up to 1 kHz, which is mel 15, with 27 mels in a factor of 6.4 above
        top = 15 + 27 * np.log(highest / 1000) / np.log(6.4) if highest > 1000 else 15 * highest / 1000
        mel = np.linspace(0, top, count + 2)
        edges = np.where(mel < 15, mel * 1000 / 15, 1000 * 6.4 ** ((mel - 15) / 27))
    width = np.diff(edges)[:, None]
    beyond = np.fft.rfftfreq(n_fft, 1 / sample_rate)[None] - edges[:, None]
    filters = np.clip(np.minimum(beyond[:-2] / width[:-1], -beyond[2:] / width[1:]), 0, None)
    return (filters if htk else filters * 2 / (width[:-1] + width[1:])).astype(np.float32)


def semitone_filters(sample_rate: int, n_fft: int, count: int) -> NDArray[np.float32]:
    """Triangles over log frequency, one semitone to each side, as a matrix (count, n_fft // 2 + 1).

    Each row sums to 1. Where semitones lie closer than the Fourier bins, a row interpolates between its two
    nearest bins.
    """
    bins = np.fft.rfftfreq(n_fft, 1 / sample_rate)
    position = np.full(len(bins), -np.inf)
    position[1:] = 12 * np.log2(bins[1:] / semitone_frequency(0))
    filters = np.clip(1 - np.abs(position[None] - np.arange(count)[:, None]), 0, None)
    for row in np.flatnonzero(filters.sum(axis=1) < 1).tolist():
        lower, share = divmod(semitone_frequency(row) * n_fft / sample_rate, 1)
        filters[row] = 0
        filters[row, [int(lower), int(lower) + 1]] = 1 - share, share
    return (filters / filters.sum(axis=1, keepdims=True)).astype(np.float32)
