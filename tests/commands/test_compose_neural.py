import json

import numpy as np
import pytest
import soundfile
import tiny_networks
from PIL import Image
from typer.testing import CliRunner

from va_space.cli import app
from va_space.errors import CheckpointError, ConfigError

pytest.importorskip("diffusers", reason="needs the extra neural")


def run(*arguments):
    result = CliRunner().invoke(app, ["compose", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def models(tmp_path_factory, tiny_model):
    root = tmp_path_factory.mktemp("models")
    options = {"--music-model": "musicgen", "--caption-model": "blip", "--language-model": "llama"}
    named = [[option, getattr(tiny_networks, name)(root / name)] for option, name in options.items()]
    return ["--engine", "musicgen", "--model", tiny_model, *(word for pair in named for word in pair)]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (60, 90, 3), np.uint8)).save(path)
    return path


def test_a_picture_becomes_music_in_a_stage(picture, models, tmp_path):
    sounds = {}
    for stage in ("label", "lyrical"):
        out = tmp_path / f"{stage}.wav"
        result = run(picture, "-o", out, "--stage", stage, "--seconds", 1, "--json", *models)
        assert result.exit_code == 0
        facts = json.loads(out.with_suffix(".json").read_text("utf-8"))
        assert json.loads(result.stdout)[0]["prompt"] == facts["prompt"]
        sounds[stage] = soundfile.read(out)[0]
    assert len(sounds["label"]) == 8000
    assert not np.array_equal(sounds["label"], sounds["lyrical"])


def test_the_text_alone(picture, models, tmp_path):
    out = tmp_path / "prompt.txt"
    result = run(picture, "-o", out, "--stage", "narrative", "--tempo", 90, "--json", *models)
    row = json.loads(result.stdout)[0]
    assert out.read_text("utf-8") == row["prompt"] + "\n"
    assert row["prompt"].endswith(", 90 bpm")
    assert not out.with_suffix(".json").exists()


def test_what_cannot_be_leaves_nothing_behind(picture, models, tmp_path):
    before = set(tmp_path.iterdir())
    for arguments, reason in (
        (["sad", "-o", tmp_path / "a.wav", "--stage", "narrative"], "tells of a picture"),
    ):
        with pytest.raises(ConfigError, match=reason):
            run(*arguments, *models)
    report = ["--report", tmp_path / "a.html"]
    assert run(picture, "-o", tmp_path / "a.wav", *report, *models).exit_code == 2
    assert run(picture, "-o", tmp_path / "a.mid", *models).exit_code == 2
    with pytest.raises(CheckpointError, match="is not on this machine"):
        run("sad", "-o", tmp_path / "a.wav", "--stage", "label", *models[:4])
    with pytest.raises(ConfigError, match="the engine rules knows no negative"):
        run("sad", "-o", tmp_path / "a.wav", "--negative", "noise", *models[2:4])
    assert set(tmp_path.iterdir()) == before
