"""How a recording runs: loudness, onsets, timbre and harmony every half second, and its boundaries.

Recordings of more than :data:`WHOLE` seconds are read in pieces, so that memory does not grow with them; what
is kept of a second takes half a kilobyte. Needs the extra ``tags``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from va_space.media.boundaries import SHORTEST_SECTION, STEP, Boundary, frame_features, pooled
from va_space.media.loudness import gated
from va_space.media.spectra import FRAME_RATE, SAMPLE_RATE, check_librosa, read_spectra
from va_space.media.structure import structure_of
from va_space.media.windows import SoundSource, sound_blocks

# Of a boundary; what is alike on both sides of it is joined again later.
LEAST_NOVELTY = 0.09
Floats = NDArray[np.float64]
Progress = Callable[[float], None]

WHOLE = 600.0
"""Seconds up to which a recording is read at once."""
_PIECE, _MARGIN = 300.0, 15.0  # of longer ones; what is around a piece tells where it has boundaries
_FRAMES = round(STEP * FRAME_RATE)
SECONDS = _FRAMES / FRAME_RATE
"""From one value to the next: about half a second."""
# Of BS.1770: blocks of 0.4 s, one every 0.1 s.
_BLOCK, _HOP = round(0.4 * FRAME_RATE), round(0.1 * FRAME_RATE)
_CHANNELS = 2  # that play the mono mix


@dataclass(frozen=True, eq=False)
class Form:
    """A recording, value i of each array being about the time from i * SECONDS on.

    Attributes:
        duration: In seconds.
        power: (n,) K-weighted mean square of the mono mix, played by two channels.
        onsets: (n,) mean decibels by which the spectrum rises from frame to frame.
        features: (n, 25) timbre, harmony and loudness, as
            :func:`va_space.media.boundaries.frame_features`.
        chroma: (12,) how strong the pitch classes are, from C.
        boundaries: Between sections, in order.
        tempo: Beats a minute; None without a beat.
        beats: (b,) seconds of the beats.
        loudness: Integrated, in LUFS; None for silence.
    """

    duration: float
    power: Floats
    onsets: Floats
    features: Floats
    chroma: Floats
    boundaries: tuple[Boundary, ...]
    tempo: float | None
    beats: Floats
    loudness: float | None

    def part(self, start: float, end: float) -> slice:
        """Where the arrays hold the time between two seconds: at least one value."""
        first = min(round(start / SECONDS), len(self.power) - 1)
        return slice(first, max(first + 1, round(end / SECONDS)))

    def loudness_between(self, start: float, end: float) -> float | None:
        """Loudness in LUFS of a part of it; None if it is silent."""
        return in_lufs(self.power[self.part(start, end)])


def block_powers(source: SoundSource) -> Floats:
    """(n,) K-weighted mean squares of the blocks of BS.1770 of a mono mix, played by two channels."""
    return _blocks(_CHANNELS * read_spectra(source).weighted.astype(np.float64))


def in_lufs(power: Floats) -> float | None:
    """Gated loudness of (n,) K-weighted mean squares; None for silence."""
    value = gated(power)
    return None if np.isinf(value) else round(value, 2)


def read_form(source: SoundSource, progress: Progress | None = None) -> Form:
    """Read a recording from beginning to end.

    Args:
        source: A file, or (samples, sample rate).
        progress: Called with the seconds that are done.

    Raises:
        MediaError: It cannot be read.
        MissingExtraError: librosa is not installed; or reading it needs PyAV, which is not.
    """
    check_librosa("Telling what is in music", "tags")
    parts = []
    for start, lead, samples in _pieces(sound_blocks(source, SAMPLE_RATE)):
        parts.append(_form_of(samples, lead, start))
        if progress:
            progress(start + parts[-1].duration)
    return parts[0] if len(parts) == 1 else _joined(parts)


def _pieces(blocks: Iterable[NDArray[np.float32]]) -> Iterator[tuple[float, "_Lead", NDArray[np.float32]]]:
    """Start of each piece, what of its samples is the neighbours', and the samples."""
    waiting: list[NDArray[np.float32]] = []
    size, start = 0, 0.0
    piece, margin = (round(each / SECONDS) * _hop_samples() for each in (_PIECE, _MARGIN))
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size > WHOLE * SAMPLE_RATE:
            samples = np.concatenate(waiting)
            before = margin if start else 0
            yield start, _Lead(before, piece), samples[: before + piece + margin]
            waiting = [samples[before + piece - margin :]]
            size = len(waiting[0])
            start += piece / SAMPLE_RATE
    samples = np.concatenate(waiting) if waiting else np.zeros(0, np.float32)
    before = margin if start else 0
    yield start, _Lead(before, len(samples) - before), samples


@dataclass(frozen=True)
class _Lead:
    """How many samples come before a piece, and how many it has itself."""

    before: int
    own: int


def _hop_samples() -> int:
    """Samples of one value of a form."""
    return round(SECONDS * SAMPLE_RATE)


def _form_of(samples: NDArray[np.float32], lead: _Lead, start: float) -> Form:
    spectra = read_spectra((samples, SAMPLE_RATE))
    structure = structure_of(spectra, least_novelty=LEAST_NOVELTY)
    first, last = lead.before / SAMPLE_RATE, (lead.before + lead.own) / SAMPLE_RATE
    frames = slice(round(first * FRAME_RATE), round(last * FRAME_RATE) + 1)
    weighted = _CHANNELS * spectra.weighted.astype(np.float64)
    chroma = spectra.chroma / np.maximum(spectra.chroma.sum(axis=0), 1e-12)
    return Form(
        duration=last - first,
        power=pooled(weighted[frames, None], _FRAMES)[:, 0],
        onsets=pooled(structure.onset_strength.values[frames, None], _FRAMES)[:, 0],
        features=pooled(frame_features(spectra)[frames], _FRAMES),
        chroma=(chroma[:, frames] * np.sqrt(spectra.rms[frames])).sum(axis=1, dtype=np.float64),
        boundaries=tuple(
            Boundary(each.seconds - first + start, each.novelty, each.width)
            for each in structure.boundaries
            if first <= each.seconds < last
        ),
        tempo=structure.tempo,
        beats=structure.beats[(structure.beats >= first) & (structure.beats < last)] - first + start,
        loudness=in_lufs(_blocks(weighted[frames])),
    )


def _blocks(weighted: Floats) -> Floats:
    """Means of the frames of each block of BS.1770."""
    if len(weighted) <= _BLOCK:
        return weighted.mean(keepdims=True)
    return np.lib.stride_tricks.sliding_window_view(weighted, _BLOCK)[::_HOP].mean(axis=1)


def _joined(parts: list[Form]) -> Form:
    boundaries: list[Boundary] = []
    for each in (boundary for part in parts for boundary in part.boundaries):
        if not boundaries or each.seconds - boundaries[-1].seconds >= SHORTEST_SECTION:
            boundaries.append(each)
    tempos = [part.tempo for part in parts if part.tempo is not None]
    power = np.concatenate([part.power for part in parts])
    return Form(
        duration=sum(part.duration for part in parts),
        power=power,
        onsets=np.concatenate([part.onsets for part in parts]),
        features=np.concatenate([part.features for part in parts]),
        chroma=np.sum([part.chroma for part in parts], axis=0),
        boundaries=tuple(boundaries),
        tempo=float(np.median(tempos)) if 2 * len(tempos) >= len(parts) else None,
        beats=np.concatenate([part.beats for part in parts]),
        loudness=in_lufs(power),
    )
