import numpy as np
import pytest

from va_space.errors import CheckpointError, ConfigError
from va_space.generation.music.controls import Wishes
from va_space.generation.music.target import Feeling
from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import STAGES, write_prompt

PICTURE = np.random.default_rng(0).integers(0, 255, (50, 70, 3), np.uint8)


def of_picture(valence, arousal):
    return Feeling("moon.jpg", "picture", (0.5, 0.5), (valence, arousal), PICTURE, detected="painting")


@pytest.fixture(scope="module")
def models(folders):
    return StageModels(folders["blip"], folders["llama"], device="cpu")


def test_there_are_four():
    assert STAGES.names() == ["label", "lyrical", "narrative", "optimised"]


@pytest.mark.parametrize("stage", ["label", "narrative", "lyrical", "optimised"])
def test_another_feeling_of_the_same_picture_is_another_prompt(models, stage):
    prompts = {
        write_prompt(Sketch(of_picture(*place)), stage, models).prompt
        for place in ((0.1, 0.2), (0.9, 0.6), (0.3, 0.95))
    }
    assert len(prompts) == 3


def test_each_stage_adds_its_own(models):
    sketch = Sketch(of_picture(0.1, 0.2))
    label, narrative, lyrical, optimised = (
        write_prompt(sketch, stage, models) for stage in ("label", "narrative", "lyrical", "optimised")
    )
    assert label.prompt == "depressed music"
    assert label.emotion.by == "space"
    assert narrative.prompt == narrative.caption.rstrip(" .")
    assert narrative.caption.startswith("a depressed painting of")
    assert lyrical.caption == narrative.caption
    assert lyrical.prompt == lyrical.description.rstrip(" .")
    for part in (label.prompt, optimised.caption.rstrip(". "), optimised.description.rstrip(". ")):
        assert part in optimised.prompt
    assert [each.choose for each in (label, narrative, lyrical, optimised)] == [False] * 3 + [True]


def test_wishes_are_asked_for(models):
    wishes = Wishes.read(90, "D minor", ("flute", "harp"))
    sketch = write_prompt(Sketch(of_picture(0.1, 0.2), wishes), "label", models)
    assert sketch.prompt == "depressed music, 90 bpm, in D minor, with flute, harp"


def test_a_word_is_taken_as_it_was_named(models):
    word = Feeling("Melancholy", "feeling", (0.2, 0.3), (0.2, 0.3))
    sketch = write_prompt(Sketch(word), "optimised", models)
    assert (sketch.emotion.word, sketch.emotion.by, sketch.caption) == ("melancholy", "given", None)
    with pytest.raises(ConfigError, match="Melancholy is none"):
        write_prompt(Sketch(word), "narrative", models)
    text = Feeling("after the rain", "text", (0.5, 0.5), (0.8, 0.2))
    assert write_prompt(Sketch(text), "narrative", models).prompt == "after the rain"


def test_without_a_language_model_a_template(folders, monkeypatch):
    sketch = Sketch(of_picture(0.1, 0.2))
    for models in (StageModels(folders["blip"], "template"), StageModels(folders["blip"])):
        made = write_prompt(sketch, "lyrical", models)
        assert made.description.startswith("depressed instrumental music: slow tempo, dark minor")
    with pytest.raises(CheckpointError, match=r"qwen2.5-1.5b is not on this machine"):
        write_prompt(sketch, "lyrical", StageModels(folders["blip"], "qwen2.5-1.5b"))
    with pytest.raises(CheckpointError, match="blip-base is not on this machine"):
        write_prompt(sketch, "narrative", StageModels())


def test_models_are_given_back(models):
    write_prompt(Sketch(of_picture(0.1, 0.2)), "lyrical", models)
    assert set(models.used) == {"caption", "language"}
    models.release()
    assert not models.used
