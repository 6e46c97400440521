"""What is read off the space: valence and arousal of a vector, similarity of a pair."""

import torch
from torch import Tensor, nn


class VAPredictor(nn.Module):
    """Valence and arousal from a unit vector: one hidden layer, squashed to [0, 1]."""

    def __init__(self, dimension: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(dimension, hidden), nn.GELU(), nn.Linear(hidden, 2))

    def forward(self, features: Tensor) -> Tensor:
        """(N, dimension) unit vectors to (N, 2) valence and arousal in [0, 1]."""
        return torch.sigmoid(self.layers(features))


class SimilarityPredictor(nn.Module):
    """Expected similarity E[S | picture, music] of every pair.

    The first layer of the two-tower network is linear in each side, so that n x m pairs cost n + m
    projections and one small hidden layer.
    """

    def __init__(self, dimension: int, hidden: int) -> None:
        super().__init__()
        self.from_picture = nn.Linear(dimension, hidden)
        self.from_music = nn.Linear(dimension, hidden, bias=False)
        self.from_cosine = nn.Linear(1, hidden, bias=False)
        self.head = nn.Sequential(nn.GELU(), nn.Linear(hidden, 1))

    def forward(self, pictures: Tensor, music: Tensor) -> Tensor:
        """(n, dimension) and (m, dimension) unit vectors to (n, m) similarities in [0, 1]."""
        cosine = pictures @ music.T
        mixed = self.from_picture(pictures)[:, None] + self.from_music(music)[None]
        return torch.sigmoid(self.head(mixed + self.from_cosine(cosine[..., None]))).squeeze(-1)
