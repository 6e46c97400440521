"""Sounds and texts in the space of CLAP (Wu et al. 2023), to measure how well music fits its prompt."""

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from va_space.generation.neural.models import LoadedModel


class ClapEmbedder:
    """Embeds sounds and texts.

    Args:
        model: One of the kind "clap".
    """

    def __init__(self, model: LoadedModel) -> None:
        self.model = model

    def of_sound(self, samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
        """(n,) mono samples to (features,)."""
        rate = int(self.model.processor.feature_extractor.sampling_rate)
        heard = soxr.resample(samples, sample_rate, rate)
        inputs = self.model.processor(audio=heard, sampling_rate=rate, return_tensors="pt")
        return self._embedded("get_audio_features", inputs)

    def of_text(self, text: str) -> NDArray[np.float32]:
        """A text to (features,)."""
        inputs = self.model.processor(text=[text], return_tensors="pt", truncation=True)
        return self._embedded("get_text_features", inputs)

    def _embedded(self, method: str, inputs: "object") -> NDArray[np.float32]:
        with torch.inference_mode():
            found = getattr(self.model.network, method)(**inputs.to(self.model.device))  # type: ignore[attr-defined]
        # Releases of transformers differ in whether they wrap it.
        features = getattr(found, "pooler_output", found)
        return np.asarray(features[0].float().cpu().numpy(), np.float32)
