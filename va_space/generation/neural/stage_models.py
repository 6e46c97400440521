"""The models that the stages before the music use, each loaded when it is first needed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from va_space.encoders.emotion_classifier import EmotionClassifier
from va_space.errors import CheckpointError
from va_space.generation.neural.models import LoadedModel, find_model, load_model
from va_space.generation.neural.table import DEFAULTS

TEMPLATE = "template"
"""In place of a language model's name: describe music by a template."""


@dataclass(frozen=True)
class StageModels:
    """Which models the stages use.

    Attributes:
        caption_model: A name or a folder, as for :func:`~va_space.generation.neural.models.load_model`;
            None for the default.
        language_model: Likewise; "template" for none. None is the default if it is on this machine, and the
            template if it is not.
        emotion_classifier: Folder of one that was trained with the recipe ``emotion-classifier``; None for
            the nearest word of the space.
        device: Where they compute.
        download: Fetch what is not there.
    """

    caption_model: str | Path | None = None
    language_model: str | Path | None = None
    emotion_classifier: str | Path | None = None
    device: str | torch.device | None = None
    download: bool = False

    @cached_property
    def caption(self) -> LoadedModel:
        """What captions pictures."""
        return load_model(self.caption_model, "caption", device=self.device, download=self.download)

    @cached_property
    def language(self) -> LoadedModel | None:
        """What describes music; None for the template."""
        name = self.language_model
        if name == TEMPLATE:
            return None
        if name is None:
            try:
                find_model(DEFAULTS["language"], "language", download=self.download)
            except CheckpointError:
                return None
        return load_model(name, "language", device=self.device, download=self.download)

    @cached_property
    def classifier(self) -> EmotionClassifier | None:
        """What names the feeling of a picture; None for the space."""
        if self.emotion_classifier is None:
            return None
        return EmotionClassifier.load(self.emotion_classifier, device=self.device)

    @property
    def used(self) -> dict[str, LoadedModel]:
        """Those that were loaded, by what they do."""
        found = {name: self.__dict__.get(name) for name in ("caption", "language")}
        return {name: model for name, model in found.items() if isinstance(model, LoadedModel)}

    def release(self) -> None:
        """Give their memory back; they are loaded again when they are needed."""
        for name in ("caption", "language", "classifier"):
            self.__dict__.pop(name, None)
