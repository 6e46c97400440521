"""What is explained: a number that the model reads off a vector."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from va_space.emotion.plane import similarity
from va_space.emotion.reference import PLURALS, Kind
from va_space.media.kinds import Modality
from va_space.space import Failure, VAScale, VASpace
from va_space.targets import PictureTarget, Source, Target, TextTarget, VectorTarget, read_targets

AXES = ("valence", "arousal")
# Beyond these percentiles nobody has seen how far a feeling goes.
_OUTERMOST = 0.01, 0.99


@dataclass(frozen=True, eq=False)
class Aim:
    """A number in [0, 1] that is explained.

    Attributes:
        name: "valence", "arousal", or the name of a target.
        what: The same for people, such as "predicted valence".
        of: From unit vectors (n, dimension) of the input's modality to (n,), differentiable.
        target: What was named; None for valence and arousal.
    """

    name: str
    what: str
    of: Callable[[Tensor], Tensor]
    target: Target | None = None


def read_aims(
    space: VASpace,
    sources: Sequence[Source],
    modality: Modality,
    kind: Kind,
    scale: VAScale = "relative",
) -> list[Aim | Failure]:
    """Make aims of what a user named.

    Args:
        space: The model.
        sources: "valence", "arousal", or what :func:`va_space.targets.read_targets` takes; a file of that
            name is ``./valence``.
        modality: Of the input that is explained.
        kind: What that input is.
        scale: "relative": valence and arousal are the shares of the input's kind that lie below, and targets
            as :func:`aim_at` says; "absolute": predictions.

    Returns:
        For each source its aim, or why it could not be read.

    Example:
        >>> from va_space import VASpace
        >>> aims = read_aims(VASpace.from_pretrained(), ["Valence", "calm"], "picture", "photograph")
        >>> [aim.what for aim in aims]
        ['valence among photographs', 'nearness to calm']
    """
    named = [_axis(source) for source in sources]
    rest = [source for source, axis in zip(sources, named, strict=True) if axis is None]
    targets = iter(read_targets(space, rest))
    aims: list[Aim | Failure] = []
    for index, axis in enumerate(named):
        if axis is not None:
            aims.append(_along(space, axis, modality, kind, scale))
            continue
        target = next(targets)
        if isinstance(target, Failure):
            aims.append(Failure(index, target.source, target.reason))
        else:
            aims.append(aim_at(space, target, modality, kind, scale))
    return aims


def aim_at(
    space: VASpace, target: Target, modality: Modality, kind: Kind, scale: VAScale = "relative"
) -> Aim:
    """How near to a target an input lies, as search compares the two.

    - A target of the input's own modality: the cosine of the vectors.
    - Any other, relative: exp(-distance / sigma) on the plane to where the input would lie if it stood among
      its kind where the target stands among its own.
    - Absolute: for a picture and music the predicted similarity, for a text the cosine, for a feeling
      exp(-distance / sigma) to the point as it is.

    Args:
        space: The model; without a reference everything is absolute.
        target: What was named.
        modality: Of the input.
        kind: What the input is.
        scale: "relative" or "absolute".
    """
    if isinstance(target, VectorTarget) and target.modality == modality:
        vector = torch.from_numpy(target.vector).to(space.device)
        return Aim(target.name, f"cosine with {target.name}", lambda vectors: vectors @ vector, target)
    if scale == "relative" and space.reference is not None:
        standing = target.standing(space).clip(*_OUTERMOST)
        return _near(space, target, modality, torch.from_numpy(space.distribution(kind).value(standing)))
    if isinstance(target, VectorTarget):
        return _alike(space, target)
    return _near(space, target, modality, torch.from_numpy(target.point))


def _axis(source: Source) -> int | None:
    text = source.strip().casefold() if type(source) is str else ""
    return AXES.index(text) if text in AXES else None


def _along(space: VASpace, axis: int, modality: Modality, kind: Kind, scale: VAScale) -> Aim:
    predictor, name = space.va_predictor(modality), AXES[axis]
    if scale == "absolute" or space.reference is None:
        return Aim(name, f"predicted {name}", lambda vectors: predictor(vectors)[:, axis])
    values, shares = (
        torch.from_numpy(each).float().to(space.device) for each in space.distribution(kind).curve(axis)
    )
    return Aim(
        name,
        f"{name} among {PLURALS[kind]}",
        lambda vectors: _interpolated(predictor(vectors)[:, axis], values, shares),
    )


def _interpolated(at: Tensor, values: Tensor, shares: Tensor) -> Tensor:
    """As numpy.interp, and differentiable: (n,) at rising values (m,), of shares (m,)."""
    above = torch.searchsorted(values, at.detach().contiguous()).clamp(1, len(values) - 1)
    low, high = values[above - 1], values[above]
    slope = (shares[above] - shares[above - 1]) / (high - low)
    return shares[above - 1] + slope * (at.clamp(values[0], values[-1]) - low)


def _near(space: VASpace, target: Target, modality: Modality, point: Tensor) -> Aim:
    place, predictor = point.float().to(space.device)[None], space.va_predictor(modality)
    return Aim(
        target.name,
        f"nearness to {target.name}",
        lambda vectors: similarity(predictor(vectors), place, space.config.sigma)[:, 0],
        target,
    )


def _alike(space: VASpace, target: VectorTarget) -> Aim:
    vector = torch.from_numpy(target.vector).to(space.device)[None]
    if isinstance(target, TextTarget):
        return Aim(target.name, f"cosine with {target.name}", lambda vectors: vectors @ vector[0], target)
    compare = space.model.expected_similarity

    def alike(vectors: Tensor) -> Tensor:
        pair = (vector, vectors) if isinstance(target, PictureTarget) else (vectors, vector)
        return compare(*pair).flatten()

    return Aim(target.name, f"predicted similarity to {target.name}", alike, target)
