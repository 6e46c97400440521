"""The last stage: everything that is known, in one text."""

from dataclasses import replace

from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import STAGES
from va_space.generation.neural.stages.lyrical import lyrical


@STAGES.register("optimised")
def optimised(sketch: Sketch, models: StageModels) -> Sketch:
    """Label, caption and description as one text. Of several takes the space keeps the best."""
    sketch = lyrical(sketch, models)
    assert sketch.emotion is not None
    parts = [f"{sketch.emotion.word} music", sketch.caption, sketch.description]
    told = ". ".join(part.rstrip(". ") for part in parts if part)
    return replace(sketch, prompt=sketch.with_wishes(told), choose=True)
