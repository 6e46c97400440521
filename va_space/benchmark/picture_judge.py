"""A judge of edited pictures that no optimiser has seen: another network, fitted on other pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.benchmark import metrics
from va_space.benchmark.context import points
from va_space.benchmark.metrics import Floats
from va_space.datasets.records import Record
from va_space.emotion.reference import Distribution
from va_space.errors import CheckpointError
from va_space.media.pictures import load_picture, picture_to_tensor, resize_pictures
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet

SIZE = 256
WEIGHTS = "mobilenet_v1_x025_imagenet.safetensors"
# Of the ridge, for 640 standardised features of 375 pictures.
_PENALTY = 1000.0
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class PictureJudge:
    """Valence and arousal of pictures by ridge regression on features of a MobileNet.

    Attributes:
        network: It learnt ImageNet and nothing else.
        weights: (features, 2) for standardised features.
        mean: (features,) of the pictures it was fitted on.
        scale: (features,) their standard deviations.
        bias: (2,).
        distribution: Of what it says of pictures that it was not fitted on.
        agreement: (2,) Pearson's r of valence and of arousal with the ratings of those.
    """

    network: MobileNet
    weights: Floats
    mean: Floats
    scale: Floats
    bias: Floats
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
        network = _network(weights)
        features, labels = _features_of(network, judged), points(judged)
        mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
        standard, bias = (features - mean) / scale, labels.mean(axis=0)
        gram = standard.T @ standard + _PENALTY * np.eye(standard.shape[1])
        slope = np.linalg.solve(gram, standard.T @ (labels - bias))
        said = (_features_of(network, held) - mean) / scale @ slope + bias
        rated = points(held)
        valence, arousal = (metrics.pearson(said[:, axis], rated[:, axis]) for axis in (0, 1))
        distribution = Distribution.of(said.clip(0, 1))
        return cls(network, slope, mean, scale, bias, distribution, (float(valence), float(arousal)))

    def standing(self, pictures: Tensor) -> Floats:
        """(n, 3, h, w) in [0, 1] to (n, 2): percentiles of valence and arousal among photographs."""
        features = _features(self.network, pictures)
        said = (features - self.mean) / self.scale @ self.weights + self.bias
        return self.distribution.percentile(said.clip(0, 1))


def _network(path: Path) -> MobileNet:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: the weights of the judge cannot be read ({error})") from error
    network = MobileNet()
    network.load_weights({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)


def _features_of(network: MobileNet, records: Sequence[Record]) -> NDArray[np.float64]:
    rows = [
        _features(network, picture_to_tensor(load_picture(record.path), SIZE)[None].float() / 255)
        for record in records
    ]
    return np.concatenate(rows)


@torch.inference_mode()
def _features(network: MobileNet, pictures: Tensor) -> NDArray[np.float64]:
    """(n, 3, h, w) to (n, features): the mean of a picture and its mirror image."""
    seen = resize_pictures(pictures, SIZE)
    standard = (seen - seen.new_tensor(_MEAN).view(3, 1, 1)) / seen.new_tensor(_STD).view(3, 1, 1)
    return ((network(standard) + network(standard.flip(3))) / 2).double().numpy()
