"""What turns a text into music: the kinds of models that play, by name."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from va_space.errors import CheckpointError, ConfigError
from va_space.generation.neural.models import LoadedModel
from va_space.generation.neural.table import Kind
from va_space.media.loudness import to_loudness

Samples = NDArray[np.float32]
Played = Callable[[float], None]
"""Called with the seconds that are played."""

LOUDNESS, CEILING = -16.0, 0.89  # LUFS; -1 dB
_FADE = 0.05  # seconds, at both ends


class Player(ABC):
    """A text-to-music model.

    Args:
        model: One of :attr:`kind`.

    Attributes:
        sample_rate: Of what it plays.
    """

    kind: ClassVar[Kind]
    """What kind of model it plays with."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model

    @property
    @abstractmethod
    def sample_rate(self) -> int:
        """See the attributes."""

    def play(
        self,
        text: str,
        seconds: float,
        *,
        seed: int = 0,
        negative: str = "",
        progress: Played | None = None,
    ) -> Samples:
        """Play music that a text describes.

        The same model, arguments and device give the same sound.

        Args:
            text: What it shall be like.
            seconds: How long it shall be; longer than the model can play at once, it goes on from what it
                has played.
            seed: Another seed, other music.
            negative: What it shall not be like.
            progress: Called now and then.

        Returns:
            (2, n) float32 in [-1, 1] of exactly that length, at -16 LUFS, faded in and out.

        Raises:
            ConfigError: The text says nothing, or the length or the seed is out of range.
            CheckpointError: The model plays what are no numbers.
        """
        if not text.strip():
            raise ConfigError("an empty text: it describes no music")
        if seed < 0:
            raise ConfigError(f"the seed is {seed}: it must be 0 or more")
        if not 0.5 <= seconds <= 1200:
            raise ConfigError(f"{seconds:g} s of music: from 0.5 to 1,200 s can be played")
        sound = self._play(text, seconds, seed, negative, progress or (lambda _: None))
        count = round(seconds * self.sample_rate)
        stereo = np.zeros((2, count), np.float32)
        kept = sound[:, :count] if len(sound) == 2 else np.repeat(sound[:1, :count], 2, axis=0)
        if not np.isfinite(kept).all():
            raise CheckpointError(f"{self.model.name} computes no numbers: its weights may be damaged")
        stereo[:, : kept.shape[1]] = kept
        faded = _faded(stereo, round(_FADE * self.sample_rate))
        return to_loudness(faded, self.sample_rate, LOUDNESS, CEILING)

    @abstractmethod
    def _play(self, text: str, seconds: float, seed: int, negative: str, progress: Played) -> Samples:
        """(channels, n) samples, of the wanted length or longer."""


def joined(before: Samples, after: Samples, overlap: int) -> Samples:
    """Two pieces (channels, n), crossfaded: the second begins with the time that the first ends with.

    The sum of both gains is 1: what both play alike stays as loud as it was.
    """
    overlap = min(overlap, before.shape[1], after.shape[1])
    rise = np.linspace(0, 1, overlap, dtype=np.float32)
    middle = before[:, before.shape[1] - overlap :] * (1 - rise) + after[:, :overlap] * rise
    return np.concatenate([before[:, : before.shape[1] - overlap], middle, after[:, overlap:]], axis=1)


def _faded(sound: Samples, length: int) -> Samples:
    length = min(length, sound.shape[1] // 2)
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    faded = sound.copy()
    faded[:, :length] *= ramp
    faded[:, sound.shape[1] - length :] *= ramp[::-1]
    return faded
