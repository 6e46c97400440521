"""Inputs of both kinds through the encoders in batches, delivered in order, in constant memory."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from va_space.encoders.results import Encoded, Failure, WindowedTrack
from va_space.encoders.vectors import FloatArray, normalised_mean
from va_space.errors import MediaError, VASpaceError
from va_space.media.decoding import Piece, decode_ahead, decode_windows
from va_space.media.kinds import MediaInput, Modality
from va_space.media.settings import AudioSettings, PictureSettings
from va_space.media.windows import SoundSource

Encoders = Mapping[Modality, Callable[[Tensor], tuple[Tensor, Tensor]]]
_MOST_WORKERS = 8


def encode_stream(
    inputs: Iterable[MediaInput],
    pictures: PictureSettings,
    audio: AudioSettings,
    encoders: Encoders,
    *,
    batch_size: int,
    processes: bool = False,
) -> Generator[Encoded | Failure, None, None]:
    """Decode ahead of the encoders and give each its batches.

    Args:
        inputs: May be a generator; it is read as far as is decoded ahead.
        pictures: How pictures are decoded.
        audio: How sound is.
        encoders: Rows of a modality, as :class:`va_space.media.decoding.Piece` holds them, to unit vectors
            (n, dimension) and the features (n, features) that they were made from, on the CPU.
        batch_size: Rows that are computed at once.
        processes: Decode music in processes instead of threads.

    Yields:
        For each input, in order, its vectors or why it could not be read.
    """
    batches = _Batches(encoders, batch_size)
    stream = decode_ahead(
        inputs,
        pictures,
        audio,
        workers=min(_MOST_WORKERS, os.cpu_count() or 1),
        ahead=2 * batch_size,
        processes=processes,
    )
    with closing(stream):  # type: ignore[type-var]
        for index, (source, pieces) in enumerate(stream):
            job = _Job(index, source)
            try:
                batches.add(job, pieces)
            except VASpaceError as error:  # a missing extra, too, concerns this input alone
                job.failure = error.reason if isinstance(error, MediaError) else str(error)
            batches.close(job)
            yield from batches.finished()
    batches.run_all()
    yield from batches.finished()


def encode_track(
    track: SoundSource,
    audio: AudioSettings,
    encoders: Encoders,
    *,
    hop_seconds: float,
    batch_size: int,
    progress: Callable[[float], None] | None = None,
) -> WindowedTrack:
    """Windows of one recording, decoded once; see :meth:`va_space.VASpace.encode_windows`."""
    job, batches = _Job(0, track), _Batches(encoders, batch_size)
    with closing(decode_windows(track, audio, hop_seconds=hop_seconds)) as pieces:
        batches.add(job, _reported(pieces, audio.window_seconds, progress))
    batches.run_all()
    result = job.result()
    assert isinstance(result, Encoded)
    return result.track()


def check_batch_size(batch_size: int) -> None:
    """ValueError unless it is at least 1."""
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}: must be at least 1")


def with_progress(results: Iterator[Encoded | Failure], total: int) -> Iterator[Encoded | Failure]:
    """The results, with a bar on standard error."""
    from rich.console import Console
    from rich.progress import track

    return track(results, "Encoding", total, console=Console(stderr=True), transient=True)  # type: ignore[return-value]


def _reported(
    pieces: Iterable[Piece], window_seconds: float, progress: Callable[[float], None] | None
) -> Iterator[Piece]:
    for piece in pieces:
        yield piece
        if progress:
            progress(piece.duration or piece.starts[-1] + window_seconds)


@dataclass
class _Job:
    """An input on its way: its vectors arrive in pieces."""

    index: int
    source: MediaInput
    modality: Modality = "picture"
    vectors: list[FloatArray] = field(default_factory=list)
    features: list[FloatArray] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    duration: float | None = None
    notes: tuple[str, ...] = ()
    waiting: int = 0
    complete: bool = False
    failure: str | None = None

    def result(self) -> Encoded | Failure:
        if self.failure is not None:
            return Failure(self.index, self.source, self.failure)
        vectors, features = np.concatenate(self.vectors), np.concatenate(self.features).mean(axis=0)
        about = self.index, self.source, self.modality
        if self.modality == "picture":
            return Encoded(*about, vectors[0], features=features, notes=self.notes)
        starts, levels, peaks = (
            np.array(values, np.float32) for values in (self.starts, self.levels, self.peaks)
        )
        return Encoded(
            *about,
            vector=normalised_mean(vectors),
            windows=vectors,
            starts=starts,
            duration=self.duration,
            levels=levels,
            peaks=peaks,
            features=features,
            notes=self.notes,
        )


class _Batches:
    """Jobs in order, and for each modality the pieces that wait until there are enough of them."""

    def __init__(self, encoders: Encoders, batch_size: int) -> None:
        self._encoders = encoders
        self._batch_size = batch_size
        self._jobs: deque[_Job] = deque()
        self._waiting: dict[Modality, list[tuple[_Job, Piece]]] = {"picture": [], "music": []}

    def add(self, job: _Job, pieces: Iterator[Piece]) -> None:
        """Take in a job; computes whatever batches become full, and raises what the pieces raise."""
        self._jobs.append(job)
        for piece in pieces:
            job.modality, job.duration, job.notes = piece.modality, piece.duration, piece.notes
            job.waiting += 1
            self._waiting[piece.modality].append((job, piece))
            self._run_full(self._waiting[piece.modality])

    def close(self, job: _Job) -> None:
        """A job has no more pieces."""
        job.complete = True
        if len(self._jobs) > 4 * self._batch_size:  # a few of one modality must not hold up many of the other
            self.run_all()

    def finished(self) -> Iterator[Encoded | Failure]:
        """Results from the front of the line, as far as they are ready."""
        while self._jobs and self._jobs[0].complete and not self._jobs[0].waiting:
            yield self._jobs.popleft().result()

    def run_all(self) -> None:
        """Compute what waits, full batch or not."""
        for waiting in self._waiting.values():
            if waiting:
                self._run(waiting)
                waiting.clear()

    def _run_full(self, waiting: list[tuple[_Job, Piece]]) -> None:
        while sum(len(piece.values) for _, piece in waiting) >= self._batch_size:
            count, size = 0, 0
            while size < self._batch_size:
                size += len(waiting[count][1].values)
                count += 1
            self._run(waiting[:count])
            del waiting[:count]

    def _run(self, batch: list[tuple[_Job, Piece]]) -> None:
        values = torch.cat([piece.values for _, piece in batch])
        sizes = [len(piece.values) for _, piece in batch]
        vectors, features = (rows.split(sizes) for rows in self._encoders[batch[0][1].modality](values))
        for (job, piece), rows, theirs in zip(batch, vectors, features, strict=True):
            job.vectors.append(rows.numpy())
            job.features.append(theirs.numpy())
            if piece.modality == "music":
                job.starts.extend(piece.starts)
                job.levels.extend(piece.values.square().mean(dim=1).sqrt().tolist())
                job.peaks.extend(piece.values.abs().amax(dim=1).tolist())
            job.waiting -= 1
