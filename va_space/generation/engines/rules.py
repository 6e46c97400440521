"""Music by rule; see :mod:`va_space.generation.music`."""

from va_space.errors import ConfigError
from va_space.generation.engines import ENGINES, Order
from va_space.generation.music.compose import CANDIDATES, Take, compose_takes
from va_space.space import VASpace


@ENGINES.register("rules")
def compose_by_rule(space: VASpace | None, order: Order) -> list[Take]:
    """Scores by rule, chosen by judges, played by the built-in instruments.

    Raises:
        ConfigError: Something is asked for that text-to-music models alone know.
    """
    for name, value in (
        ("stage", order.stage),
        ("negative", order.negative),
        ("music model", order.music_model),
    ):
        if value:
            raise ConfigError(f"the engine rules knows no {name}: name another engine, such as musicgen")
    return compose_takes(
        space,
        order.wanted,
        takes=order.takes,
        seconds=order.seconds,
        seed=order.seed,
        tempo=order.tempo,
        key=order.key,
        instruments=order.instruments,
        candidates=CANDIDATES if order.candidates is None else order.candidates,
        soundfont=order.soundfont,
        profile=order.profile,
        progress=order.progress,
    )
