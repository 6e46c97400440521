"""The object users hold: pictures and music to vectors, valence-arousal and similarity."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from torch import Tensor

from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.encoders.precision import computes_bf16
from va_space.encoders.pretrained import load_model, save_model
from va_space.errors import MediaError, VASpaceError
from va_space.media.decoding import Piece, decode_ahead
from va_space.media.kinds import Modality
from va_space.media.mel import LogMel

FloatArray = NDArray[np.float32]
# Pictures or windows of music that a processor computes at once: in the first layers of the model that ships
# they take some 10 and 100 MB each, and more of them are hardly faster.
_ON_PROCESSOR = 8


@dataclass(frozen=True)
class Encoded:
    """One input in the space.

    Attributes:
        index: Its place among the inputs.
        source: The input as it was given.
        modality: "picture" or "music".
        vector: (dimension,) unit vector; for music the normalised mean of the windows' vectors.
        windows: (w, dimension) unit vectors of the windows; None for a picture.
        starts: (w,) start of each window in seconds; None for a picture.
        duration: Of the recording, in seconds; None for a picture.
        notes: What is to be said about a file that was used all the same, such as a missing end mark.
    """

    index: int
    source: Any
    modality: Modality
    vector: FloatArray
    windows: FloatArray | None = None
    starts: FloatArray | None = None
    duration: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """One input that could not be read.

    Attributes:
        index: Its place among the inputs.
        source: The input as it was given.
        reason: What is wrong with it.
    """

    index: int
    source: Any
    reason: str


@dataclass(frozen=True)
class WindowedTrack:
    """A recording over time.

    Attributes:
        starts: (w,) start of each window in seconds.
        vectors: (w, dimension) unit vectors.
    """

    starts: FloatArray
    vectors: FloatArray


@dataclass
class _Job:
    """An input on its way: its vectors arrive in pieces."""

    index: int
    source: Any
    modality: Modality = "picture"
    vectors: list[FloatArray] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    duration: float | None = None
    notes: tuple[str, ...] = ()
    waiting: int = 0
    complete: bool = False
    failure: str | None = None


class VASpace:
    """Pictures and music in one valence-arousal space.

    Args:
        model: The networks.
        identity: Names the weights; vectors of two identities cannot be compared.
        device: Where to compute, such as "cpu" or "cuda:1"; None takes a GPU if there is one.
        precision: "fp32", "bf16", or "auto": bf16 where the processor computes with it.

    Attributes:
        model: The networks, in evaluation mode on the device.
        config: What the networks were built from.
        identity: See above.
        device: See above.
        precision: What the encoders compute in, "fp32" or "bf16".
    """

    def __init__(
        self,
        model: SpaceModel,
        *,
        identity: str = "unsaved",
        device: str | torch.device | None = None,
        precision: str = "auto",
    ) -> None:
        if precision not in ("auto", "bf16", "fp32"):
            raise ValueError(f"precision {precision!r} is not 'auto', 'bf16' or 'fp32'")
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.config: SpaceConfig = model.config
        self.model = model.eval().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.identity = identity
        self._bf16 = precision == "bf16" or (precision == "auto" and computes_bf16(self.device))
        self.precision = "bf16" if self._bf16 else "fp32"
        self._log_mel = LogMel(self.config.audio).to(self.device)

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path | None = None,
        *,
        device: str | torch.device | None = None,
        precision: str = "auto",
    ) -> "VASpace":
        """Load a model.

        Args:
            name: A folder, "hf-hub:organisation/name", or None for the model that ships.
            device: See :class:`VASpace`.
            precision: See :class:`VASpace`.

        Raises:
            CheckpointError: The model is not there, damaged, or not of this library.
        """
        model, identity = load_model(name)
        return cls(model, identity=identity, device=device, precision=precision)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write ``model.safetensors``, ``config.json`` and a model card into a folder."""
        save_model(self.model, folder)

    def encode(
        self,
        inputs: Any,
        *,
        batch_size: int = 32,
        windows: bool = False,
        show_progress_bar: bool = False,
        convert_to_tensor: bool = False,
    ) -> Any:
        """Vectors of pictures and music.

        Args:
            inputs: One input or a sequence of them, mixed as you like. An input is a path, a PIL image, an
                array or tensor of a picture ((H, W, C) or (C, H, W), uint8 or float in [0, 1]), or
                (samples, sample rate) for sound.
            batch_size: Pictures, or windows of music, that are computed at once.
            windows: Return music over time; all inputs must be music.
            show_progress_bar: Show progress on standard error.
            convert_to_tensor: Return a tensor on the CPU instead of an array.

        Returns:
            (n, dimension) float32 unit rows in input order, or (dimension,) for a single input. With
            ``windows``, a :class:`WindowedTrack` for each input.

        Raises:
            MediaError: An input cannot be read; use :meth:`encode_iter` to go on after failures.
        """
        single = _is_single(inputs)
        encoded = self._encode_all([inputs] if single else list(inputs), batch_size, show_progress_bar)
        if windows:
            tracks = [_windowed(item) for item in encoded]
            return tracks[0] if single else tracks
        nothing = np.zeros((0, self.config.dimension), np.float32)
        vectors = np.stack([item.vector for item in encoded]) if encoded else nothing
        if single:
            vectors = vectors[0]
        return torch.from_numpy(vectors) if convert_to_tensor else vectors

    def encode_iter(
        self, inputs: Iterable[Any], *, batch_size: int = 32, processes: bool = False
    ) -> Iterator[Encoded | Failure]:
        """Encode any number of inputs in constant memory.

        Files are decoded ahead of the network.

        Args:
            inputs: As for :meth:`encode`; may be a generator.
            batch_size: Pictures, or windows of music, that are computed at once.
            processes: Decode music in processes instead of threads: a file that crashes a codec is then one
                failure, and on many cores decoding does not wait for Python. They take a moment to start.

        Yields:
            For each input, in order, its vectors or why it could not be read.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: must be at least 1")
        jobs: deque[_Job] = deque()
        queues: dict[Modality, list[tuple[_Job, Piece]]] = {"picture": [], "music": []}
        workers = min(8, os.cpu_count() or 1)
        stream = decode_ahead(
            inputs,
            self.config.picture,
            self.config.audio,
            workers=workers,
            ahead=2 * batch_size,
            processes=processes,
        )
        with closing(stream):  # type: ignore[type-var]
            for index, (source, pieces) in enumerate(stream):
                job = _Job(index, source)
                jobs.append(job)
                try:
                    for piece in pieces:
                        job.modality, job.duration, job.notes = piece.modality, piece.duration, piece.notes
                        job.waiting += 1
                        queues[piece.modality].append((job, piece))
                        self._run_full(queues[piece.modality], batch_size)
                except VASpaceError as error:  # a missing extra, too, concerns this input alone
                    job.failure = error.reason if isinstance(error, MediaError) else str(error)
                job.complete = True
                if len(jobs) > 4 * batch_size:  # a few of one modality must not hold up many of the other
                    self._run_all(queues)
                yield from _finished(jobs)
        self._run_all(queues)
        yield from _finished(jobs)

    def predict_va(
        self,
        inputs: Any,
        *,
        batch_size: int = 32,
        show_progress_bar: bool = False,
        return_std: bool = False,
    ) -> Any:
        """Valence and arousal of pictures and music.

        Args:
            inputs: As for :meth:`encode`.
            batch_size: As for :meth:`encode`.
            show_progress_bar: As for :meth:`encode`.
            return_std: Return the uncertainty too; see :meth:`predict_va_from_vectors`.

        Returns:
            (n, 2) valence and arousal in [0, 1], or (2,) for a single input; with ``return_std`` a pair of
            such arrays, the second their standard deviations.

        Raises:
            MediaError: An input cannot be read.
        """
        single = _is_single(inputs)
        encoded = self._encode_all([inputs] if single else list(inputs), batch_size, show_progress_bar)
        values, deviations = np.zeros((2, len(encoded), 2), np.float32)
        for modality in ("picture", "music"):
            rows = [item.index for item in encoded if item.modality == modality]
            if rows:
                vectors = np.stack([encoded[row].vector for row in rows])
                values[rows], deviations[rows] = self.predict_va_from_vectors(
                    vectors,
                    modality,
                    return_std=True,
                )
        if single:
            values, deviations = values[0], deviations[0]
        return (values, deviations) if return_std else values

    @overload
    def predict_va_from_vectors(
        self, vectors: ArrayLike, modality: Modality, *, return_std: Literal[False] = False
    ) -> FloatArray: ...

    @overload
    def predict_va_from_vectors(
        self, vectors: ArrayLike, modality: Modality, *, return_std: Literal[True]
    ) -> tuple[FloatArray, FloatArray]: ...

    def predict_va_from_vectors(
        self, vectors: ArrayLike, modality: Modality, *, return_std: bool = False
    ) -> FloatArray | tuple[FloatArray, FloatArray]:
        """Valence and arousal of vectors of one modality.

        Args:
            vectors: (n, dimension) unit vectors.
            modality: What they were made from.
            return_std: Return the uncertainty too.

        Returns:
            (n, 2) in [0, 1]; with ``return_std`` also (n, 2) the standard deviation of people's mean ratings
            about the prediction, as found on held-out data (nan if the model was never calibrated):
            prediction +- 1.645 standard deviations covers about 90 % of them.
        """
        predictor = self.model.picture_va if modality == "picture" else self.model.music_va
        with torch.inference_mode():
            values = predictor(self._tensor(vectors)).cpu().numpy()
        if not return_std:
            return values
        return values, np.tile(predictor.deviation.cpu().numpy(), (len(values), 1))

    def similarity(self, pictures: ArrayLike, music: ArrayLike) -> FloatArray:
        """Expected emotional similarity of every picture with every track.

        Args:
            pictures: (n, dimension) vectors of pictures.
            music: (m, dimension) vectors of music.

        Returns:
            (n, m) in [0, 1].
        """
        with torch.inference_mode():
            return self.model.expected_similarity(self._tensor(pictures), self._tensor(music)).cpu().numpy()

    def _tensor(self, vectors: ArrayLike) -> Tensor:
        tensor = torch.as_tensor(np.asarray(vectors), dtype=torch.float32, device=self.device)
        if tensor.ndim != 2 or tensor.shape[1] != self.config.dimension:
            raise ValueError(
                f"vectors must have the shape (n, {self.config.dimension}), not {tuple(tensor.shape)}"
            )
        return tensor

    def _encode_all(self, sources: list[Any], batch_size: int, show_progress_bar: bool) -> list[Encoded]:
        results = self.encode_iter(sources, batch_size=batch_size)
        if show_progress_bar:
            results = _with_progress(results, len(sources))
        encoded = []
        for result in results:
            if isinstance(result, Failure):
                raise MediaError(_name(result.source), result.reason)
            encoded.append(result)
        return encoded

    def _run_full(self, waiting: list[tuple[_Job, Piece]], batch_size: int) -> None:
        while sum(len(piece.values) for _, piece in waiting) >= batch_size:
            count, size = 0, 0
            while size < batch_size:
                size += len(waiting[count][1].values)
                count += 1
            self._run(waiting[:count])
            del waiting[:count]

    def _run_all(self, queues: dict[Modality, list[tuple[_Job, Piece]]]) -> None:
        for waiting in queues.values():
            if waiting:
                self._run(waiting)
                waiting.clear()

    def _run(self, batch: Sequence[tuple[_Job, Piece]]) -> None:
        values = torch.cat([piece.values for _, piece in batch])
        encode = self._encode_pictures if batch[0][1].modality == "picture" else self._encode_music
        vectors = encode(values).split([len(piece.values) for _, piece in batch])
        for (job, piece), rows in zip(batch, vectors, strict=True):
            job.vectors.append(rows.numpy())
            job.starts.extend(piece.starts)
            job.waiting -= 1

    def _encode_pictures(self, pictures: Tensor) -> Tensor:
        """uint8 (n, 3, size, size) to (n, dimension) on the CPU."""

        def encode(part: Tensor) -> Tensor:
            part = part.to(self.device).contiguous(memory_format=torch.channels_last).float() / 255
            return self.model.picture_encoder(part)

        return self._in_parts(pictures, encode)

    def _encode_music(self, samples: Tensor) -> Tensor:
        """float32 samples (n, window samples) to (n, dimension) on the CPU."""
        return self._in_parts(
            samples, lambda part: self.model.music_encoder(self._log_mel(part.to(self.device)))
        )

    def _in_parts(self, batch: Tensor, encode: Callable[[Tensor], Tensor]) -> Tensor:
        parts = batch.split(_ON_PROCESSOR if self.device.type == "cpu" else len(batch))
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, enabled=self._bf16):
            return torch.cat([encode(part).float().cpu() for part in parts])


def _finished(jobs: deque[_Job]) -> Iterator[Encoded | Failure]:
    """Results from the front of the line, as far as they are ready."""
    while jobs and jobs[0].complete and not jobs[0].waiting:
        job = jobs.popleft()
        if job.failure is not None:
            yield Failure(job.index, job.source, job.failure)
            continue
        vectors = np.concatenate(job.vectors)
        if job.modality == "picture":
            yield Encoded(job.index, job.source, job.modality, vectors[0], notes=job.notes)
        else:
            mean = vectors.mean(axis=0)
            track = mean / max(float(np.linalg.norm(mean)), 1e-12)
            starts = np.array(job.starts, np.float32)
            track = track.astype(np.float32)
            yield Encoded(job.index, job.source, job.modality, track, vectors, starts, job.duration, job.notes)


def _is_single(inputs: Any) -> bool:
    if isinstance(inputs, tuple):
        return len(inputs) == 2 and isinstance(inputs[0], np.ndarray | Tensor) and np.isscalar(inputs[1])
    return isinstance(inputs, str | Path | Image.Image | np.ndarray | Tensor)


def _windowed(item: Encoded) -> WindowedTrack:
    if item.windows is None or item.starts is None:
        raise MediaError(_name(item.source), "windows=True is for music, and this is a picture")
    return WindowedTrack(item.starts, item.windows)


def _name(source: Any) -> str:
    return str(source) if isinstance(source, str | Path) else type(source).__name__


def _with_progress(results: Iterator[Encoded | Failure], total: int) -> Iterator[Encoded | Failure]:
    from rich.console import Console
    from rich.progress import track

    return track(results, "Encoding", total, console=Console(stderr=True), transient=True)  # type: ignore[return-value]
