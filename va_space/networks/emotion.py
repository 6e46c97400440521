"""From a picture's feature map to classes of emotion: a GRU down its rows, and attention over what it says.

After Hisariya et al. 2024, who put it on ResNet50.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.backbone import Backbone


def map_rows(backbone: Backbone, pictures: Tensor, stages: int) -> Tensor:
    """Rows of a feature map, top to bottom.

    Args:
        backbone: One that has maps.
        pictures: (N, 3, H, W), as the backbone takes them.
        stages: So many of its last stages, each brought to the height of the last one.

    Returns:
        (N, rows, channels of those stages), means along each row.
    """
    maps = backbone.maps(pictures)[-stages:]
    height = maps[-1].shape[2]
    rows = [functional.adaptive_avg_pool2d(each, (height, 1))[..., 0] for each in maps]  # (N, channels, rows)
    return torch.cat(rows, dim=1).transpose(1, 2)


class RowAttention(nn.Module):
    """Rows of a feature map to classes.

    Args:
        features: Channels of the rows.
        classes: Number of classes.
        hidden: Width of the GRU.
        dropout: Share of the rows' channels, and of what the attention passes on, dropped in training.

    Example:
        >>> RowAttention(16, 4)(torch.zeros(2, 7, 16)).shape
        torch.Size([2, 4])
    """

    def __init__(self, features: int, classes: int, hidden: int = 128, dropout: float = 0.5) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(features, affine=False)
        self.dropout = nn.Dropout(dropout)
        self.gru = nn.GRU(features, hidden, batch_first=True)
        self.attention = nn.Linear(hidden, 1)
        self.classes = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """(N, rows, features) to class scores (N, classes)."""
        standard = self.norm(rows.transpose(1, 2)).transpose(1, 2)
        states, _ = self.gru(self.dropout(standard))  # (N, rows, hidden)
        weights = self.attention(torch.tanh(states)).softmax(dim=1)  # (N, rows, 1)
        scores: Tensor = self.classes(self.dropout((weights * states).sum(dim=1)))
        return scores
