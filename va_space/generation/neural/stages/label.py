"""The first stage: a word of feeling."""

from dataclasses import replace

from va_space.emotion.words import WORDS, word_at
from va_space.generation.neural.sketch import Emotion, Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import STAGES


@STAGES.register("label")
def label(sketch: Sketch, models: StageModels) -> Sketch:
    """Name the feeling: as it was named, by a classifier if there is one, or by the space's nearest word."""
    emotion = _emotion(sketch, models)
    return replace(sketch, emotion=emotion, prompt=sketch.with_wishes(f"{emotion.word} music"))


def _emotion(sketch: Sketch, models: StageModels) -> Emotion:
    feeling = sketch.feeling
    named = feeling.name.casefold().strip()
    if feeling.kind == "feeling" and named in WORDS:
        return Emotion(named, "given")
    if sketch.picture is not None and models.classifier is not None:
        shares = models.classifier.classify([sketch.picture])[0]
        best = int(shares.argmax())
        return Emotion(models.classifier.labels[best], "classifier", round(float(shares[best]), 3))
    return Emotion(word_at(feeling.relative), "space")
