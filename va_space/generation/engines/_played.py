"""What the engines have in common that play with a text-to-music model."""

from dataclasses import replace

import numpy as np

from va_space.errors import ConfigError
from va_space.feedback.profile import Profile
from va_space.generation.engines import Order
from va_space.generation.music.controls import Wishes
from va_space.generation.music.target import Course, Feeling
from va_space.generation.neural.compose import Wanted, compose_neural
from va_space.generation.neural.players import Player
from va_space.generation.neural.takes import NeuralTake
from va_space.space import VASpace

STAGE = "optimised"
"""The stage that is gone through unless another is named."""


def wanted_by(order: Order) -> Wanted:
    """What is wanted of a text-to-music model.

    Raises:
        ConfigError: It is for more than one feeling, or asks for what only scores have.
    """
    if isinstance(order.wanted, Course) or len(order.wanted) != 1:
        raise ConfigError(
            "text-to-music models play for one thing: name one; the engine rules follows several"
        )
    if order.soundfont is not None:
        raise ConfigError("a SoundFont plays scores, which only the engine rules writes")
    return Wanted(
        _personal(order.wanted[0], order.profile),
        order.stage or STAGE,
        Wishes.read(order.tempo, order.key, tuple(order.instruments)),
        order.seconds,
        order.seed,
        order.negative,
        order.takes,
        order.candidates,
    )


def played(space: VASpace | None, order: Order, player: type[Player]) -> list[NeuralTake]:
    """The takes that an order asks for."""
    return compose_neural(space, wanted_by(order), player, order.music_model, order.models, order.progress)


def _personal(feeling: Feeling, profile: Profile | None) -> Feeling:
    """A feeling where a person wants music for it."""
    if profile is None:
        return feeling
    moved = np.round(profile.moved([feeling.relative], "music"), 3)[0].tolist()
    return replace(feeling, relative=(moved[0], moved[1]))
