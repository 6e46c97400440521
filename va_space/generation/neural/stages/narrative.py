"""The second stage: what the picture shows, told with its feeling."""

from dataclasses import replace

from va_space.errors import ConfigError
from va_space.generation.neural.captions import caption
from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import STAGES
from va_space.generation.neural.stages.label import label


@STAGES.register("narrative")
def narrative(sketch: Sketch, models: StageModels) -> Sketch:
    """Caption the picture, the emotion first; a text is its own caption."""
    told = tell(sketch, models)
    if told.caption is None:
        raise ConfigError(
            f"the stage narrative tells of a picture, and {sketch.feeling.name} is none: "
            "take the stage label or lyrical"
        )
    return told


def tell(sketch: Sketch, models: StageModels) -> Sketch:
    """The same; without a caption where there is nothing to tell of."""
    sketch = label(sketch, models)
    assert sketch.emotion is not None
    if sketch.picture is not None:
        told = caption(models.caption, sketch.picture, sketch.emotion.word, what=sketch.what)
    elif sketch.feeling.kind == "text":
        told = sketch.feeling.name
    else:
        return sketch
    return replace(sketch, caption=told, prompt=sketch.with_wishes(told))
