"""The stages from a picture to a text about music (Hisariya et al. 2024): one module here is one stage.

``label`` is a word of feeling; ``narrative`` a caption that begins with it; ``lyrical`` a description of
music by a language model; ``optimised`` all of them as one text, of which several takes are played and the
best kept. Each stage goes through those that it needs, and each can be the last.
"""

from collections.abc import Callable

from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.registry import Registry

STAGES: Registry[Callable[[Sketch, StageModels], Sketch]] = Registry(
    "composing stage", "va_space.generation.neural.stages"
)
"""The stages by name: each adds its own to what is known, and says what the music is asked to be."""


def write_prompt(sketch: Sketch, stage: str, models: StageModels) -> Sketch:
    """Go through a stage.

    Args:
        sketch: What the music is for, as :func:`~va_space.generation.neural.sketch.begin` reads it.
        stage: A name of :data:`STAGES`.
        models: What captions and describes.

    Returns:
        The sketch with its prompt.

    Raises:
        ConfigError: There is no such stage, or it needs a picture and there is none.
        CheckpointError: A model is not on this machine, or cannot be used.
    """
    return STAGES[stage](sketch, models)
