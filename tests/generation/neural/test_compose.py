import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from va_space.errors import CheckpointError, ConfigError
from va_space.generation.engines import ENGINES, Order
from va_space.generation.music.target import Course, Feeling
from va_space.generation.neural.compose import Wanted, compose_neural, heard_by
from va_space.generation.neural.musicgen import MusicGen
from va_space.generation.neural.stage_models import StageModels

SAD = Feeling("sad", "feeling", (0.1, 0.3), (0.1, 0.3))
TEMPLATE = StageModels(language_model="template", device="cpu")


def test_the_space_keeps_the_best_of_several_takes(tiny_space, folders):
    wanted = Wanted(SAD, seconds=0.6, candidates=2, takes=2)
    takes = compose_neural(tiny_space, wanted, MusicGen, folders["musicgen"], TEMPLATE)
    assert sorted(take.number for take in takes) == [0, 1]
    distances = [take.distance for take in takes]
    assert distances == sorted(distances)
    assert len({take.sound.tobytes() for take in takes}) == 2
    again = heard_by(tiny_space, takes[0])
    assert again.distance == pytest.approx(np.abs(np.array(again.heard) - SAD.relative).mean(), abs=1e-3)
    one = compose_neural(tiny_space, replace(wanted, takes=1), MusicGen, folders["musicgen"], TEMPLATE)
    np.testing.assert_array_equal(one[0].sound, takes[0].sound)


def test_without_a_space_nothing_is_chosen(folders):
    with pytest.raises(ConfigError, match="a space, not None"):
        compose_neural(None, Wanted(SAD), MusicGen, folders["musicgen"], TEMPLATE)
    wanted = Wanted(SAD, "label", seconds=0.6, takes=2)
    takes = compose_neural(None, wanted, MusicGen, folders["musicgen"], TEMPLATE)
    assert [take.number for take in takes] == [0, 1]
    assert takes[0].heard is None


def test_a_take_says_what_it_was_made_from(folders, tmp_path):
    wanted = Wanted(SAD, "lyrical", seconds=0.7, seed=5, negative="noise")
    take = compose_neural(None, wanted, MusicGen, folders["musicgen"], TEMPLATE)[0]
    files = take.save(tmp_path / "sad.flac")
    assert [file.suffix for file in files] == [".flac", ".json"]
    assert soundfile.info(files[0]).duration == pytest.approx(0.7, abs=0.01)
    facts = json.loads(files[1].read_text("utf-8"))
    assert facts["prompt"].startswith("sad instrumental music")
    assert (facts["seed"], facts["negative prompt"], facts["seconds"]) == (5, "noise", 0.7)
    assert len(facts["models"]["music"]["fingerprint"]) == 64
    comment = json.loads(soundfile.SoundFile(files[0]).comment)
    assert comment["prompt"] == facts["prompt"]
    with pytest.raises(ConfigError, match="end with"):
        take.save(tmp_path / "sad.mid")
    assert take.notes == []
    named = replace(take.models["music"], name="musicgen-small", licence="CC-BY-NC-4.0", commercial="no")
    assert "not for commercial use" in replace(take, models={"music": named}).notes[0]


def test_engines_are_found_by_name(folders):
    assert ENGINES.names() == ["musicgen", "rules", "stable-audio"]
    order = Order([SAD], seconds=0.6, stage="label", music_model=folders["musicgen"], models=TEMPLATE)
    assert ENGINES["musicgen"](None, order)[0].why == "sad music (take 1 of 1)"
    with pytest.raises(
        CheckpointError, match=r"it holds MusicgenForConditionalGeneration|no model_index.json"
    ):
        ENGINES["stable-audio"](None, order)
    with pytest.raises(ConfigError, match="the engine rules knows no stage"):
        ENGINES["rules"](None, order)
    for wrong in (replace(order, wanted=[SAD, SAD]), replace(order, wanted=Course((0.0,), ((0.5, 0.5),)))):
        with pytest.raises(ConfigError, match="for one thing"):
            ENGINES["musicgen"](None, wrong)
    with pytest.raises(ConfigError, match="no composing stage 'lyric'; do you mean lyrical"):
        ENGINES["musicgen"](None, replace(order, stage="lyric"))
