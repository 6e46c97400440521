"""One optimiser for all generators: a batch of latents, each on its way to its own target."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from va_space.media.pictures import resize_pictures
from va_space.space import VASpace
from va_space.targets import Target
from va_space.transfer.generator import Generator
from va_space.transfer.objective import EmotionLoss, views

# Chosen by eye: the change is plain, and the picture is still itself.
_HALF_STRENGTH = 0.5
# Where a picture already feels as it should there is no slope, and yet nothing to be gained by moving.
_LEAST_WEIGHT = 0.01
_FAR = 1e4
# Below this gain of the smoothed loss a step does not count as progress.
_PROGRESS = 2e-4


@dataclass(frozen=True)
class Step:
    """One look at the batch, before it is moved.

    Attributes:
        number: From 0.
        latents: (m, *latent_shape).
        feeling: (m,) L_S, the mean over views.
        identity: (m,) L_O.
        loss: (m,) L_S + λ L_O; infinite with λ unless L_O is 0.
        va: (m, 2) predicted valence and arousal of the whole pictures, at the encoder's first look.
    """

    number: int
    latents: Tensor
    feeling: Tensor
    identity: Tensor
    loss: Tensor
    va: Tensor


@dataclass(frozen=True)
class Trajectory:
    """The way of a batch of m latents through s steps, all on the CPU.

    Attributes:
        latents: (s, m, *latent_shape).
        feeling: (s, m) L_S.
        identity: (s, m) L_O.
        loss: (s, m) L_S + λ L_O.
        va: (s, m, 2) predicted valence and arousal, at the encoder's first look.
    """

    latents: Tensor
    feeling: Tensor
    identity: Tensor
    loss: Tensor
    va: Tensor

    @property
    def final(self) -> Tensor:
        """(m, *latent_shape) where it ended."""
        return self.latents[-1]


def identity_weights(
    space: VASpace, generator: Generator, targets: Sequence[Target], strength: float
) -> list[float]:
    """λ for each target at a strength: falling from infinity at 0, no change, to 0 at 1, any change.

    It is measured by what there is to gain: at strength 0.5, λ is half the slope of L_S at the
    origin, in units of the generator's typical distance. So a strength means about as large a change for any
    model, picture and target.

    Args:
        space: The model to optimise against.
        generator: Made for the picture.
        targets: What to feel like.
        strength: In [0, 1].

    Raises:
        ValueError: The strength is outside [0, 1].
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength}: must lie between 0 and 1")
    if strength == 0:
        return [math.inf] * len(targets)
    with torch.enable_grad():
        latents = generator.origin.detach().repeat(len(targets), *[1] * len(generator.latent_shape))
        latents.requires_grad_()
        whole = resize_pictures(generator.render(latents), space.config.picture.size)
        (slope,) = torch.autograd.grad(EmotionLoss(space, targets)(whole)[0].sum(), latents)
    steepness = slope.flatten(1).norm(dim=1).clamp(min=1e-12)
    with torch.inference_mode():
        # Far from the origin L_O is linear: this is how many latent units make its unit.
        ahead = slope / steepness.view(-1, *[1] * (slope.ndim - 1))
        typical = _FAR / generator.distance(generator.origin + _FAR * ahead)
    balance = (_HALF_STRENGTH * steepness * typical).clamp(min=_LEAST_WEIGHT)
    return (balance * (1 - strength) / strength).tolist()


def optimise(
    space: VASpace,
    generator: Generator,
    targets: Sequence[Target],
    *,
    identity_weight: float | Sequence[float],
    steps: int = 60,
    learning_rate: float = 0.05,
    view_count: int = 2,
    seed: int = 0,
    patience: int = 20,
    start: Tensor | None = None,
    callback: Callable[[Step], None] | None = None,
) -> Trajectory:
    """Find latents whose pictures feel like their targets and are still themselves.

    Adam with a cosine schedule on L_S + λ L_O, all targets at once. Rows do not influence each other: a row
    of a batch is what it would be alone.

    Args:
        space: The model to optimise against.
        generator: The pictures there are.
        targets: One for each row; or one for all weights.
        identity_weight: λ >= 0, infinite for no change; one for all targets, or one for each row.
        steps: At most this many.
        learning_rate: Of Adam, at the start; in units of the latent.
        view_count: Views of each picture a step.
        seed: Of the views.
        patience: Steps without progress of any row after which to stop.
        start: (m, *latent_shape) where to begin, such as the result for a similar target; else the origin.
        callback: Called at each step.

    Raises:
        ValueError: Targets and weights differ in number, or a value is out of range.
    """
    weights = [identity_weight] if isinstance(identity_weight, int | float) else list(identity_weight)
    rows = max(len(targets), len(weights))
    if not targets or not weights or {len(targets), len(weights)} - {1, rows}:
        raise ValueError(f"{len(targets)} targets and {len(weights)} weights: one of one kind, or as many")
    if any(not weight >= 0 for weight in weights) or steps < 0 or view_count < 1:
        raise ValueError("weights and steps must not be negative, and there must be a view")
    weight = torch.tensor(weights, device=space.device).expand(rows)
    feeling = EmotionLoss(space, list(targets) * (rows // len(targets)))
    rng = torch.Generator().manual_seed(seed)
    beginning = generator.origin if start is None else start
    latents = beginning.detach().to(space.device, torch.float32).expand(rows, *generator.latent_shape).clone()
    adam = torch.optim.Adam([latents], lr=learning_rate)
    # Divided by 1 + λ, which Adam does not notice, so that λ may be infinite.
    share = 1 / (1 + weight)

    history: list[Step] = []
    progress = _Progress(patience)
    with torch.enable_grad():
        for number in range(steps + 1):
            latents.requires_grad_()
            rendered = generator.render(latents)
            looks = [
                feeling(view, look)
                for look, view in enumerate(views(rendered, space.config.picture.size, view_count, rng))
            ]
            apart = torch.stack([loss for loss, _ in looks]).mean(dim=0)
            identity = generator.distance(latents)
            balanced = share * apart + (1 - share) * identity
            loss = apart + torch.where(identity > 0, weight * identity, 0)
            history.append(_step(number, latents, apart, identity, loss, looks[0][1]))
            if callback:
                callback(history[-1])
            if number == steps or progress.ended(balanced):
                break
            (latents.grad,) = torch.autograd.grad(balanced.sum(), latents)
            latents.requires_grad_(False)
            for group in adam.param_groups:
                group["lr"] = learning_rate * (1 + math.cos(math.pi * number / steps)) / 2
            adam.step()
    return _trajectory(history)


class _Progress:
    """Whether the smoothed loss of any row still falls."""

    def __init__(self, patience: int) -> None:
        self.patience, self.waited = patience, 0
        self.smooth = self.best = torch.empty(0)

    def ended(self, loss: Tensor) -> bool:
        loss = loss.detach()
        if not len(self.smooth):
            self.smooth = self.best = loss
            return False
        self.smooth = 0.8 * self.smooth + 0.2 * loss
        fell = bool((self.smooth < self.best - _PROGRESS).any())
        self.best = torch.minimum(self.best, self.smooth)
        self.waited = 0 if fell else self.waited + 1
        return self.waited >= self.patience


def _step(number: int, *values: Tensor) -> Step:
    latents, feeling, identity, loss, va = (value.detach().cpu().clone() for value in values)
    return Step(number, latents, feeling, identity, loss, va)


def _trajectory(history: Sequence[Step]) -> Trajectory:
    names = ("latents", "feeling", "identity", "loss", "va")
    return Trajectory(*(torch.stack([getattr(step, name) for step in history]) for name in names))
