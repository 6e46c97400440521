"""Music by MusicGen, in stages from a picture to a text."""

from va_space.generation.engines import ENGINES, Order
from va_space.generation.engines._played import played
from va_space.generation.neural.musicgen import MusicGen
from va_space.generation.neural.takes import NeuralTake
from va_space.space import VASpace


@ENGINES.register("musicgen")
def compose_with_musicgen(space: VASpace | None, order: Order) -> list[NeuralTake]:
    """See :func:`va_space.generation.neural.compose.compose_neural`."""
    return played(space, order, MusicGen)
