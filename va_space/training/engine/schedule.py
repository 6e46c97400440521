"""How long a training goes, and how fast."""

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from torch import nn

Count = Annotated[int, Field(ge=1)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Schedule:
    """How long, how fast.

    Attributes:
        epochs: An epoch has pairs / batch_size steps (space) or sees every example once (distillation).
        batch_size: Pairs (or examples) a step, over all processes together.
        quadrant_batch_size: Further music windows a step that carry only a quadrant.
        votes_batch_size: Further music windows a step that carry only votes.
        learning_rate: Peak of AdamW's rate for heads and projections.
        backbone_learning_rate: Peak of it for the backbones; with 0 they stay as they are, and their features
            are computed once.
        weight_decay: AdamW's, on matrices and kernels only.
        warmup: Share of the steps over which the rate rises; it then falls as a cosine.
        clip: Largest gradient norm.
        average: Decay of the running average of the weights that is validated and saved; 0 for none.
        select: "best": the weights of the epoch that validates best; "last": those of the end.
        folds: Folds by group over the training and validation parts that calibrate the result; 0 for none.
        checkpoint_every: Steps between checkpoints, besides those at the end of each epoch.
    """

    epochs: Count = 20
    batch_size: Count = 64
    quadrant_batch_size: Annotated[int, Field(ge=0)] = 0
    votes_batch_size: Annotated[int, Field(ge=0)] = 0
    learning_rate: NotNegative = 1e-3
    backbone_learning_rate: NotNegative = 3e-4
    weight_decay: NotNegative = 0.05
    warmup: Share = 0.05
    clip: Annotated[float, Field(gt=0)] = 1.0
    average: Annotated[float, Field(ge=0, lt=1)] = 0.0
    select: Literal["best", "last"] = "best"
    folds: Annotated[int, Field(ge=0)] = 0
    checkpoint_every: Count = 100


def parameter_groups(module: nn.Module, schedule: Schedule) -> list[dict[str, Any]]:
    """Parameters by learning rate and weight decay; biases and norms are not decayed."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            groups.setdefault(("backbone" in name, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "peak": schedule.backbone_learning_rate if backbone else schedule.learning_rate,
            "weight_decay": schedule.weight_decay if decayed else 0.0,
        }
        for (backbone, decayed), parameters in groups.items()
    ]


def rate(step: int, total: int, warmup: float) -> float:
    """Share of the peak learning rate at a step: a linear rise, then half a cosine down to zero."""
    rising = max(1, round(total * warmup))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, total - rising)))
