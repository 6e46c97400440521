"""Calibration of predicted valence and arousal on groups that the predictor has not seen.

A predictor that is trained to explain little predicts too boldly, one that is regularised hard too timidly.
What repairs both is a line from predictions to labels; how far labels then still lie off is the uncertainty
that predictions are shown with.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from va_space.encoders.predictors import DEVIATIONS_OF_90_PERCENT, VAPredictor
from va_space.encoders.pretrained import CARD, load_model, save_model

Floats = NDArray[np.float64]

COVERAGE = 0.9
# How far true slopes are believed to lie from 1 before any data are seen (a standard deviation).
PRIOR = 0.5
# A prediction that says nothing keeps its order: a search or an optimiser can still follow it.
LOWEST_SLOPE = 0.1
NEUTRAL = 0.5


@dataclass(frozen=True)
class Calibration:
    """What makes predictions fit: labels ~ scale * prediction + shift, within deviation.

    Attributes:
        scale: (2,) factor of predicted valence and arousal.
        shift: (2,) added after that.
        deviation: (2,) such that the result +- 1.645 deviations covers 90% of labels.
    """

    scale: Floats
    shift: Floats
    deviation: Floats

    def __call__(self, predicted: ArrayLike) -> Floats:
        """Calibrated predictions, (n, 2), kept in [0, 1]."""
        return np.clip(np.asarray(predicted, np.float64) * self.scale + self.shift, 0, 1)


def fit_calibration(
    predicted: ArrayLike, labels: ArrayLike, groups: ArrayLike, *, keep_neutral: bool = False
) -> Calibration:
    """The line from out-of-group predictions to labels, and how far labels lie off it.

    The slope is that of least squares, shrunk to 1 as far as it is uncertain: with v its variance by the
    delete-one-group jackknife, and a prior of 1 +- :data:`PRIOR`, it is the posterior mean
    (slope / v + 1 / PRIOR^2) / (1 / v + 1 / PRIOR^2). Few or unlike groups therefore leave predictions as
    they are. The line goes through the means of predictions and labels, or
    through neutral.

    The deviation is split-conformal (Lei et al. 2018): the ceil(0.9 (n + 1))-th smallest absolute residual,
    over 1.645. Each residual is taken against the line of the *other* groups, so that fitting the line
    does not make its errors look small.

    Args:
        predicted: (n, 2) predictions for items whose groups the predictor was not trained on.
        labels: (n, 2) valence and arousal in [0, 1].
        groups: (n,) group of each item; at least three different ones.
        keep_neutral: Whether 0.5 stays 0.5, so that no prediction changes its quadrant: where quadrants of
            other music were learnt, an offset of this music's ratings would move their borders.

    Raises:
        ValueError: Shapes disagree, values are not finite, or there are fewer than three groups.
    """
    predicted, labels = np.asarray(predicted, np.float64), np.asarray(labels, np.float64)
    names, group_of = np.unique(np.asarray(groups), return_inverse=True)
    if not predicted.shape == labels.shape == (len(group_of), 2):
        raise ValueError(
            f"shapes {predicted.shape}, {labels.shape}, {group_of.shape}: need (n, 2) twice, (n,)"
        )
    if not np.isfinite(predicted).all() or not np.isfinite(labels).all():
        raise ValueError("predictions or labels are not finite")
    if len(names) < 3:
        raise ValueError(f"{len(names)} groups are too few to say how sure a slope is: at least 3 are needed")
    weights = np.ones((len(names) + 1, len(group_of)))  # first all items, then all but one group
    weights[1 + group_of, np.arange(len(group_of))] = 0
    fits = [_line(predicted[:, side], labels[:, side], weights, keep_neutral) for side in (0, 1)]
    scale, shift = (np.array([fit[part][0] for fit in fits]) for part in (0, 1))
    held_out = np.stack(
        [predicted[:, side] * fit[0][1:][group_of] + fit[1][1:][group_of] for side, fit in enumerate(fits)], 1
    )
    residuals = np.abs(labels - np.clip(held_out, 0, 1))
    rank = min(math.ceil(COVERAGE * (len(labels) + 1)), len(labels))
    return Calibration(scale, shift, np.sort(residuals, axis=0)[rank - 1] / DEVIATIONS_OF_90_PERCENT)


def fit_fusion_weights(evidence: Sequence[Tensor], similarity: Tensor) -> Tensor:
    """How much each piece of evidence says about the similarity of held-out pairs.

    Logistic regression (maximum likelihood, S as the share of successes) with a weak prior that keeps the
    weights finite; evidence that only repeats another's gets little weight.

    Args:
        evidence: (pairs,) each: S of predicted feelings, the cosine, the network's logit.
        similarity: (pairs,) S of the labels, in [0, 1].

    Returns:
        (1 + evidence,) offset and weights; see :class:`va_space.encoders.predictors.SimilarityPredictor`.
    """
    columns = torch.stack([torch.ones_like(evidence[0]), *evidence], dim=1).double()
    target, weights = similarity.double(), torch.zeros(columns.shape[1], dtype=torch.float64)
    prior = torch.full_like(weights, 1e-3)
    for _ in range(20):  # Newton's method: the likelihood is concave
        expected = torch.sigmoid(columns @ weights)
        gradient = columns.T @ (target - expected) - prior * weights
        curvature = (columns * (expected * (1 - expected))[:, None]).T @ columns + torch.diag(prior)
        weights = weights + torch.linalg.solve(curvature, gradient)
    return weights.float()


def calibrate_saved(
    folder: str | Path,
    *,
    picture: Calibration | None = None,
    music: Calibration | None = None,
    fusion_weights: Tensor | None = None,
) -> None:
    """Apply calibrations to a saved model, in place; its card stays, weights are stored as float32.

    The model's fingerprint changes with its weights.

    Args:
        folder: Folder that :meth:`va_space.VASpace.save_pretrained` or a training wrote.
        picture: Fitted on what the model predicts now for pictures; None leaves them alone.
        music: Likewise.
        fusion_weights: Of :func:`fit_fusion_weights`; None leaves the similarity as it is.

    Raises:
        CheckpointError: The folder is not a saved model.
    """
    folder = Path(folder)
    model, _ = load_model(folder)
    model.reference = None  # it is of what was predicted before
    for predictor, calibration in ((model.picture_va, picture), (model.music_va, music)):
        if calibration is not None:
            apply_calibration(predictor, calibration)
    if fusion_weights is not None:
        model.similarity.fusion_weights.copy_(fusion_weights)
    card = folder / CARD
    text = card.read_text(encoding="utf-8") if card.is_file() else None
    save_model(model, folder, card=text)


def apply_calibration(predictor: VAPredictor, calibration: Calibration) -> None:
    """Put a calibration, fitted on what the predictor predicts now, behind the predictor."""
    values = (calibration.scale, calibration.shift, calibration.deviation)
    predictor.calibrate(*(torch.as_tensor(value, dtype=torch.float32) for value in values))


def _line(x: Floats, y: Floats, weights: Floats, keep_neutral: bool) -> tuple[Floats, Floats]:
    """Shrunk slopes and intercepts of y on x, (w,) each, under (w, n) weights; the first has all items."""
    total = weights.sum(axis=1)
    mean_x, mean_y = weights @ x / total, weights @ y / total
    if keep_neutral:
        mean_x, mean_y = np.full_like(total, NEUTRAL), np.full_like(total, NEUTRAL)
    variance = weights @ (x * x) / total - 2 * mean_x * (weights @ x / total) + mean_x**2
    covariance = (
        weights @ (x * y) / total - mean_x * (weights @ y / total) - mean_y * (weights @ x / total) + mean_x * mean_y
    )
    # Predictions that are all alike have no slope; the prior's is as good as any.
    flat = variance < 1e-12
    slopes = np.where(flat, 1.0, covariance / np.where(flat, 1.0, variance))
    groups = len(slopes) - 1
    uncertain = (groups - 1) / groups * np.sum((slopes[1:] - slopes[1:].mean()) ** 2)
    slopes = np.maximum((slopes * PRIOR**2 + uncertain) / (PRIOR**2 + uncertain), LOWEST_SLOPE)
    return slopes, mean_y - slopes * mean_x
