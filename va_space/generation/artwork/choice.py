"""Which of several pictures feel most like the music."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from va_space.emotion.reference import normal_scores
from va_space.errors import CheckpointError
from va_space.space import VASpace

# What a further picture of the same kind costs, in standard deviations: takes are to differ.
_REPEATED = 0.6


@dataclass(frozen=True)
class Ranked:
    """One of the best pictures.

    Attributes:
        number: Of the picture among those that were given.
        feeling: (valence, arousal) percentiles of the picture among paintings; None if nothing was judged.
    """

    number: int
    feeling: tuple[float, float] | None


def rank(
    space: VASpace | None,
    pictures: Sequence[Image.Image] | None,
    wanted: tuple[float, float],
    kinds: Sequence[object],
    count: int,
) -> list[Ranked]:
    """The pictures that stand among paintings where the music stands among music, the nearest first.

    Args:
        space: The model; None keeps the order.
        pictures: All of them; None likewise.
        wanted: (valence, arousal) percentiles of the music.
        kinds: What each picture shows: of two that are about as near, one of another kind is preferred.
        count: How many to keep.
    """
    if space is None or not pictures:
        return [Ranked(number, None) for number in range(min(count, len(kinds)))]
    try:
        felt = space.predict_va(list(pictures), scale="relative", kind="painting")
    except CheckpointError:  # a model without reference distributions
        felt = space.predict_va(list(pictures))
    away = np.linalg.norm(normal_scores(felt) - normal_scores(wanted), axis=1)
    left, chosen = list(range(len(pictures))), list[int]()
    while left and len(chosen) < count:
        shown = [kinds[number] for number in chosen]
        best = min(left, key=lambda number: away[number] + _REPEATED * shown.count(kinds[number]))
        chosen.append(best)
        left.remove(best)
    return [Ranked(n, (round(float(felt[n, 0]), 4), round(float(felt[n, 1]), 4))) for n in chosen]
