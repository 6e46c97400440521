"""What the networks hear in a recording, window by window: tags, classes of sound, valence and arousal.

MusiCNN and YAMNet are branches of the music encoder that ships, with their last layers; a model with another
music encoder borrows them from there.
"""

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.emotion.reference import KINDS_OF, Kind
from va_space.encoders.pretrained import load_model
from va_space.encoders.three_branch import SETTINGS, ThreeBranch
from va_space.encoders.vectors import normalised_mean
from va_space.generation.tags.vocabulary import Tagger
from va_space.media.audio import probe_audio
from va_space.media.decoding import decode_windows
from va_space.media.windows import SoundSource
from va_space.space import VASpace

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

MOST_WINDOWS = 120
"""Of a longer recording, so many windows are heard, spread evenly: 120 of 10 s are 20 minutes."""


@dataclass(frozen=True, eq=False)
class Heard:
    """A recording in windows.

    Attributes:
        starts: (w,) seconds.
        ends: (w,) seconds; the last window ends with the recording.
        va: (w, 2) predicted valence and arousal in [0, 1].
        whole: (2,) of the whole recording.
        tags: (w, 50) probabilities of MusiCNN's tags.
        classes: (w, 521) probabilities of YAMNet's classes.
        kind: Whether it is a recording or a rendering of notes.
        duration: In seconds.
        peak: Largest absolute sample, of the windows.
        notes: What is to be said about a file that is used all the same.
    """

    starts: Floats
    ends: Floats
    va: Floats
    whole: Floats
    tags: Floats
    classes: Floats
    kind: Kind
    duration: float
    peak: float
    notes: tuple[str, ...] = ()

    def of(self, tagger: Tagger) -> Floats:
        """(w, c) probabilities of a tagger's classes."""
        return self.tags if tagger == "musicnn" else self.classes

    def between(self, start: float, end: float) -> Floats:
        """(w,) weights of the windows for a part of the recording, by how much they overlap it."""
        overlap = (np.minimum(self.ends, end) - np.maximum(self.starts, start)).clip(0)
        if not overlap.any():  # between the windows of a long recording
            overlap[np.abs(self.starts - start).argmin()] = 1.0
        return np.asarray(overlap / overlap.sum(), np.float64)

    @property
    def spread_thin(self) -> bool:
        """Whether there is music between the windows that was not heard."""
        return len(self.starts) > 1 and bool(self.starts[1] > self.ends[0] + 0.5)


def hear(space: VASpace, track: SoundSource, progress: Progress | None = None) -> Heard:
    """Listen to a recording, in constant memory.

    Args:
        space: The model.
        track: A file, or (samples, sample rate).
        progress: Called with the seconds that are done.

    Raises:
        MediaError: It is not music, or cannot be read.
        MissingExtraError: Reading it needs PyAV, which is not installed.
    """
    own = space.model.music_encoder.backbone
    mine = isinstance(own, ThreeBranch)
    audio = space.config.audio if mine else SETTINGS
    hop = max(audio.window_seconds, math.ceil(_duration(track) / MOST_WINDOWS))
    listen = partial(_listen, space, own) if isinstance(own, ThreeBranch) else _borrowed
    starts: list[float] = []
    rows: list[_Rows] = []
    duration = 0.0
    notes: tuple[str, ...] = ()
    with closing(decode_windows(track, audio, hop_seconds=hop)) as pieces:
        for piece in pieces:
            starts += piece.starts
            rows.append(listen(piece.values))
            duration, notes = piece.duration or duration, piece.notes
            if progress:
                progress(min(piece.starts[-1] + hop, duration or math.inf))
    tags, classes, peaks, vectors, features = (_joined(each) for each in zip(*rows, strict=True))
    begins = np.array(starts)
    ends = np.minimum(begins + audio.window_seconds, duration)
    if mine:
        va, whole = _va(space, vectors)
        kind = _kind(space, features.mean(axis=0))
    else:
        va, whole = _va_of_others(space, track, begins, ends, hop)
        kind = KINDS_OF["music"][0]
    return Heard(begins, ends, va, whole, tags, classes, kind, duration, float(peaks.max()), notes)


# Tags (n, 50), classes (n, 521), peaks (n,), and of the space's own encoder vectors and features; else empty
# ones.
_Rows = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def _listen(space: VASpace, taggers: ThreeBranch, samples: Tensor) -> _Rows:
    """(n, window samples), to what the space's own encoder makes of them on the way."""
    with torch.inference_mode():
        vectors, features = space.embed_music(samples, return_features=True)
        # Tags of the mean over the window's patches, which the encoder has anyway.
        tags = torch.sigmoid(taggers.musicnn.tags(features[:, taggers.embedding]))
        classes = taggers.classes(samples.to(space.device))
    return tags, classes, samples.abs().amax(dim=1), vectors, features


def _borrowed(samples: Tensor) -> _Rows:
    """The same for a space with another encoder."""
    taggers = shipped_taggers()
    nothing = torch.empty(len(samples), 0)
    with torch.inference_mode():
        return (
            taggers.tags(samples),
            taggers.classes(samples),
            samples.abs().amax(dim=1),
            nothing,
            nothing,
        )


def _joined(parts: tuple[Tensor, ...]) -> Floats:
    return torch.cat([part.float().cpu() for part in parts]).numpy().astype(np.float64)


def _va(space: VASpace, vectors: Floats) -> tuple[Floats, Floats]:
    """(w, 2) valence and arousal of windows, and (2,) of the recording."""
    rows = np.concatenate([vectors, normalised_mean(vectors.astype(np.float32))[None]])
    values = space.predict_va_from_vectors(rows, "music").astype(np.float64)
    return values[:-1], values[-1]


def _kind(space: VASpace, features: Floats) -> Kind:
    if space.reference is None:
        return KINDS_OF["music"][0]
    return space.reference.detect("music", features.astype(np.float32)[None])


def _va_of_others(
    space: VASpace, track: SoundSource, starts: Floats, ends: Floats, hop: float
) -> tuple[Floats, Floats]:
    """The same by an encoder with other windows: the means of those in each window, or the nearest."""
    length = space.config.audio.window_seconds
    spread = hop > SETTINGS.window_seconds
    own = space.encode_windows(track, hop_seconds=hop if spread else length)
    values, whole = _va(space, own.vectors.astype(np.float64))
    middles = own.starts + length / 2
    means = []
    for start, end in zip(starts, ends, strict=True):
        inside = np.flatnonzero((middles >= start) & (middles < end))
        rows = inside if len(inside) else [int(np.abs(middles - (start + end) / 2).argmin())]
        means.append(values[rows].mean(axis=0))
    return np.stack(means), whole


def taggers_of(space: VASpace) -> ThreeBranch:
    """The taggers that listen for a space."""
    own = space.model.music_encoder.backbone
    return own if isinstance(own, ThreeBranch) else shipped_taggers()


@cache
def shipped_taggers() -> ThreeBranch:
    """The taggers of the model that ships, on the processor."""
    model, _ = load_model(None)
    taggers = model.requires_grad_(False).music_encoder.backbone
    assert isinstance(taggers, ThreeBranch)
    return taggers


def _duration(track: SoundSource) -> float:
    """Seconds, if they are known before it is read; else 0."""
    if isinstance(track, tuple):
        samples, rate = track
        return max(samples.shape) / rate if len(samples.shape) else 0.0
    return probe_audio(track).duration or 0.0
