"""Whether the leave-out curve of a track names what matters: cut passages, planted passages."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.metrics import Floats
from va_space.media.audio import load_audio
from va_space.space import VASpace

CUT = 3
"""Windows that are cut out of a track, of those that do not overlap: a third or so of a recording of 30 s."""
PASSAGE = 6.0
"""Seconds of another track that are planted."""
_FADE = 0.02

Samples = NDArray[np.float32]


def cut_out(samples: Samples, rate: int, starts: Floats, length: float) -> Samples:
    """What is left of a recording when passages go, with short fades where it was cut.

    Args:
        samples: (n,) mono.
        rate: Samples a second.
        starts: (p,) seconds at which passages begin that do not overlap.
        length: Of a passage, in seconds.
    """
    keep = np.ones(len(samples), bool)
    for start in starts.tolist():
        keep[round(start * rate) : round((start + length) * rate)] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(int)))
    parts = [faded(samples[low:high], rate) for low, high in edges.reshape(-1, 2).tolist()]
    return np.concatenate(parts)


def faded(samples: Samples, rate: int) -> Samples:
    """A part with short fades at both ends."""
    part, count = samples.copy(), min(round(_FADE * rate), len(samples) // 2)
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    part[:count] *= ramp
    part[len(part) - count :] *= ramp[::-1]
    return part


@dataclass(frozen=True)
class Spliced:
    """A track with a passage of another.

    Attributes:
        samples: (n,) mono.
        start: Second at which the passage begins; it lasts PASSAGE.
    """

    samples: Samples
    start: float


def splice(host: Path, donor: Path, rate: int, random: np.random.Generator) -> Spliced:
    """Put the middle of a donor, as loud as the host, in the place of a part of a host.

    Raises:
        MediaError: One of them cannot be read.
    """
    samples, other = load_audio(host, rate).copy(), load_audio(donor, rate)
    length = min(round(PASSAGE * rate), len(samples) // 2, len(other))
    begin = (len(other) - length) // 2
    passage = other[begin : begin + length]
    loud, level = (float(np.sqrt(np.mean(np.square(each)))) for each in (samples, passage))
    start = int(random.integers(0, len(samples) - length, endpoint=True))
    samples[start : start + length] = faded(passage * np.float32(loud / max(level, 1e-6)), rate).clip(-1, 1)
    return Spliced(samples, start / rate)


def whole_va(space: VASpace, samples: Samples, rate: int) -> Floats:
    """(2,) valence and arousal of a recording as the model takes it: in windows of its own length."""
    return space.predict_va((samples, rate)).astype(np.float64)
