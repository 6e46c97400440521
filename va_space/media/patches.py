"""Sounds as square log-mel patches, and back by Griffin and Lim's iteration."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.errors import ConfigError
from va_space.media.mel import LogMel
from va_space.media.settings import AudioSettings

_SILENCE = 1e-10
# Stretches of a recording this far below its loudest one, in decibels, hold nothing to learn from.
_QUIET = 30.0
# Of the accelerated iteration (Perraudin et al. 2013).
_MOMENTUM = 0.99


@dataclass(frozen=True)
class PatchSettings:
    """How a patch is made.

    Attributes:
        size: Mel bands, and frames.
        sample_rate: Samples a second.
        n_fft: Samples of a Fourier frame.
        hop: Samples from one frame to the next.
        floor: Decibels below the loudest value of a patch that are kept.

    Example:
        >>> PatchSettings().seconds
        1.024
    """

    size: int = 64
    sample_rate: int = 16_000
    n_fft: int = 1024
    hop: int = 256
    floor: float = 80.0

    def __post_init__(self) -> None:
        if min(self.size, self.sample_rate, self.n_fft, self.hop, self.floor) <= 0:
            raise ConfigError("all settings of log-mel patches must be more than 0")

    @property
    def samples(self) -> int:
        """Samples of a patch."""
        return self.size * self.hop

    @property
    def seconds(self) -> float:
        """Seconds of a patch."""
        return self.samples / self.sample_rate

    @cached_property
    def _mel(self) -> LogMel:
        return LogMel(
            AudioSettings(
                sample_rate=self.sample_rate,
                window_seconds=self.seconds,
                n_fft=self.n_fft,
                hop_length=self.hop,
                n_mels=self.size,
            )
        )


def cut_patches(samples: NDArray[np.float32], settings: PatchSettings, most: int) -> Tensor:
    """What is heard of a recording: stretches from its first sound on, half overlapping, without quiet ones.

    Args:
        samples: (t,) mono at the settings' sample rate.
        settings: How patches are made.
        most: So many patches at most, spread evenly.

    Returns:
        (n, settings.samples) float32, n from 1 to `most`; the end of a short recording is silence.
    """
    level = np.abs(samples)
    heard = np.flatnonzero(level > 0.02 * level.max()) if level.any() else [0]
    samples = samples[heard[0] :]
    length = settings.samples
    starts = range(0, max(1, len(samples) - length // 2), length // 2)
    pieces = [np.pad(samples[s : s + length], (0, max(0, length - len(samples) + s))) for s in starts]
    power = np.array([float(np.square(piece).mean()) for piece in pieces])
    loud = np.flatnonzero(power >= power.max() * 10 ** (-_QUIET / 10))
    chosen = loud[np.linspace(0, len(loud) - 1, min(most, len(loud))).astype(int)]
    return torch.from_numpy(np.stack([pieces[each] for each in chosen]).astype(np.float32))


def sounds_to_patches(samples: Tensor, settings: PatchSettings) -> Tensor:
    """Log-mel patches, each relative to its loudest value.

    Args:
        samples: (n, settings.samples).
        settings: How patches are made.

    Returns:
        (n, 1, size, size) in [-1, 1]: 1 the loudest value, -1 `floor` decibels below it; silence is -1.

    Example:
        >>> sounds_to_patches(torch.randn(2, 16_384), PatchSettings()).shape
        torch.Size([2, 1, 64, 64])
    """
    power = settings._mel.mel(samples)[..., : settings.size]
    loudest = power.amax(dim=(2, 3), keepdim=True).clamp_min(_SILENCE)
    decibels = 10 * torch.log10(power / loudest + 10 ** (-settings.floor / 10))
    return (decibels / settings.floor).clamp(-1, 0) * 2 + 1


def patches_to_sounds(
    patches: Tensor, settings: PatchSettings, *, iterations: int = 60, seed: int = 0
) -> Tensor:
    """Sounds whose patches are near the given ones (Griffin and Lim 1984).

    Args:
        patches: (n, 1, size, size) in [-1, 1].
        settings: How patches are made.
        iterations: More sound cleaner, and take longer.
        seed: Of the first phases.

    Returns:
        (n, settings.samples) float32, the largest absolute sample 0.9.
    """
    size, n_fft, hop = settings.size, settings.n_fft, settings.hop
    power = 10 ** ((patches[:, 0].float() - 1) / 2 * settings.floor / 10)  # (n, mels, frames)
    power = torch.where(power > 10 ** (-settings.floor / 10) * 1.001, power, 0)
    magnitude = _spread(power, settings._mel.filters).sqrt()  # (n, bins, frames)
    magnitude = torch.cat([magnitude, magnitude[..., -1:]], dim=2)  # as centred frames have it
    window = torch.hann_window(n_fft)
    rng = torch.Generator().manual_seed(seed)
    phases = torch.polar(
        torch.ones_like(magnitude), 2 * torch.pi * torch.rand(magnitude.shape, generator=rng)
    )
    before = torch.zeros_like(phases)
    for _ in range(iterations):
        sound = torch.istft(magnitude * phases, n_fft, hop, window=window, length=size * hop)
        again = torch.stft(sound, n_fft, hop, window=window, return_complex=True, pad_mode="constant")
        ahead = again - before * (_MOMENTUM / (1 + _MOMENTUM))
        phases, before = ahead / ahead.abs().clamp_min(1e-12), again
    sound = torch.istft(magnitude * phases, n_fft, hop, window=window, length=size * hop)
    return 0.9 * sound / sound.abs().amax(dim=1, keepdim=True).clamp_min(1e-6)


def _spread(power: Tensor, filters: Tensor, iterations: int = 30) -> Tensor:
    """Power of bins (n, bins, frames) of which mel filters (mels, bins) make (n, mels, frames).

    Least squares without negative power, by multiplicative updates (Lee and Seung 2001).
    """
    wanted = filters.T @ power
    bins, gram = wanted.clone(), filters.T @ filters
    for _ in range(iterations):
        bins *= wanted / (gram @ bins).clamp_min(_SILENCE**2)
    return bins
