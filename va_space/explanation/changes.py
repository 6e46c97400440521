"""What would change a number: the controls of a photographic grade, one by one, up and down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from va_space.explanation.aims import Aim
from va_space.explanation.maps import deviations, effects_in_views
from va_space.space import VASpace
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.grading import LATENT_SIZE, SLICES, SPREADS

# (control, which of its numbers): what less and what more of it is called. The tone curve and the colour
# table have no one direction.
_DIRECTIONS: Mapping[tuple[str, int], tuple[str, str]] = MappingProxyType(
    {
        ("exposure", 0): ("darker", "brighter"),
        ("contrast", 0): ("less contrast", "more contrast"),
        ("temperature", 0): ("cooler", "warmer"),
        ("tint", 0): ("greener", "more magenta"),
        ("saturation", 0): ("less saturated", "more saturated"),
        ("vibrance", 0): ("dull colours duller", "dull colours brighter"),
        ("shadows", 0): ("shadows cooler", "shadows warmer"),
        ("shadows", 1): ("shadows greener", "shadows more magenta"),
        ("highlights", 0): ("highlights cooler", "highlights warmer"),
        ("highlights", 1): ("highlights greener", "highlights more magenta"),
    }
)


@dataclass(frozen=True)
class Change:
    """A change of a picture, and what it does.

    Attributes:
        control: Of the grade, such as "exposure".
        words: What the change does to the picture, such as "brighter".
        effects: What it adds to each of the numbers that are explained.
        doubts: Standard deviations of the effects over the encoder's views; 0 where there is one view.
    """

    control: str
    words: str
    effects: tuple[float, ...]
    doubts: tuple[float, ...]


def grade_changes(space: VASpace, picture: Tensor, aims: Sequence[Aim]) -> list[Change]:
    """The effect of each control of the grade, by a usual step (one standard deviation) to either side.

    Args:
        space: The model; effects are those of one of the encoder's views.
        picture: (3, side, side) in [0, 1].
        aims: What is explained.

    Returns:
        Two changes for each control that has a direction, the largest effect on the first aim first.
    """
    generator = GradeGenerator(picture.to(space.device))
    names, words, changed = [], [], []
    for (control, number), both in _DIRECTIONS.items():
        place = SLICES[control].start + number
        for sign, word in zip((-1, 1), both, strict=True):
            latent = torch.zeros(LATENT_SIZE)
            latent[place] = sign * SPREADS[place]
            names.append(control)
            words.append(word)
            with torch.no_grad():
                changed.append(generator.render(latent[None].to(space.device)))
    in_views = effects_in_views(space, aims, generator.picture, changed)
    effects, doubts = in_views[0], deviations(in_views)
    order = np.argsort(-effects[:, 0].abs().numpy(), kind="stable")
    return [
        Change(names[row], words[row], tuple(effects[row].tolist()), tuple(doubts[row].tolist()))
        for row in order
    ]
