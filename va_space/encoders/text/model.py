"""What leads from a sentence encoder into the space, and valence and arousal of the result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from va_space.encoders.config import from_known_keys
from va_space.encoders.predictors import VAPredictor


@dataclass(frozen=True)
class TextConfig:
    """How texts are read.

    Attributes:
        encoder: A sentence-transformers model: "all-MiniLM-L6-v2", which a wheel brings, the name of another
            on the hub, or a folder.
        layers: Hidden layers whose means over all tokens are the features; 0 is the embedding of tokens.
        max_tokens: Longer texts are cut into parts of so many tokens, the marks of begin and end included.
        language: What the heads have learnt from; "" for an encoder that reads many languages.
        hidden: Width of the hidden layer.
        dropout: Share of the features, and of the hidden layer, that is dropped in training.
        dimension: Length of the unit vectors of the space.
        predictor: Width of the hidden layer of the predictor of valence and arousal.
    """

    encoder: str = "all-MiniLM-L6-v2"
    layers: tuple[int, ...] = (2, 4, 6)
    max_tokens: int = 256
    language: str = "English"
    hidden: int = 512
    dropout: float = 0.5
    dimension: int = 512
    predictor: int = 256

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary that :meth:`from_dict` reads."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TextConfig":
        """Read what :meth:`to_dict` wrote.

        Raises:
            ConfigError: A key is unknown: the file was made by another version.
        """
        return from_known_keys(cls, values)


class TextModel(nn.Module):
    """Features of a text to a unit vector of the space, and to valence and arousal.

    Args:
        config: Widths, and what the features are.
        features: Number of features.
    """

    def __init__(self, config: TextConfig, features: int) -> None:
        super().__init__()
        self.config = config
        self.head = nn.Sequential(
            nn.BatchNorm1d(features, affine=False),
            nn.Dropout(config.dropout),
            nn.Linear(features, config.hidden),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.dimension),
        )
        self.va = VAPredictor(config.dimension, config.predictor)

    def forward(self, features: Tensor) -> Tensor:
        """(N, features) of a sentence encoder to unit vectors (N, dimension)."""
        return functional.normalize(self.head(features).float(), dim=-1)
