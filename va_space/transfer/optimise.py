"""One optimiser for all generators: a batch of latents, each on its way to its own target.

A step is a damped Gauss-Newton step on L_S + λ L_O, of limited length: the shortest change of the latent that
moves valence and arousal alike towards the target. Descent along the gradient would move the one that is
easily moved and leave the other, or lose it. So the way leads out from the start in small steps, whatever the
strength, and a strength says how far along it a result may lie. Of the places that are not farther, the one
with the least L_S + λ L_O is the result. A larger strength has more places to choose from: its result is as
far or farther and as near to the target or nearer, on any network. The start is one of the places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from va_space.emotion.reference import Kind
from va_space.space import VASpace
from va_space.targets import Target
from va_space.transfer.generator import Generator
from va_space.transfer.objective import Feeling, random_view

FARTHEST = 1.0
"""How far strength 1 may go, in the generator's typical distances; strength 0.5 half as far."""
STEPS = 12
# λ: of two results that feel alike the nearer one is better.
IDENTITY_WEIGHT = 0.05
# Share of the mean squared slope that is added to the slopes: an axis with hardly any is not chased.
_DAMPING = 0.1
# What is looked at once more, with all of the encoder's views, to choose from.
_EVERY = 2


@dataclass(frozen=True)
class Step:
    """One place on the way, for each row of the batch.

    Attributes:
        number: From 0.
        latents: (m, *latent_shape).
        va: (m, 2) predicted valence and arousal there, in the view of this step.
    """

    number: int
    latents: Tensor
    va: Tensor


@dataclass(frozen=True)
class Trajectory:
    """The places on the way of m latents that a result is chosen from, all on the CPU.

    Attributes:
        latents: (s, m, *latent_shape), the first where it began.
        feeling: (s, m) L_S of the whole pictures.
        distance: (s, m) from the generator's origin, in typical distances; L_O is half its square.
        loss: (s, m) L_S + λ L_O.
        va: (s, m, 2) predicted valence and arousal.
    """

    latents: Tensor
    feeling: Tensor
    distance: Tensor
    loss: Tensor
    va: Tensor

    def best(self, reach: float) -> Tensor:
        """(m,) the place of the least loss that is not farther from the origin than `reach`, for each row.

        The start is among the places, however far it is.
        """
        allowed = self.distance <= reach * FARTHEST + 1e-6
        allowed[0] = True
        return torch.where(allowed, self.loss, torch.inf).argmin(dim=0)

    def at(self, places: Tensor) -> Tensor:
        """(m,) places to (m, *latent_shape) latents."""
        return self.latents[places, torch.arange(self.latents.shape[1])]


def optimise(
    space: VASpace,
    generator: Generator,
    targets: Sequence[Target],
    *,
    reach: float = 1.0,
    identity_weight: float = IDENTITY_WEIGHT,
    steps: int = STEPS,
    seed: int = 0,
    start: Tensor | None = None,
    kind: Kind | None = None,
    callback: Callable[[Step], None] | None = None,
) -> Trajectory:
    """Look for latents whose pictures feel like their targets and are still themselves.

    Rows do not influence each other: a row of a batch is what it would be alone.

    Args:
        space: The model to optimise against.
        generator: The pictures there are.
        targets: One for each row, on the plane of pictures (:func:`va_space.transfer.standing.among_pictures`).
        reach: Largest strength that will be asked for, > 0 and at most 1: the way need not lead farther.
        identity_weight: λ >= 0.
        steps: On the way; each is at most reach / steps long.
        seed: Of the views.
        start: (m, *latent_shape) where to begin, such as the result for a similar target; else the origin.
        kind: What the picture is; see :class:`va_space.transfer.objective.Feeling`.
        callback: Called at each step.

    Raises:
        ValueError: There is no target, or a number is out of range.
    """
    if not targets:
        raise ValueError("there must be a target")
    if not 0 < reach <= 1 or not identity_weight >= 0 or steps < 0:
        raise ValueError("reach must lie in (0, 1], identity_weight and steps must not be negative")
    rows, longest = len(targets), reach * FARTHEST / max(steps, 1)
    origin, unit = generator.origin.to(space.device), generator.unit_of(space.device)
    beginning = generator.origin if start is None else start
    latents = beginning.detach().to(space.device, torch.float32).expand(rows, *generator.latent_shape).clone()
    with torch.no_grad():
        feeling = Feeling(space, generator.render(origin), targets, kind)
    rng = torch.Generator().manual_seed(seed)
    places = []
    for number in range(steps + 1):
        if number % _EVERY == 0 or number == steps:
            places.append(latents.clone())
        if number == steps:
            break
        # Every other look is at the whole picture, and each of the encoder's own views has its turn.
        view = random_view(space.config.picture.size, rng) if number % 2 else None
        missing, slopes, va = _slopes(feeling, generator, latents, view, 1 + number // 2)
        if callback:
            callback(Step(number, latents.cpu(), va.cpu()))
        away = ((latents - origin) / unit).flatten(1)
        change = _shortest(missing, (slopes * unit).flatten(2), away, identity_weight)
        length = change.norm(dim=1, keepdim=True).clamp(min=1e-12)
        change = change * (longest / length).clamp(max=1)
        latents = latents + change.view_as(latents) * unit
    return _looked_at(feeling, generator, torch.stack(places), identity_weight)


def _slopes(
    feeling: Feeling,
    generator: Generator,
    latents: Tensor,
    view: Callable[[Tensor], Tensor] | None,
    look: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """What is missing (m, 2), its slopes (m, 2, *latent_shape) with the sign turned, and the places (m, 2)."""
    with torch.enable_grad():
        moved = latents.detach().requires_grad_()
        missing, va = feeling.residuals(generator.render(moved), view, look)
        slopes = [
            torch.autograd.grad(missing[:, axis].sum(), moved, retain_graph=axis == 0)[0] for axis in (0, 1)
        ]
    return missing.detach(), -torch.stack(slopes, dim=1), va.detach()


def _shortest(missing: Tensor, slopes: Tensor, away: Tensor, weight: float) -> Tensor:
    """The change d that makes |missing - slopes d|² + weight |away + d|² + damping |d|² least.

    Args:
        missing: (m, 2).
        slopes: (m, 2, n).
        away: (m, n) from the origin.
        weight: λ.

    Returns:
        (m, n).
    """
    gram = slopes @ slopes.mT
    held = weight + _DAMPING * gram.diagonal(dim1=1, dim2=2).mean(dim=1).clamp(min=1e-12)
    aim = torch.einsum("mkn,mk->mn", slopes, missing) - weight * away
    kept = gram + held[:, None, None] * torch.eye(2, device=gram.device)
    within = torch.linalg.solve(kept, torch.einsum("mkn,mn->mk", slopes, aim)[..., None])[..., 0]
    return (aim - torch.einsum("mkn,mk->mn", slopes, within)) / held[:, None]


@torch.inference_mode()
def _looked_at(feeling: Feeling, generator: Generator, places: Tensor, weight: float) -> Trajectory:
    """Places (s, m, *latent_shape) with what is chosen by: the whole pictures, in all views of the encoder."""
    looked = [feeling.residuals(generator.render(latents)) for latents in places]
    loss = torch.stack([missing.square().sum(dim=1) / 2 for missing, _ in looked])
    va = torch.stack([va for _, va in looked])
    distance = torch.stack([generator.distance(latents) for latents in places])
    total = loss + weight * distance.square() / 2
    return Trajectory(*(value.cpu() for value in (places, loss, distance, total, va)))
