"""What is read off vectors of the space, as arrays: valence and arousal, and similarity."""

from typing import Literal, overload

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from va_space.encoders.embedder import Embedder
from va_space.encoders.vectors import FloatArray
from va_space.media.kinds import Modality


class Readout(Embedder):
    """A model on a device, from vectors to predictions; :class:`va_space.VASpace` adds files and names."""

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
            prediction +- 1.645 standard deviations covers about 90 % of them. It is the same for all vectors
            of a modality.
        """
        predictor = self.va_predictor(modality)
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

        Example:
            >>> from va_space import VASpace
            >>> from va_space.demo.music import clips
            >>> from va_space.demo.photographs import PHOTOGRAPHS
            >>> space = VASpace.from_pretrained()
            >>> pictures = space.encode([photograph.path for photograph in PHOTOGRAPHS[:2]])
            >>> music = space.encode([clip.path for clip in clips()[:3]])
            >>> space.similarity(pictures, music).shape
            (2, 3)
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
