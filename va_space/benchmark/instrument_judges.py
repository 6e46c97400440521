"""Judges of generated pictures and sounds: linear probes of networks that took no part in making them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.benchmark.genre_heads import linear_scores
from va_space.generation.crossmodal import PICTURE
from va_space.generation.tags.hearing import taggers_of
from va_space.media.patches import PatchSettings, patches_to_sounds
from va_space.media.pictures import resize_pictures
from va_space.space import VASpace

_AT_ONCE = 16
# Generated pictures are smaller than those that the backbone learnt from: they are enlarged to this.
_PICTURE_SIDE = 128

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Judge:
    """Logistic regressions on features of pictures, or of sounds.

    Attributes:
        space: Whose networks see and hear: the picture backbone, or the taggers of music and sounds.
        patch: How log-mel patches were made.
        known: (k, features) of real media to learn from.
        labels: (k,) their instruments.
    """

    space: VASpace
    patch: PatchSettings
    known: Floats
    labels: Labels

    @classmethod
    def fit(cls, space: VASpace, patch: PatchSettings, real: Sequence[Tensor], labels: Labels) -> "Judge":
        """Learn from real media, given in one form or in several; see :func:`features_of`."""
        known = np.concatenate([features_of(space, form, patch) for form in real])
        return cls(space, patch, known, np.tile(labels, len(real)))

    def name(self, media: Tensor) -> Labels:
        """(n,) the instrument that each picture shows, or each sound is of."""
        one_hot = self.labels[:, None] == np.arange(self.labels.max() + 1)
        return linear_scores(self.known, one_hot, features_of(self.space, media, self.patch)).argmax(axis=1)


@torch.inference_mode()
def features_of(space: VASpace, media: Tensor, patch: PatchSettings) -> Floats:
    """Features of pictures (n, 3, h, w), of log-mel patches (n, 1, mels, frames), or of sounds (n, t).

    Patches are made sounds first: it is what one would hear that is judged.
    """
    parts = []
    for batch in media.split(_AT_ONCE):
        if media.ndim == 4 and media.shape[1] == PICTURE:
            pictures = resize_pictures((batch + 1) / 2, _PICTURE_SIDE).to(space.device)
            found = space.model.picture_encoder.forward_single_view(pictures)
        else:
            sounds = patches_to_sounds(batch, patch) if media.ndim == 4 else batch
            taggers = taggers_of(space)
            found = taggers(sounds[:, None, None].to(next(taggers.parameters()).device))
        parts.append(found.float().cpu())
    return torch.cat(parts).numpy()
