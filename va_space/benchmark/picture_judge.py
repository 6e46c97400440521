"""A judge of edited pictures that no optimiser has seen: another network, fitted on other pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.transforms.v2.functional import normalize

from va_space.benchmark import metrics
from va_space.benchmark.context import points
from va_space.benchmark.metrics import Floats
from va_space.datasets.records import Record
from va_space.emotion.reference import Distribution
from va_space.errors import CheckpointError
from va_space.media.pictures import read_square, resize_pictures
from va_space.media.settings import IMAGENET_MEAN, IMAGENET_STD
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet
from va_space.networks.weights import read_weights

SIZE = 256
WEIGHTS = "mobilenet_v1_x025_imagenet.safetensors"
# Of the ridge, for 640 standardised features of 375 pictures.
_PENALTY = 1000.0


@dataclass(frozen=True)
class PictureJudge:
    """Valence and arousal of pictures by ridge regression on features of a MobileNet.

    Attributes:
        network: It learnt ImageNet and nothing else.
        predict: The regression: (n, features) to (n, 2).
        distribution: Of what it says of pictures that it was not fitted on.
        agreement: (2,) Pearson's r of valence and of arousal with the ratings of those.
    """

    network: MobileNet
    predict: Callable[[Floats], Floats]
    distribution: Distribution
    agreement: tuple[float, float]

    @classmethod
    def fit(cls, weights: Path, judged: Sequence[Record], held: Sequence[Record]) -> Self:
        """Fit a judge.

        Args:
            weights: Of the MobileNet, ``.safetensors``.
            judged: Pictures with points that it learns from.
            held: Others, on which it is measured.

        Raises:
            CheckpointError: The weights are missing or damaged.
        """
        from sklearn.linear_model import Ridge
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        network = _network(weights)
        features, labels = _features_of(network, judged), points(judged)
        ridge = make_pipeline(StandardScaler(), Ridge(_PENALTY)).fit(features, labels)
        said = ridge.predict(_features_of(network, held))
        rated = points(held)
        valence, arousal = (metrics.pearson(said[:, axis], rated[:, axis]) for axis in (0, 1))
        distribution = Distribution.of(said.clip(0, 1))
        return cls(network, ridge.predict, distribution, (float(valence), float(arousal)))

    def standing(self, pictures: Tensor) -> Floats:
        """(n, 3, h, w) in [0, 1] to (n, 2): percentiles of valence and arousal among photographs."""
        said = self.predict(_features(self.network, pictures))
        return self.distribution.percentile(said.clip(0, 1))


def _network(path: Path) -> MobileNet:
    try:
        state = read_weights(path)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: the weights of the judge cannot be read ({error})") from error
    network = MobileNet()
    network.load_weights({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)


def _features_of(network: MobileNet, records: Sequence[Record]) -> NDArray[np.float64]:
    return np.concatenate([_features(network, read_square(record.path, SIZE)[None]) for record in records])


@torch.inference_mode()
def _features(network: MobileNet, pictures: Tensor) -> NDArray[np.float64]:
    """(n, 3, h, w) to (n, features): the mean of a picture and its mirror image."""
    seen = resize_pictures(pictures, SIZE)
    standard = normalize(seen, list(IMAGENET_MEAN), list(IMAGENET_STD))
    return ((network(standard) + network(standard.flip(3))) / 2).double().numpy()
