"""What is read off the space: valence and arousal of a vector, similarity of a pair."""

import torch
from torch import Tensor, nn

# A normal distribution has 90% of its mass within this many standard deviations; a stated deviation is such
# that the prediction +- so many of them covers 90% of people's mean ratings.
DEVIATIONS_OF_90_PERCENT = 1.645


class VAPredictor(nn.Module):
    """Valence and arousal from a unit vector: one hidden layer, squashed to [0, 1], then calibrated.

    Attributes:
        scale: (2,) slope of the calibration, 1 before it; see :meth:`calibrate`.
        shift: (2,) its intercept, 0 before it.
        deviation: (2,) standard deviation of labels about the calibrated prediction; nan before it.
    """

    scale: Tensor
    shift: Tensor
    deviation: Tensor

    def __init__(self, dimension: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(dimension, hidden), nn.GELU(), nn.Linear(hidden, 2))
        self.register_buffer("scale", torch.ones(2))
        self.register_buffer("shift", torch.zeros(2))
        self.register_buffer("deviation", torch.full((2,), torch.nan))

    def forward(self, features: Tensor) -> Tensor:
        """(N, dimension) unit vectors to (N, 2) valence and arousal in [0, 1]."""
        raw = torch.sigmoid(self.layers(features))
        return (raw * self.scale + self.shift).clamp(0, 1)

    def calibrate(self, scale: Tensor, shift: Tensor, deviation: Tensor) -> None:
        """Set what was found on held-out groups: labels ~ scale * prediction + shift, within deviation.

        Args:
            scale: (2,) factor for the predictions that the predictor makes now.
            shift: (2,) added to that.
            deviation: (2,) of the labels about the result.
        """
        self.shift.copy_(self.shift * scale + shift)
        self.scale.mul_(scale)
        self.deviation.copy_(deviation)


class SimilarityPredictor(nn.Module):
    """Expected similarity E[S | picture, music] of every pair.

    The first layer of the two-tower network is linear in each side, so that n x m pairs cost n + m
    projections and one small hidden layer.

    Attributes:
        fusion_weights: (4,) what held-out pairs say about the weight of evidence: an offset, and factors of S
            of the predicted valence-arousal, of the cosine, and of the network's logit; (0, 0, 0, 1) before
            calibration.
    """

    def __init__(self, dimension: int, hidden: int) -> None:
        super().__init__()
        self.from_picture = nn.Linear(dimension, hidden)
        self.from_music = nn.Linear(dimension, hidden, bias=False)
        self.from_cosine = nn.Linear(1, hidden, bias=False)
        self.head = nn.Sequential(nn.GELU(), nn.Linear(hidden, 1))
        self.fusion_weights: Tensor
        self.register_buffer("fusion_weights", torch.tensor([0.0, 0.0, 0.0, 1.0]))
        self.register_load_state_dict_pre_hook(_take_old_names)

    def forward(self, pictures: Tensor, music: Tensor) -> Tensor:
        """(n, dimension) and (m, dimension) unit vectors to (n, m) similarities in [0, 1], by the network."""
        return torch.sigmoid(self.logits(pictures, music))

    def logits(self, pictures: Tensor, music: Tensor) -> Tensor:
        """The same before the sigmoid."""
        cosine = pictures @ music.T
        mixed = self.from_picture(pictures)[:, None] + self.from_music(music)[None]
        return self.head(mixed + self.from_cosine(cosine[..., None])).squeeze(-1)

    def fused(self, pictures: Tensor, music: Tensor, va_similarity: Tensor) -> Tensor:
        """Similarities by all evidence.

        Args:
            pictures: (n, dimension) unit vectors.
            music: (m, dimension) unit vectors.
            va_similarity: (n, m) S of the predicted valence-arousal.

        Returns:
            (n, m) in [0, 1].
        """
        offset, of_va, of_cosine, of_network = self.fusion_weights
        evidence = offset + of_va * va_similarity + of_cosine * (pictures @ music.T)
        return torch.sigmoid(evidence + of_network * self.logits(pictures, music))


def _take_old_names(
    module: nn.Module, state_dict: dict[str, Tensor], prefix: str, *_: object, **__: object
) -> None:
    """Older files call the fusion weights ``blend``."""
    if f"{prefix}blend" in state_dict:
        state_dict[f"{prefix}fusion_weights"] = state_dict.pop(f"{prefix}blend")
