"""The losses that shape the space (Kaniwa et al.; Zhao et al. 2020), as plain functions.

Row i of ``pictures`` and row i of ``music`` are a pair. Features are (n, d), of unit norm in training;
nothing here normalises them. Labels are (n, 2) valence and arousal in [0, 1]. D is the *squared* Euclidean
distance, d the plain one, and ``floor`` bounds every D from below before its logarithm: identical labels are
common, so the losses depend on its value and it is part of their definition.

Every function computes in float32 at least (also under autocast), has finite values and gradients for
identical labels and identical features, and returns the mean, or with ``reduction="none"`` one value per row.
The module forms are in :mod:`va_space.training.space.terms`.
"""

from typing import Literal

import torch
from torch import Tensor

from va_space.emotion.plane import distance, quadrant_bounds, similarity

Sign = Literal["inverse", "printed"]
Weighting = Literal["similarity", "none"]
Reduction = Literal["mean", "none"]

FLOOR = 1e-4


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """Squared Euclidean distance of every pair of rows.

    Args:
        a: (n, d) vectors.
        b: (m, d) vectors.

    Returns:
        (n, m), in the inputs' type but at least float32; rounding may leave a zero as -1e-16.
    """
    a, b = _at_least_float32(a), _at_least_float32(b)
    # Close unit vectors cancel in |a|^2 + |b|^2 - 2ab: float32 would lose digits of the logarithm near the
    # floor. Double precision keeps them at the speed of a matrix product; MPS has none.
    wide = torch.float32 if a.device.type == "mps" else torch.float64
    x, y = a.to(wide), b.to(wide)
    squared = x.square().sum(1)[:, None] + y.square().sum(1) - 2 * x @ y.T
    return squared.to(torch.promote_types(a.dtype, b.dtype))


def cross_modal_feature_ratio(
    pictures: Tensor,
    music: Tensor,
    va_pictures: Tensor,
    va_music: Tensor,
    sigma: float,
    sign: Sign = "inverse",
    floor: float = FLOOR,
    *,
    sampled: int | None = None,
    rng: torch.Generator | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """CFR: ratios of distances between a picture and music follow the ratios of their similarities.

    The mean over i and j != i of (log D(I_i, M_i) - log D(I_i, M_j) - target)^2, plus the same for music
    anchors, where the inverse target is log S_ij - log S_ii = (d_ii - d_ij) / sigma. Kaniwa et al. (eq. 1)
    print the opposite, by which larger similarity means larger distance; ``sign="printed"`` reproduces it.

    Args:
        pictures: (n, d) features, n >= 2.
        music: (n, d) features.
        va_pictures: (n, 2) labels in [0, 1].
        va_music: (n, 2) labels in [0, 1].
        sigma: Scale of S, > 0.
        sign: "inverse", or "printed" for the paper's equation.
        floor: Lower bound of D before the logarithm, > 0.
        sampled: None for every j, or how many j to draw for each anchor, as the paper does; with replacement,
            so the expectation is the same.
        rng: Source of those draws.
        reduction: "mean", or "none" for the value of each pair, its two anchors added.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: Fewer than two rows, rows that do not fit together, or an option out of its range.

    Example:
        >>> va = torch.tensor([[0.1, 0.2], [0.9, 0.8], [0.5, 0.4]])
        >>> float(cross_modal_feature_ratio(torch.eye(3), torch.eye(3), va, va, sigma=0.4)) > 0
        True
    """
    _check_rows(2, pictures=pictures, music=music, va_pictures=va_pictures, va_music=va_music)
    if sign not in ("inverse", "printed"):
        raise ValueError(f'sign is {sign!r}; it must be "inverse" or "printed"')
    log_similarity = -distance(va_pictures, va_music).to(_result_type(pictures)) / _positive("sigma", sigma)
    # Distance and similarity fall and rise together exactly when their logarithms' sum is constant over j.
    direction = 1 if sign == "inverse" else -1
    mismatch = _log_distances(pictures, music, floor) + direction * log_similarity
    per_pair = torch.zeros(len(pictures), dtype=mismatch.dtype, device=mismatch.device)
    for anchored in (mismatch, mismatch.T):
        others = _draw(_off_diagonal(anchored), sampled, rng)
        per_pair = per_pair + (anchored.diagonal()[:, None] - others).square().mean(1)
    return _reduce(per_pair, reduction)


def cross_modal_feature_matching(
    pictures: Tensor,
    music: Tensor,
    va_pictures: Tensor,
    va_music: Tensor,
    sigma: float,
    margin: float = 0.5,
    weighting: Weighting = "similarity",
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """CFM: the two sides of a pair come within ``margin``; the mean of w max(0, ||f_I - f_M|| - margin).

    Args:
        pictures: (n, d) features, n >= 1.
        music: (n, d) features.
        va_pictures: (n, 2) labels in [0, 1].
        va_music: (n, 2) labels in [0, 1].
        sigma: Scale of S, > 0.
        margin: Distance that is near enough, >= 0; below 2 to have any effect on the unit sphere.
        weighting: "similarity" weighs each pair by its S (w = S), so that pairs that feel nothing alike need
            not meet; "none" draws every pair together (w = 1), as in the paper.
        reduction: "mean", or "none" for the value of each pair.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: No rows, rows that do not fit together, or an option out of its range.

    Example:
        >>> va = torch.tensor([[0.1, 0.2], [0.9, 0.8]])
        >>> cross_modal_feature_matching(torch.eye(2), torch.eye(2), va, va, sigma=0.4)
        tensor(0.)
    """
    _check_rows(1, pictures=pictures, music=music, va_pictures=va_pictures, va_music=va_music)
    if weighting not in ("similarity", "none"):
        raise ValueError(f'weighting is {weighting!r}; it must be "similarity" or "none"')
    if not margin >= 0:
        raise ValueError(f"margin is {margin}; it must not be negative")
    apart = torch.linalg.vector_norm(_at_least_float32(pictures) - _at_least_float32(music), dim=1)
    hinge = (apart - margin).clamp_min(0)
    if weighting == "similarity":
        d = torch.linalg.vector_norm(va_pictures - va_music, dim=1)
        hinge = hinge * torch.exp(-d / _positive("sigma", sigma)).to(hinge.dtype)
    return _reduce(hinge, reduction)


def single_modal_feature_ratio(
    features: Tensor,
    va: Tensor,
    floor: float = FLOOR,
    *,
    sampled: int | None = None,
    rng: torch.Generator | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """SFR: within one modality, ratios of feature distances equal ratios of label distances.

    The mean over i and all ordered (j, k), j != i and k != i, of (a_ij - a_ik)^2 with
    a_ij = log D(f_i, f_j) - log D(y_i, y_j). The mean squared difference of two independent draws is twice
    the variance, so that is the mean over i of 2 Var_j(a_ij): every triplet in O(n^2).

    Args:
        features: (n, d), n >= 2; with n = 2 there is nothing to compare and the loss is 0.
        va: (n, 2) labels in [0, 1].
        floor: Lower bound of D, of features and of labels, before the logarithm, > 0.
        sampled: None for every (j, k), or how many to draw for each anchor, as the paper does; with
            replacement, so the expectation is the same.
        rng: Source of those draws.
        reduction: "mean", or "none" for the value of each anchor i.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: Fewer than two rows, rows that do not fit together, or an option out of its range.

    Example:
        >>> va = torch.tensor([[0.1, 0.2], [0.9, 0.8], [0.5, 0.4]])
        >>> round(float(single_modal_feature_ratio(va, va)), 6)
        0.0
    """
    _check_rows(2, features=features, va=va)
    mismatch = _log_distances(features, features, floor) - _log_distances(va, va, floor)
    a = _off_diagonal(mismatch.to(_result_type(features)))
    if sampled is None:
        return _reduce(2 * a.var(dim=1, correction=0), reduction)
    j, k = _draw(a, sampled, rng), _draw(a, sampled, rng)
    return _reduce((j - k).square().mean(1), reduction)


def similarity_loss(
    predicted: Tensor,
    va_pictures: Tensor,
    va_music: Tensor,
    sigma: float,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """Mean squared error of the predicted similarity of every picture with every track.

    Args:
        predicted: (n, m) in [0, 1].
        va_pictures: (n, 2) labels in [0, 1].
        va_music: (m, 2) labels in [0, 1].
        sigma: Scale of S, > 0.
        reduction: "mean", or "none" for the mean of each picture.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: Shapes that do not fit together, or sigma not above 0.

    Example:
        >>> va = torch.tensor([[0.1, 0.2], [0.9, 0.8]])
        >>> similarity_loss(torch.eye(2), va, va, sigma=0.1) < 1e-6
        tensor(True)
    """
    if predicted.shape != (len(va_pictures), len(va_music)) or not predicted.numel():
        raise ValueError(
            f"predicted similarity is {tuple(predicted.shape)}, "
            f"for {len(va_pictures)} pictures and {len(va_music)} tracks"
        )
    target = similarity(va_pictures, va_music, _positive("sigma", sigma))
    error = _at_least_float32(predicted) - target.to(_result_type(predicted))
    return _reduce(error.square().mean(1), reduction)


def valence_arousal_loss(predicted: Tensor, va: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Mean squared error of predicted valence and arousal.

    Args:
        predicted: (n, 2) in [0, 1], n >= 1.
        va: (n, 2) labels in [0, 1].
        reduction: "mean", or "none" for the mean of each row.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: Shapes that do not fit together.

    Example:
        >>> valence_arousal_loss(torch.tensor([[0.5, 0.5]]), torch.tensor([[0.6, 0.5]]))
        tensor(0.0050)
    """
    _check_points(predicted)
    _check_rows(1, predicted=predicted, va=va)
    error = _at_least_float32(predicted) - va.to(_result_type(predicted))
    return _reduce(error.square().mean(1), reduction)


def view_consistency(features: Tensor, again: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Half the squared distance between two views of the same item: on unit vectors, 1 - cosine.

    Args:
        features: (n, d), n >= 1.
        again: (n, d) of other views of the same items.
        reduction: "mean", or "none" for the value of each row.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: Shapes that do not fit together.
    """
    if features.shape != again.shape:
        raise ValueError(f"views have shapes {tuple(features.shape)} and {tuple(again.shape)}")
    _check_rows(1, features=features, again=again)
    difference = _at_least_float32(features) - _at_least_float32(again)
    return _reduce(0.5 * difference.square().sum(1), reduction)


def quadrant_loss(
    predicted: Tensor, quadrants: Tensor, margin: float = 0.0, *, reduction: Reduction = "mean"
) -> Tensor:
    """Interval hinge for labels that only name a quadrant, such as EMOPIA's.

    The squared distance of each coordinate to the interval that the quadrant stands for, zero inside; as a
    mean over both, so that it compares with :func:`valence_arousal_loss`.

    Args:
        predicted: (n, 2) valence and arousal in [0, 1], n >= 1.
        quadrants: (n,) integers 1-4 (see :func:`va_space.emotion.plane.quadrant`).
        margin: How far beyond neutral a prediction has to be, in [0, 0.5].
        reduction: "mean", or "none" for the mean of each row.

    Returns:
        Scalar, or (n,).

    Raises:
        ValueError: Shapes that do not fit together, a number that is not 1-4, or margin out of its range.

    Example:
        >>> quadrant_loss(torch.tensor([[0.8, 0.9], [0.8, 0.9]]), torch.tensor([1, 3]), reduction="none")
        tensor([0.0000, 0.1250])
    """
    _check_points(predicted)
    _check_rows(1, predicted=predicted, quadrants=quadrants)
    if not 0 <= margin <= 0.5:
        raise ValueError(f"margin is {margin}; it must lie in [0, 0.5]")
    if ((quadrants < 1) | (quadrants > 4)).any():
        raise ValueError(f"quadrants must be 1, 2, 3 or 4, not {sorted(set(quadrants.tolist()))}")
    predicted = _at_least_float32(predicted)
    bounds = torch.tensor([quadrant_bounds(q) for q in range(1, 5)]).to(predicted)[
        quadrants.long() - 1
    ]  # (n, 2, 2)
    # Only the border at neutral moves: nothing is beyond 0 and 1.
    low = torch.where(bounds[..., 0] > 0, bounds[..., 0] + margin, bounds[..., 0])
    high = torch.where(bounds[..., 1] < 1, bounds[..., 1] - margin, bounds[..., 1])
    outside = (low - predicted).clamp_min(0) + (predicted - high).clamp_min(0)
    return _reduce(outside.square().mean(1), reduction)


def vote_order_loss(scores: Tensor, votes: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Pairwise logistic loss: of two tracks, the one that more listeners chose a feeling for scores higher.

    The mean over all pairs and feelings of |v_i - v_j| log(1 + exp(s_j - s_i)) for v_i > v_j, divided by
    the mean of |v_i - v_j| (RankNet, Burges et al. 2005, weighted by the difference). Only the order of votes
    counts: they are no ratings.

    Args:
        scores: (n, feelings), n >= 2.
        votes: (n, feelings) shares of listeners in [0, 1].
        reduction: "mean", or "none" for the value of each feeling.

    Returns:
        Scalar, or (feelings,).

    Raises:
        ValueError: Shapes that do not fit together, or fewer than two rows.
    """
    if scores.shape != votes.shape:
        raise ValueError(f"scores {tuple(scores.shape)} and votes {tuple(votes.shape)} differ in shape")
    _check_rows(2, scores=scores, votes=votes)
    scores = _at_least_float32(scores)
    more = (votes[:, None] - votes[None]).clamp_min(0).to(scores)  # (n, n, feelings)
    wrong = torch.nn.functional.softplus(scores[None] - scores[:, None])
    return _reduce((more * wrong).sum(dim=(0, 1)) / more.sum(dim=(0, 1)).clamp_min(1e-6), reduction)


def _at_least_float32(tensor: Tensor) -> Tensor:
    return tensor.to(_result_type(tensor))


def _result_type(tensor: Tensor) -> torch.dtype:
    return torch.promote_types(tensor.dtype, torch.float32)


def _log_distances(a: Tensor, b: Tensor, floor: float) -> Tensor:
    return squared_distances(a, b).clamp_min(_positive("floor", floor)).log()


def _off_diagonal(square: Tensor) -> Tensor:
    """(n, n) -> (n, n - 1): each row without its own column."""
    n = len(square)
    return square.reshape(-1)[1:].reshape(n - 1, n + 1)[:, :-1].reshape(n, n - 1)


def _draw(others: Tensor, sampled: int | None, rng: torch.Generator | None) -> Tensor:
    """(n, m) -> (n, sampled): columns drawn for each row; all of them for None."""
    if sampled is None:
        return others
    if sampled < 1:
        raise ValueError(f"sampled is {sampled}; it must be at least 1, or None for all")
    device = rng.device if rng else others.device
    columns = torch.randint(others.shape[1], (len(others), sampled), generator=rng, device=device)
    return others.gather(1, columns.to(others.device))


def _reduce(per_row: Tensor, reduction: Reduction) -> Tensor:
    if reduction not in ("mean", "none"):
        raise ValueError(f'reduction is {reduction!r}; it must be "mean" or "none"')
    return per_row.mean() if reduction == "mean" else per_row


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise ValueError(f"{name} is {value}; it must be above 0")
    return value


def _check_rows(least: int, **tensors: Tensor) -> None:
    rows = {name: len(tensor) for name, tensor in tensors.items()}
    if len(set(rows.values())) > 1:
        raise ValueError(f"the numbers of rows differ: {rows}")
    if min(rows.values()) < least:
        raise ValueError(f"this loss needs at least {least} rows, got {rows}")


def _check_points(predicted: Tensor) -> None:
    if predicted.ndim != 2 or predicted.shape[1] != 2:
        raise ValueError(f"valence and arousal are (n, 2), not {tuple(predicted.shape)}")
