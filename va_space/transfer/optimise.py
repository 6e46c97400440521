"""One optimiser for all generators: a batch of latents, each on its way to its own target.

A step is a damped Gauss-Newton step on L_S + λ L_O, of limited length: the shortest change of the latent that
moves valence and arousal alike towards the target. Descent along the gradient would move the one that is
easily moved and leave the other, or lose it. The way leads out from the start in small steps, the same for
all strengths; a strength says how much of it is walked. The result is the best place on it. A larger strength
adds places: its result is the same, or one that is farther and feels more as it should, on any network. The
start is one of the places.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from va_space.emotion.reference import Kind
from va_space.space import VASpace
from va_space.targets import Target
from va_space.transfer.generator import Generator
from va_space.transfer.objective import Feeling, View, random_view

FARTHEST = 1.0
"""How far strength 1 may go, in the generator's typical distances; strength 0.5 half as far."""
STEPS = 20
"""Steps of the way to strength 1."""
# λ: of two results that feel alike the nearer one is better.
IDENTITY_WEIGHT = 0.05
# Share of the mean squared slope that is added to the slopes: an axis with hardly any is not chased.
_DAMPING = 0.1


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
    """The places on the way of m latents that results are chosen from, all on the CPU.

    Attributes:
        latents: (s, m, *latent_shape), the first where it began.
        feeling: (s, m) L_S of the whole pictures.
        identity: (s, m) L_O: half the squared distance from the generator's origin.
        loss: (s, m) L_S + λ L_O.
        va: (s, m, 2) predicted valence and arousal.
    """

    latents: Tensor
    feeling: Tensor
    identity: Tensor
    loss: Tensor
    va: Tensor

    @property
    def best(self) -> Tensor:
        """(m,) number of the best place of each row.

        That is the one of least loss, but for places that are nearer to the origin than a good one before
        them: a longer way, of which this one is the beginning, never has a nearer result.
        """
        best = torch.zeros(self.loss.shape[1], dtype=torch.long)
        rows = torch.arange(len(best))
        for place in range(1, len(self.loss)):
            better = self.loss[place] < self.loss[best, rows]
            farther = self.identity[place] >= self.identity[best, rows]
            best = torch.where(better & farther, place, best)
        return best

    @property
    def final(self) -> Tensor:
        """(m, *latent_shape) the latents there."""
        return self.latents[self.best, torch.arange(self.latents.shape[1])]


def optimise(
    space: VASpace,
    generator: Generator,
    targets: Sequence[Target],
    *,
    strength: float = 0.5,
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
        targets: One for each row, on the plane of pictures: see
            :func:`va_space.transfer.standing.among_pictures`.
        strength: From 0, the start alone, to 1, all of the way. A smaller one is a shorter part of the same
            way, to the step.
        identity_weight: λ >= 0.
        steps: Of the whole way.
        seed: Of the views.
        start: (m, *latent_shape) where to begin, such as the result for a similar target; else the origin.
        kind: What the picture is; see :class:`va_space.transfer.objective.Feeling`.
        callback: Called at each step.

    Raises:
        ValueError: There is no target, or a number is out of range.
    """
    if not targets:
        raise ValueError("there must be a target")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength}: must lie between 0 and 1")
    if not 0 <= identity_weight < math.inf or steps < 1:
        raise ValueError("identity_weight must be a number, not negative, and there must be a step")
    origin, unit = generator.origin.to(space.device), generator.unit_of(space.device)
    beginning = (generator.origin if start is None else start).detach().to(space.device, torch.float32)
    latents = beginning.expand(len(targets), *generator.latent_shape).clone()
    with torch.no_grad():
        feeling = Feeling(space, generator.render(origin), targets, kind)
    rng = torch.Generator().manual_seed(seed)
    places = [latents]
    for number in range(round(strength * steps)):
        # Every other look is at the whole picture, and each of the encoder's own views has its turn.
        view = random_view(space.config.picture.size, rng) if number % 2 else None
        missing, slopes, va = _slopes(feeling, generator, latents, view, 1 + number // 2)
        if callback:
            callback(Step(number, latents.cpu(), va.cpu()))
        away = ((latents - origin) / unit).flatten(1)
        change = _shortest(missing, (slopes * unit).flatten(2), away, identity_weight)
        length = change.norm(dim=1, keepdim=True).clamp(min=1e-12)
        change = change * (FARTHEST / steps / length).clamp(max=1)
        latents = latents + change.view_as(latents) * unit
        places.append(latents)
    return _looked_at(feeling, generator, torch.stack(places), identity_weight)


def _slopes(
    feeling: Feeling, generator: Generator, latents: Tensor, view: View | None, look: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What is missing (m, 3), what latents take away of it (m, 3, *latent_shape), and (m, 2) VA."""
    with torch.enable_grad():
        moved = latents.detach().requires_grad_()
        missing, va = feeling.residuals(generator.render(moved), view, look)
        columns = missing.sum(dim=0)
        slopes = [torch.autograd.grad(column, moved, retain_graph=True)[0] for column in columns]
    return missing.detach(), -torch.stack(slopes, dim=1), va.detach()


def _shortest(missing: Tensor, slopes: Tensor, away: Tensor, weight: float) -> Tensor:
    """The change d that makes |missing - slopes d|² + weight |away + d|² + damping |d|² least.

    Args:
        missing: (m, k).
        slopes: (m, k, n).
        away: (m, n) from the origin.
        weight: λ.

    Returns:
        (m, n).
    """
    gram = slopes @ slopes.mT
    held = weight + _DAMPING * gram.diagonal(dim1=1, dim2=2)[:, :2].mean(dim=1).clamp(min=1e-12)
    aim = torch.einsum("mkn,mk->mn", slopes, missing) - weight * away
    kept = gram + held[:, None, None] * torch.eye(gram.shape[1], device=gram.device)
    within = torch.linalg.solve(kept, torch.einsum("mkn,mn->mk", slopes, aim)[..., None])[..., 0]
    return (aim - torch.einsum("mkn,mk->mn", slopes, within)) / held[:, None]


@torch.inference_mode()
def _looked_at(feeling: Feeling, generator: Generator, places: Tensor, weight: float) -> Trajectory:
    """Places (s, m, *latent_shape) with what decides: whole pictures, in the encoder's first view."""
    looked = [feeling.residuals(generator.render(latents), look=0) for latents in places]
    loss = torch.stack([missing.square().sum(dim=1) / 2 for missing, _ in looked])
    identity = torch.stack([generator.distance(latents).square() / 2 for latents in places])
    va = torch.stack([va for _, va in looked])
    return Trajectory(*(value.cpu() for value in (places, loss, identity, loss + weight * identity, va)))
