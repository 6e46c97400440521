"""The third stage: the music itself in words."""

from dataclasses import replace

from va_space.generation.neural.descriptions import describe_music
from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import STAGES
from va_space.generation.neural.stages.narrative import tell


@STAGES.register("lyrical")
def lyrical(sketch: Sketch, models: StageModels) -> Sketch:
    """Describe music for the caption, or for the feeling alone where there is none."""
    sketch = tell(sketch, models)
    assert sketch.emotion is not None
    described = describe_music(
        models.language, sketch.emotion.word, sketch.feeling.relative, sketch.caption, seed=sketch.seed
    )
    return replace(sketch, description=described, prompt=sketch.with_wishes(described))
