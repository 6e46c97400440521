"""Heads that tell genres from features: a small network by binary cross-entropy, and logistic regression."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from va_space.benchmark.genre_inputs import Recording

Input = Literal["random section", "intro and drop", "whole"]
INPUTS: tuple[Input, ...] = get_args(Input)

HIDDEN, DROPOUT = 128, 0.5
EPOCHS, BATCH = 30, 64
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-2
INVERSE_RIDGE = 0.01
"""scikit-learn's C of the logistic regressions."""

Floats = NDArray[np.float32]


def inputs_of(recordings: Sequence[Recording], which: Input, rng: np.random.Generator) -> Floats:
    """(n, d) features: of a random section, of the first and the most energetic one, or of the whole."""
    if which == "whole":
        return np.stack([each.whole for each in recordings])
    if which == "intro and drop":
        return np.stack(
            [np.concatenate([each.sections[each.first], each.sections[each.loudest]]) for each in recordings]
        )
    return np.stack([each.sections[rng.integers(len(each.sections))] for each in recordings])


def neural_scores(
    known: Sequence[Recording],
    labels: NDArray[np.bool_],
    asked: Sequence[Recording],
    which: Input,
    seed: int,
) -> Floats:
    """(asked, genres) probabilities by a network with one hidden layer.

    With random sections, another one is drawn in each epoch; what is asked for is the mean over all of them.

    Args:
        known: To learn from.
        labels: (known, genres).
        asked: Whose genres are wanted.
        which: The input.
        seed: Of weights, order and sections.
    """
    rng = np.random.default_rng(seed)
    scale = _scale(inputs_of(known, which, rng))
    targets = torch.from_numpy(labels.astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _network(len(scale[0]), labels.shape[1])
        optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        network.train()
        for _ in range(EPOCHS):
            inputs = _scaled(inputs_of(known, which, rng), scale)
            for rows in torch.from_numpy(rng.permutation(len(known))).split(BATCH):
                if len(rows) < 2:
                    continue
                optimiser.zero_grad()
                loss = functional.binary_cross_entropy_with_logits(network(inputs[rows]), targets[rows])
                loss.backward()
                optimiser.step()
    network.eval()
    with torch.inference_mode():
        if which == "random section":
            means = [torch.sigmoid(network(_scaled(each.sections, scale))).mean(dim=0) for each in asked]
            return torch.stack(means).numpy()
        return torch.sigmoid(network(_scaled(inputs_of(asked, which, rng), scale))).numpy()


def linear_scores(known: Floats, labels: NDArray[np.bool_], asked: Floats) -> Floats:
    """(asked, genres) probabilities by a logistic regression for each genre.

    Args:
        known: (k, d) features to learn from.
        labels: (k, genres).
        asked: (n, d).
    """
    from sklearn.linear_model import LogisticRegression

    scale = _scale(known)
    inputs, others = _scaled(known, scale).numpy(), _scaled(asked, scale).numpy()
    columns = []
    for genre in labels.T:
        if genre.all() or not genre.any():
            columns.append(np.full(len(asked), float(genre.any())))
            continue
        model = LogisticRegression(C=INVERSE_RIDGE, max_iter=1000).fit(inputs, genre)
        columns.append(model.predict_proba(others)[:, 1])
    return np.stack(columns, axis=1).astype(np.float32)


def out_of_fold(
    folds: NDArray[np.int64], genres: int, fit: Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]
) -> Floats:
    """(n, genres) scores of recordings, each by what was fitted without its fold.

    Args:
        folds: (n,) number of each recording's fold.
        genres: How many.
        fit: From rows to learn from and rows that are asked for to scores of these.
    """
    scores = np.zeros((len(folds), genres), np.float32)
    for fold in np.unique(folds):
        held = folds == fold
        scores[held] = fit(np.flatnonzero(~held), np.flatnonzero(held))
    return scores


def _network(features: int, genres: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Dropout(DROPOUT / 2),
        nn.Linear(features, HIDDEN),
        nn.BatchNorm1d(HIDDEN),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(HIDDEN, genres),
    )


def _scale(values: Floats) -> tuple[Floats, Floats]:
    return values.mean(axis=0), np.maximum(values.std(axis=0), 1e-4)


def _scaled(values: Floats, scale: tuple[Floats, Floats]) -> Tensor:
    return torch.from_numpy(((values - scale[0]) / scale[1]).astype(np.float32))
