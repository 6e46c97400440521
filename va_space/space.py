"""The object users hold: pictures, music and texts to vectors, valence-arousal and similarity."""

import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, cast, get_args, overload

import numpy as np
import torch
from torch import Tensor

from va_space.emotion.reference import Kind
from va_space.encoders.batching import check_batch_size, encode_stream, encode_track, with_progress
from va_space.encoders.pretrained import load_model, model_folder, save_model, weights_fingerprint
from va_space.encoders.results import Encoded, Failure, WindowedTrack
from va_space.encoders.text.files import FOLDER, save_text
from va_space.encoders.text.readout import TextReadout
from va_space.encoders.vectors import FloatArray
from va_space.errors import MediaError
from va_space.media.kinds import MediaInput, Modality, is_single_input, name_of
from va_space.media.windows import SoundSource, check_hop

__all__ = ["Encoded", "Failure", "FloatArray", "MediaInput", "Modality", "VASpace", "WindowedTrack"]

VAScale = Literal["absolute", "relative"]


class VASpace(TextReadout):
    """Pictures, music and texts in one valence-arousal space.

    Args:
        model: The networks.
        fingerprint: Names the weights; vectors of two fingerprints cannot be compared.
        text: Folder of heads for texts; None for a model without.
        device: Where to compute, such as "cpu" or "cuda:1"; None takes a GPU if there is one.
        precision: "fp32", "bf16", or "auto": bf16 where the processor computes with it.

    Attributes:
        model: The networks, in evaluation mode on the device.
        config: What the networks were built from.
        fingerprint: See above.
        device: See above.
        precision: What the encoders compute in, "fp32" or "bf16".
    """

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path | None = None,
        *,
        text: str | Path | None = None,
        device: str | torch.device | None = None,
        precision: str = "auto",
    ) -> "VASpace":
        """Load a model; its weights are frozen.

        Args:
            name: A folder, "hf-hub:organisation/name", or None for the model that ships.
            text: Folder of heads for texts, which are read when first needed; by default ``text`` beside the
                model's weights.
            device: See :class:`VASpace`.
            precision: See :class:`VASpace`.

        Raises:
            CheckpointError: The model is not there, damaged, or not of this library.
        """
        folder = model_folder(name)
        model, fingerprint = load_model(folder)
        return cls(
            model.requires_grad_(False),
            fingerprint=fingerprint,
            text=text or folder / FOLDER,
            device=device,
            precision=precision,
        )

    @property
    def identity(self) -> str:
        """Deprecated: the old name of :attr:`fingerprint`."""
        warnings.warn("VASpace.identity is now VASpace.fingerprint", DeprecationWarning, stacklevel=2)
        return self.fingerprint

    def save_pretrained(self, folder: str | Path) -> None:
        """Write ``model.safetensors``, ``config.json``, a model card and heads for texts into a folder."""
        save_model(self.model, folder)
        if self.reads_text:
            save_text(self.text_side, Path(folder) / FOLDER, weights_fingerprint(folder))

    @overload
    def encode(
        self,
        inputs: MediaInput | Sequence[MediaInput],
        *,
        batch_size: int = ...,
        windows: Literal[False] = ...,
        window_seconds: float | None = ...,
        show_progress_bar: bool = ...,
        convert_to_tensor: Literal[False] = ...,
    ) -> FloatArray: ...

    @overload
    def encode(
        self,
        inputs: MediaInput | Sequence[MediaInput],
        *,
        batch_size: int = ...,
        windows: Literal[False] = ...,
        window_seconds: float | None = ...,
        show_progress_bar: bool = ...,
        convert_to_tensor: Literal[True],
    ) -> Tensor: ...

    @overload
    def encode(  # type: ignore[overload-overlap]  # a path, being a str, is a sequence of paths to mypy
        self,
        inputs: MediaInput,
        *,
        batch_size: int = ...,
        windows: Literal[True],
        window_seconds: float | None = ...,
        show_progress_bar: bool = ...,
    ) -> WindowedTrack: ...

    @overload
    def encode(
        self,
        inputs: Sequence[MediaInput],
        *,
        batch_size: int = ...,
        windows: Literal[True],
        window_seconds: float | None = ...,
        show_progress_bar: bool = ...,
    ) -> list[WindowedTrack]: ...

    def encode(
        self,
        inputs: MediaInput | Sequence[MediaInput],
        *,
        batch_size: int = 32,
        windows: bool = False,
        window_seconds: float | None = None,
        show_progress_bar: bool = False,
        convert_to_tensor: bool = False,
    ) -> FloatArray | Tensor | WindowedTrack | list[WindowedTrack]:
        """Vectors of pictures and music.

        Args:
            inputs: One input or a sequence of them, mixed as you like. An input is a path, a PIL image, an
                array or tensor of a picture ((H, W, C) or (C, H, W), uint8 or float in [0, 1]), or
                (samples, sample rate) for sound.
            batch_size: Pictures, or windows of music, that are computed at once.
            windows: Return music over time; all inputs must be music.
            window_seconds: Length of the windows that music is cut into; see :meth:`encode_windows`.
            show_progress_bar: Show progress on standard error.
            convert_to_tensor: Return a tensor on the CPU instead of an array.

        Returns:
            (n, dimension) float32 unit rows in input order, or (dimension,) for a single input. With
            ``windows``, a :class:`WindowedTrack` for each input.

        Raises:
            MediaError: An input cannot be read; use :meth:`encode_iter` to go on after failures.
            ValueError: Windows of that length are not for this model.

        Example:
            >>> from va_space import VASpace
            >>> from va_space.demo.music import clips
            >>> space = VASpace.from_pretrained()
            >>> space.encode([clip.path for clip in clips()[:3]]).shape
            (3, 512)
            >>> space.encode(clips()[0].path).shape
            (512,)
        """
        sources, single = _listed(inputs)
        encoded = self._encode_all(sources, batch_size, show_progress_bar, window_seconds)
        if windows:
            tracks = [item.track() for item in encoded]
            return tracks[0] if single else tracks
        nothing = np.zeros((0, self.config.dimension), np.float32)
        vectors = np.stack([item.vector for item in encoded]) if encoded else nothing
        if single:
            vectors = vectors[0]
        return torch.from_numpy(vectors) if convert_to_tensor else vectors

    def encode_iter(
        self,
        inputs: Iterable[MediaInput],
        *,
        batch_size: int = 32,
        window_seconds: float | None = None,
        processes: bool = False,
    ) -> Generator[Encoded | Failure, None, None]:
        """Encode any number of inputs in constant memory.

        Files are decoded ahead of the network.

        Args:
            inputs: As for :meth:`encode`; may be a generator.
            batch_size: Pictures, or windows of music, that are computed at once.
            window_seconds: Length of the windows that music is cut into; see :meth:`encode_windows`.
            processes: Decode music in processes instead of threads: a file that crashes a codec is then one
                failure, and on many cores decoding does not wait for Python. They take a moment to start.

        Yields:
            For each input, in order, its vectors or why it could not be read.

        Raises:
            ValueError: Windows of that length are not for this model.

        Example:
            >>> from va_space import Failure, VASpace
            >>> from va_space.demo.photographs import PHOTOGRAPHS
            >>> space = VASpace.from_pretrained()
            >>> for item in space.encode_iter([PHOTOGRAPHS[0].path, "missing.jpg"]):
            ...     print(item.reason if isinstance(item, Failure) else item.vector.shape)
            (512,)
            no such file
        """
        check_batch_size(batch_size)
        return encode_stream(
            inputs,
            self.config.picture,
            self._audio_of(window_seconds),
            self._encoders,
            batch_size=batch_size,
            processes=processes,
        )

    def encode_windows(
        self,
        track: SoundSource,
        *,
        hop_seconds: float | None = None,
        window_seconds: float | None = None,
        batch_size: int = 32,
        progress: Callable[[float], None] | None = None,
    ) -> WindowedTrack:
        """One recording over time, in windows that may overlap; it is decoded once, in constant memory.

        Args:
            track: A file, or (samples, sample rate).
            hop_seconds: From one window to the next; by default the length of a window.
            window_seconds: Length of the windows; by default ``config.audio.window_seconds``, on which the
                model was trained. Vectors of other lengths lie in the same space; the shorter the windows,
                the less each one tells, down to 1 s for the model that ships.
            batch_size: Windows that are computed at once.
            progress: Called with the seconds that are done.

        Raises:
            MediaError: It is not music, or cannot be read.
            MissingExtraError: Reading it needs PyAV, which is not installed.
            ValueError: A number is out of range, or windows are too short for the model.

        Example:
            >>> from va_space import VASpace
            >>> from va_space.demo.music import clips
            >>> track = VASpace.from_pretrained().encode_windows(clips()[0].path, hop_seconds=5)
            >>> track.starts
            array([ 0.,  5., 10.], dtype=float32)
            >>> track.vectors.shape
            (3, 512)
        """
        check_batch_size(batch_size)
        if not isinstance(track, str | Path | tuple):
            raise MediaError(name_of(track), "music is a file, or (samples, sample rate)")
        audio = self._audio_of(window_seconds)
        return encode_track(
            track,
            audio,
            self._encoders,
            hop_seconds=check_hop(hop_seconds, audio),
            batch_size=batch_size,
            progress=progress,
        )

    @overload
    def predict_va(
        self,
        inputs: MediaInput | Sequence[MediaInput] | None = ...,
        *,
        text: str | Sequence[str] | None = ...,
        batch_size: int = ...,
        show_progress_bar: bool = ...,
        return_std: Literal[False] = ...,
        scale: VAScale = ...,
        kind: Kind | None = ...,
    ) -> FloatArray: ...

    @overload
    def predict_va(
        self,
        inputs: MediaInput | Sequence[MediaInput] | None = ...,
        *,
        text: str | Sequence[str] | None = ...,
        batch_size: int = ...,
        show_progress_bar: bool = ...,
        return_std: Literal[True],
        scale: VAScale = ...,
        kind: Kind | None = ...,
    ) -> tuple[FloatArray, FloatArray]: ...

    def predict_va(
        self,
        inputs: MediaInput | Sequence[MediaInput] | None = None,
        *,
        text: str | Sequence[str] | None = None,
        batch_size: int = 32,
        show_progress_bar: bool = False,
        return_std: bool = False,
        scale: VAScale = "absolute",
        kind: Kind | None = None,
    ) -> FloatArray | tuple[FloatArray, FloatArray]:
        """Valence and arousal of pictures and music, or of texts.

        Args:
            inputs: As for :meth:`encode`.
            text: Instead of inputs, one text or several, as for :meth:`encode_text`.
            batch_size: As for :meth:`encode`.
            show_progress_bar: As for :meth:`encode`.
            return_std: Return the uncertainty too; see :meth:`predict_va_from_vectors`.
            scale: "absolute", the mean ratings that people are expected to give; or "relative", the share of
                the input's kind that lies below.
            kind: For the relative scale: what all inputs are; by default each is detected.

        Returns:
            (n, 2) valence and arousal in [0, 1], or (2,) for a single input or text; with ``return_std`` a
            pair of such arrays, the second their standard deviations.

        Raises:
            MediaError: An input cannot be read.
            CheckpointError: The scale is relative, and the model has no reference distributions; or it cannot
                read texts.
            TypeError: There are neither inputs nor texts, or both.

        Example:
            >>> from va_space import VASpace
            >>> from va_space.demo.photographs import PHOTOGRAPHS
            >>> valence, arousal = VASpace.from_pretrained().predict_va(PHOTOGRAPHS[0].path)
            >>> bool(0 <= valence <= 1), bool(0 <= arousal <= 1)
            (True, True)
        """
        if (inputs is None) == (text is None):
            raise TypeError("predict_va takes inputs, or text=")
        if text is not None:
            encoded, single = self._encode_texts(text, batch_size), isinstance(text, str)
        elif inputs is not None:
            sources, single = _listed(inputs)
            encoded = self._encode_all(sources, batch_size, show_progress_bar)
        values, deviations = np.zeros((2, len(encoded), 2), np.float32)
        for modality in get_args(Modality):
            rows = [item.index for item in encoded if item.modality == modality]
            if rows:
                vectors = np.stack([encoded[row].vector for row in rows])
                values[rows], deviations[rows] = self.predict_va_from_vectors(
                    vectors,
                    modality,
                    return_std=True,
                )
        if scale == "relative":
            for row, item in enumerate(encoded):
                distribution = self.distribution(kind or self.kind_of(item))
                deviations[row] = distribution.deviation(values[row], deviations[row])
                values[row] = distribution.percentile(values[row])
        if single:
            values, deviations = values[0], deviations[0]
        return (values, deviations) if return_std else values

    def _encode_all(
        self,
        sources: Sequence[MediaInput],
        batch_size: int,
        show_progress_bar: bool,
        window_seconds: float | None = None,
    ) -> list[Encoded]:
        results: Iterator[Encoded | Failure] = self.encode_iter(
            sources, batch_size=batch_size, window_seconds=window_seconds
        )
        if show_progress_bar:
            results = with_progress(results, len(sources))
        encoded = []
        for result in results:
            if isinstance(result, Failure):
                raise MediaError(name_of(result.source), result.reason)
            encoded.append(result)
        return encoded


def _listed(inputs: MediaInput | Sequence[MediaInput]) -> tuple[list[MediaInput], bool]:
    """Inputs as a list, and whether they were a single one."""
    if is_single_input(inputs):
        return [inputs], True
    return list(cast(Sequence[MediaInput], inputs)), False
