"""Tensors of pictures and sound through the networks of a model, on one device."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, overload

import torch
from torch import Tensor

from va_space.emotion.reference import KINDS_OF, Kind, Reference
from va_space.encoders.batching import Encoders
from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import MusicEncoder, PictureEncoder, SpaceModel
from va_space.encoders.precision import computes_bf16
from va_space.encoders.predictors import VAPredictor
from va_space.encoders.results import Encoded
from va_space.errors import CheckpointError, ConfigError
from va_space.media.kinds import Modality
from va_space.media.mel import make_frontend
from va_space.media.pictures import resize_pictures
from va_space.media.settings import AudioSettings

# Pictures or windows of music that a processor computes at once: in the first layers of the model that ships
# they take some 10 and 100 MB each, and more of them are hardly faster.
_ON_PROCESSOR = 8


class Embedder:
    """A model on a device, from tensors to tensors; :class:`va_space.VASpace` adds files, arrays and names.

    Args:
        model: The networks.
        device: Where to compute, such as "cpu" or "cuda:1"; None takes a GPU if there is one.
        precision: "fp32", "bf16", or "auto": bf16 where the processor computes with it.

    Attributes:
        model: The networks, in evaluation mode on the device.
        config: What the networks were built from.
        device: See above.
        precision: What files are encoded in, "fp32" or "bf16".

    Raises:
        ValueError: There is no such precision.
    """

    def __init__(
        self, model: SpaceModel, *, device: str | torch.device | None = None, precision: str = "auto"
    ) -> None:
        if precision not in ("auto", "bf16", "fp32"):
            raise ValueError(f"precision {precision!r} is not 'auto', 'bf16' or 'fp32'")
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.config: SpaceConfig = model.config
        self.model: SpaceModel = model.eval().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._bf16 = precision == "bf16" or (precision == "auto" and computes_bf16(self.device))
        self.precision = "bf16" if self._bf16 else "fp32"
        self._frontend = make_frontend(self.config.audio).to(self.device)
        self._encoders: Encoders = {"picture": self._encode_pictures, "music": self._encode_music}

    @overload
    def embed_pictures(
        self, pictures: Tensor, *, view: int | None = ..., return_features: Literal[False] = ...
    ) -> Tensor: ...

    @overload
    def embed_pictures(
        self, pictures: Tensor, *, view: int | None = ..., return_features: Literal[True]
    ) -> tuple[Tensor, Tensor]: ...

    def embed_pictures(
        self, pictures: Tensor, *, view: int | None = None, return_features: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Vectors of pictures that are tensors, differentiable, in float32.

        Args:
            pictures: (n, 3, h, w) RGB in [0, 1], of any size and on any device.
            view: Compute this one of the encoder's views of each picture, counted round, instead of the mean
                over all of them: a cheaper estimate, for optimisers that take many steps.
            return_features: Return the picture backbone's features too.

        Returns:
            (n, dimension) unit vectors on the space's device; with ``return_features`` also (n, features).

        Example:
            >>> import torch
            >>> from va_space import VASpace
            >>> space = VASpace.from_pretrained()
            >>> pictures = torch.rand(1, 3, 80, 80, requires_grad=True)
            >>> valence = space.va_predictor("picture")(space.embed_pictures(pictures))[:, 0]
            >>> torch.autograd.grad(valence.sum(), pictures)[0].shape
            torch.Size([1, 3, 80, 80])
        """
        encoder = self.model.picture_encoder
        pictures = resize_pictures(pictures.to(self.device), self.config.picture.size)
        features = encoder.features(pictures) if view is None else encoder.forward_single_view(pictures, view)
        vectors = encoder.embed(features)
        return (vectors, features) if return_features else vectors

    @overload
    def embed_music(self, samples: Tensor, *, return_features: Literal[False] = ...) -> Tensor: ...

    @overload
    def embed_music(self, samples: Tensor, *, return_features: Literal[True]) -> tuple[Tensor, Tensor]: ...

    def embed_music(
        self, samples: Tensor, *, return_features: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Vectors of windows of music that are tensors, differentiable, in float32.

        Args:
            samples: (n, samples) mono in [-1, 1] at ``config.audio.sample_rate``; the model was trained on
                windows of ``config.audio.window_samples``.
            return_features: Return the music backbone's features too.

        Returns:
            (n, dimension) unit vectors on the space's device; with ``return_features`` also (n, features).

        Example:
            >>> import torch
            >>> from va_space import VASpace
            >>> space = VASpace.from_pretrained()
            >>> space.embed_music(torch.rand(2, space.config.audio.window_samples) - 0.5).shape
            torch.Size([2, 512])
        """
        encoder = self.model.music_encoder
        features = encoder.features(self._frontend(samples.to(self.device)))
        vectors = encoder.embed(features)
        return (vectors, features) if return_features else vectors

    def picture_stages(self, pictures: Tensor) -> list[Tensor]:
        """Features of pictures by each stage of the picture backbone, differentiable.

        Args:
            pictures: As for :meth:`embed_pictures`.

        Returns:
            For each stage, (n, channels), pooled over the picture.
        """
        pictures = resize_pictures(pictures.to(self.device), self.config.picture.size)
        return self.model.picture_encoder.stages(pictures)

    @property
    def reference(self) -> Reference | None:
        """What predictions are compared with on the relative scale; None for a model without."""
        return self.model.reference

    def require_reference(self) -> Reference:
        """:attr:`reference`.

        Raises:
            CheckpointError: The model has none.
        """
        if self.model.reference is None:
            raise CheckpointError(
                "the model has no reference distributions, which the relative scale needs; make them: "
                "va-space reference MODEL"
            )
        return self.model.reference

    def kind_of(self, item: Encoded) -> Kind:
        """Whether a picture is a photograph or a painting, and music a recording or a rendering of notes."""
        reference = self.model.reference
        if reference is None or item.features is None:
            return KINDS_OF[item.modality][0]
        return reference.detect(item.modality, item.features[None])

    def va_predictor(self, modality: Modality) -> VAPredictor:
        """A differentiable module that predicts valence and arousal: (n, dimension) to (n, 2)."""
        return self.model.picture_va if modality == "picture" else self.model.music_va

    def _audio_of(self, window_seconds: float | None) -> AudioSettings:
        """Settings for windows of a length; ValueError where the music encoder does not take them."""
        audio = self.config.audio
        if window_seconds is None or window_seconds == audio.window_seconds:
            return audio
        try:
            audio = replace(audio, window_seconds=window_seconds)
            self._encode_music(torch.zeros(1, audio.window_samples))
        except (ConfigError, RuntimeError) as error:
            raise ValueError(f"window_seconds is {window_seconds}: not for this model ({error})") from error
        return audio

    def _encode_pictures(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 (n, 3, size, size) to vectors (n, dimension) and features (n, features) on the CPU."""

        def prepare(part: Tensor) -> Tensor:
            return part.to(self.device).contiguous(memory_format=torch.channels_last).float() / 255

        return self._in_parts(pictures, self.model.picture_encoder, prepare)

    def _encode_music(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """float32 samples (n, window samples) to vectors and features likewise."""
        return self._in_parts(
            samples, self.model.music_encoder, lambda part: self._frontend(part.to(self.device))
        )

    def _in_parts(
        self, batch: Tensor, encoder: PictureEncoder | MusicEncoder, prepare: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, Tensor]:
        vectors, features = [], []
        parts = batch.split(_ON_PROCESSOR if self.device.type == "cpu" else len(batch))
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, enabled=self._bf16):
            for part in parts:
                found = encoder.features(prepare(part))
                features.append(found.float().cpu())
                vectors.append(encoder.embed(found).float().cpu())
        return torch.cat(vectors), torch.cat(features)
