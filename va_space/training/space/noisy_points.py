"""Points for music of which only the quadrant is known, from sources that the model that ships does without.

Both are for ablation: norms of words are under a licence that forbids derived works, so may be the weights
of the head; the words that editors gave the music belong to their publisher.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file
from torch import Tensor

from va_space.datasets import fourq
from va_space.datasets.records import Record
from va_space.encoders.three_branch import ThreeBranch
from va_space.errors import ConfigError

NoisyPoints = Literal["none", "mood-words", "arousal-head"]

_HEAD = "../weights/essentia_heads_msd_musicnn.fp32.safetensors"
_LOWEST, _HIGHEST = 1.0, 9.0  # of what the head was fitted on


def noisy_points(kind: NoisyPoints, records: Sequence[Record], features: Tensor, root: Path) -> Tensor:
    """Valence and arousal of windows by a noisy source, nan where it says nothing.

    Args:
        kind: "mood-words": the mean norm of the words that editors gave 4Q's recordings, both dimensions;
            "arousal-head": the arousal that a regression on MusiCNN's embedding, fitted on DEAM, predicts.
        records: (n,) windows.
        features: (n, d) what a ``three-branch`` backbone makes of them.
        root: Folder of data sets.

    Returns:
        (n, 2) in [0, 1] or nan.

    Raises:
        ConfigError: The features are another backbone's.
        DatasetError: The norms are missing.
    """
    if kind == "mood-words":
        known = fourq.word_points(root / "fourq", root / "text" / "warriner2013.csv")
        unknown = (torch.nan, torch.nan)
        songs = [record.id.rpartition("@")[0] if record.source == "fourq" else "" for record in records]
        return torch.tensor([known.get(song, unknown) for song in songs])
    if features.ndim != 2 or features.shape[1] != ThreeBranch.features:
        raise ConfigError('noisy_points = "arousal-head" needs features of a three-branch backbone')
    head = load_file(root / _HEAD)
    embedding = features[:, ThreeBranch.embedding]
    arousal = (embedding @ head["deam.w"][1] + head["deam.b"][1] - _LOWEST) / (_HIGHEST - _LOWEST)
    return torch.stack([torch.full_like(arousal, torch.nan), arousal.clamp(0, 1)], dim=1)
