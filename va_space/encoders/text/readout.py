"""A model on a device that also reads texts."""

from collections.abc import Generator, Iterable
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal, overload

import numpy as np
import torch
from torch import Tensor

from va_space.emotion.reference import Distribution, Kind
from va_space.encoders.batching import check_batch_size
from va_space.encoders.model import SpaceModel
from va_space.encoders.predictors import VAPredictor
from va_space.encoders.readout import Readout
from va_space.encoders.results import Encoded, Failure
from va_space.encoders.text.files import TextSide, load_text, owner_of
from va_space.encoders.text.sentences import SentenceEncoder, TextFeatures
from va_space.encoders.vectors import FloatArray, unit_rows
from va_space.errors import CheckpointError, MediaError
from va_space.media.kinds import Modality
from va_space.text import shown


class TextReadout(Readout):
    """Texts to vectors of the space; :class:`va_space.VASpace` adds files and names.

    Args:
        model: The networks of pictures and music.
        fingerprint: Names their weights; heads of texts belong to one model.
        text: Folder of these heads; None for a model without. They are read when first needed.
        device: See :class:`va_space.encoders.embedder.Embedder`.
        precision: Likewise; texts are always read in float32.
    """

    def __init__(
        self,
        model: SpaceModel,
        *,
        fingerprint: str = "unsaved",
        text: str | Path | None = None,
        device: str | torch.device | None = None,
        precision: str = "auto",
    ) -> None:
        super().__init__(model, device=device, precision=precision)
        self.fingerprint = fingerprint
        self._text_folder = None if text is None else Path(text)

    @property
    def reads_text(self) -> bool:
        """Whether there are heads for texts that belong to this model."""
        return self._text_folder is not None and owner_of(self._text_folder) == self.fingerprint

    @cached_property
    def text_side(self) -> TextSide:
        """What makes a text a part of the space.

        Raises:
            CheckpointError: The model has no heads for texts, or those of another model.
        """
        if self._text_folder is None:
            raise CheckpointError("the model cannot read texts: it was made without heads for them")
        side = load_text(self._text_folder, self.fingerprint)
        side.model.to(self.device)
        return side

    @cached_property
    def sentence_encoder(self) -> SentenceEncoder:
        """What reads texts; loaded when first needed.

        Raises:
            CheckpointError: See :attr:`text_side`; or the encoder cannot be read.
            MissingExtraError: The extra ``text`` is not installed.
        """
        return SentenceEncoder(self.text_side.model.config, self.device)

    @overload
    def encode_text(
        self,
        texts: str | Iterable[str],
        *,
        batch_size: int = ...,
        convert_to_tensor: Literal[False] = ...,
    ) -> FloatArray: ...

    @overload
    def encode_text(
        self, texts: str | Iterable[str], *, batch_size: int = ..., convert_to_tensor: Literal[True]
    ) -> Tensor: ...

    def encode_text(
        self, texts: str | Iterable[str], *, batch_size: int = 32, convert_to_tensor: bool = False
    ) -> FloatArray | Tensor:
        """Vectors of texts, which can be compared with those of pictures and music.

        Args:
            texts: One text or several, of any length; see :meth:`encode_text_iter`.
            batch_size: Texts, or parts of long ones, that are computed at once.
            convert_to_tensor: Return a tensor on the CPU instead of an array.

        Returns:
            (n, dimension) float32 unit rows in input order, or (dimension,) for a single text.

        Raises:
            MediaError: A text is empty, or nothing of it is known.
            CheckpointError: The model has no heads for texts.
            MissingExtraError: The extra ``text`` is not installed.

        Example:
            >>> from va_space import VASpace
            >>> space = VASpace.from_pretrained()
            >>> space.encode_text(["a quiet evening", "the crowd went wild"]).shape
            (2, 512)
        """
        encoded = self._encode_texts(texts, batch_size)
        nothing = np.zeros((0, self.config.dimension), np.float32)
        vectors = np.stack([item.vector for item in encoded]) if encoded else nothing
        if isinstance(texts, str):
            vectors = vectors[0]
        return torch.from_numpy(vectors) if convert_to_tensor else vectors

    def encode_text_iter(
        self, texts: Iterable[str], *, batch_size: int = 32
    ) -> Generator[Encoded | Failure, None, None]:
        """Encode any number of texts in constant memory, and say of each what is not known.

        A text beyond the encoder's length is cut into parts of that length; its vector is the normalised mean
        of theirs, each weighing as many tokens as it has. ``notes`` say that, and of words that are not
        known, and of a text that reads like another language than the heads have learnt from.

        Args:
            texts: Any texts; may be a generator.
            batch_size: Texts, or parts of long ones, that are computed at once.

        Yields:
            For each text, in order, its vector or why it has none.

        Raises:
            CheckpointError: The model has no heads for texts.
            MissingExtraError: The extra ``text`` is not installed.
            ValueError: ``batch_size`` is less than 1.
        """
        check_batch_size(batch_size)
        source, index = iter(texts), 0
        while batch := list(islice(source, batch_size)):
            for text, features in zip(batch, self.sentence_encoder.read(batch, batch_size), strict=True):
                if isinstance(features, str):
                    yield Failure(index, text, features)
                else:
                    yield self._encoded(index, text, features)
                index += 1

    def va_predictor(self, modality: Modality) -> VAPredictor:
        """See :meth:`va_space.encoders.embedder.Embedder.va_predictor`; of texts, too."""
        return self.text_side.model.va if modality == "text" else super().va_predictor(modality)

    def distribution(self, kind: Kind) -> Distribution:
        """What predictions for a kind are compared with on the relative scale.

        Raises:
            CheckpointError: The model has no reference distributions, or cannot read texts.
            ValueError: It has none of the kind.
        """
        return self.text_side.reference if kind == "text" else self.require_reference().of(kind)

    def _encode_texts(self, texts: str | Iterable[str], batch_size: int) -> list[Encoded]:
        encoded = []
        for item in self.encode_text_iter(
            [texts] if isinstance(texts, str) else texts, batch_size=batch_size
        ):
            if isinstance(item, Failure):
                raise MediaError(f"text {shown(item.source)!r}", item.reason)
            encoded.append(item)
        return encoded

    def _encoded(self, index: int, text: str, features: TextFeatures) -> Encoded:
        with torch.inference_mode():
            parts = self.text_side.model(torch.from_numpy(features.parts).to(self.device)).cpu().numpy()
        weights = features.tokens / features.tokens.sum()
        return Encoded(index, text, "text", unit_rows(weights @ parts), notes=features.notes)
