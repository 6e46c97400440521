"""A model whose picture side learns anew from some pictures alone, so that others can judge it."""

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from va_space.benchmark import metrics
from va_space.benchmark.context import points
from va_space.datasets.records import Record
from va_space.emotion.reference import Distribution, Reference
from va_space.encoders.model import SpaceModel
from va_space.media.pictures import read_square
from va_space.space import VASpace

# Full-batch steps: more fit the pictures better and others worse.
STEPS, LEARNING_RATE, DECAY = 150, 1e-3, 0.01


def learn_pictures_anew(
    space: VASpace, learnt: Sequence[Record], held: Sequence[Record], paintings: Sequence[Path], seed: int = 0
) -> tuple[VASpace, tuple[float, float]]:
    """The model with a picture side that has seen the ratings of these pictures only.

    The picture backbone, which has seen no ratings, and the music side stay. What pictures stand among is
    measured anew; music stands where it stood.

    Args:
        space: The model; left as it is.
        learnt: Pictures with points.
        held: Others, that the new side is measured on, and that photographs stand among.
        paintings: What paintings stand among.
        seed: Of the first weights and of dropout.

    Returns:
        The new model, and Pearson's r of its valence and arousal on the others.
    """
    model = copy.deepcopy(space.model)
    features, labels = _features(space, [record.path for record in learnt]), points(learnt)
    _train(model, features, torch.as_tensor(labels, dtype=torch.float32, device=space.device), seed)
    model.requires_grad_(False)
    said = [_read(model, _features(space, paths)) for paths in ([record.path for record in held], paintings)]
    reference = space.require_reference()
    distributions = dict(reference.distributions)
    distributions |= {
        kind: Distribution.of(values) for kind, values in zip(("photograph", "painting"), said, strict=True)
    }
    model.reference = Reference(distributions, reference.detectors)
    rated = points(held)
    valence, arousal = (float(metrics.pearson(said[0][:, axis], rated[:, axis])) for axis in (0, 1))
    fingerprint = f"{space.fingerprint}, pictures anew"
    anew = VASpace(model, fingerprint=fingerprint, device=space.device, precision=space.precision)
    return anew, (valence, arousal)


@torch.inference_mode()
def _features(space: VASpace, paths: Sequence[Path]) -> Tensor:
    """(n, features) of the picture backbone, over all views."""
    side, rows = space.config.picture.size, []
    for path in paths:
        picture = read_square(path, side)[None]
        rows.append(space.embed_pictures(picture, return_features=True)[1].float())
    return torch.cat(rows).clone()


def _train(model: SpaceModel, features: Tensor, labels: Tensor, seed: int) -> None:
    """Fit the picture head and the predictor, from random weights, by squared error."""
    head, predictor = model.picture_encoder.head, model.picture_va
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        for module in (*head.modules(), *predictor.modules()):
            if isinstance(module, nn.Linear | nn.BatchNorm1d):
                module.reset_parameters()
        predictor.scale.fill_(1)
        predictor.shift.zero_()
        parameters = [*head.parameters(), *predictor.parameters()]
        for parameter in parameters:
            parameter.requires_grad_()
        adam = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=DECAY)
        head.train()
        for _ in range(STEPS):
            error = (predictor(model.picture_encoder.embed(features)) - labels).square().mean()
            adam.zero_grad()
            error.backward()
            adam.step()
        adam.zero_grad()
        head.eval()


@torch.inference_mode()
def _read(model: SpaceModel, features: Tensor) -> np.ndarray:
    return model.picture_va(model.picture_encoder.embed(features)).double().cpu().numpy()
