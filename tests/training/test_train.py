"""Recipes, the loop, resuming, two processes."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from va_space import VASpace
from va_space.encoders.precision import computes_bf16
from va_space.errors import CheckpointError, ConfigError, DatasetError
from va_space.training import shipped
from va_space.training.engine.schedule import rate
from va_space.training.recipe import load_recipe
from va_space.training.shipped import shipped_recipes
from va_space.training.train import train

SMALL = [
    "model.picture.size=32",
    "model.audio.sample_rate=8000",
    "model.audio.window_seconds=1.0",
    "model.audio.n_fft=512",
    "model.audio.hop_length=256",
    "model.audio.n_mels=32",
    "data.pairs=64",
    "schedule.batch_size=16",
    "schedule.epochs=2",
    "schedule.checkpoint_every=1",
    "schedule.average=0.9",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def small(cache: Path, output: Path, *more: str) -> list[str]:
    return [*SMALL, f"data.cache={cache}", f"output={output}", *more]


@pytest.fixture(scope="module")
def uninterrupted(cache, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "uninterrupted"
    train("smoke", small(cache, output), accelerator="cpu")
    return output


def test_a_recipe_trains_in_what_this_machine_computes_with():
    fastest = "bf16-mixed" if computes_bf16(torch.device("cpu")) else "32-true"
    assert torch.cuda.is_available() or load_recipe("smoke").precision == fastest
    assert load_recipe("smoke", ["precision=bf16-mixed"]).precision == "bf16-mixed"


def test_a_training_leaves_a_model_that_works(uninterrupted):
    space = VASpace.from_pretrained(uninterrupted / "model", device="cpu")
    picture = np.zeros((50, 50, 3), np.uint8)
    assert space.encode(picture).shape == (512,)
    assert 0 < space.config.sigma < 1
    history = json.loads((uninterrupted / "history.json").read_text())
    assert [epoch["epoch"] for epoch in history] == [1, 2]
    assert {"spearman", "score", "music_valence"} <= set(history[0])
    assert list((uninterrupted / "tensorboard").glob("events*"))


@pytest.mark.slow
def test_killed_and_continued_equals_uninterrupted_bit_for_bit(cache, tmp_path, uninterrupted):
    output = tmp_path / "killed"
    command = [sys.executable, "-m", "va_space", "train", "smoke", *small(cache, output, "data.workers=1")]
    command += ["--accelerator", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    while steps_done(output) == 0 and process.poll() is None:
        time.sleep(0.02)
    assert process.poll() is None, "the training ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)  # at whatever step it has reached
    process.wait()
    assert 1 <= steps_done(output) < 8
    train("smoke", small(cache, output, "data.workers=1"), accelerator="cpu")
    ours, theirs = (load_file(run / "model" / "model.safetensors") for run in (output, uninterrupted))
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        torch.testing.assert_close(value, theirs[key], rtol=0, atol=0, equal_nan=True)
    last, reference = (torch.load(run / "last.pt", weights_only=True) for run in (output, uninterrupted))
    for key, value in last["trainer"]["module"].items():
        torch.testing.assert_close(value, reference["trainer"]["module"][key], rtol=0, atol=0, equal_nan=True)
    assert last["history"] == reference["history"]


def steps_done(output: Path) -> int:
    path = output / "last.pt"
    return torch.load(path, weights_only=True)["step"] if path.exists() else 0


def test_another_recipe_does_not_continue(cache, uninterrupted):
    with pytest.raises(CheckpointError, match="another recipe"):
        train("smoke", small(cache, uninterrupted, "schedule.epochs=3"), accelerator="cpu")


def test_a_checkpoint_with_code_is_refused(cache, tmp_path):
    (tmp_path / "last.pt").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(CheckpointError, match="not a training checkpoint"):
        train("smoke", small(cache, tmp_path), accelerator="cpu")


@pytest.mark.slow
def test_two_processes_train(cache, tmp_path):
    command = [sys.executable, "-m", "va_space", "train", "smoke"]
    command += [
        *small(cache, tmp_path / "two", "schedule.epochs=1"),
        "--devices",
        "2",
        "--accelerator",
        "cpu",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stderr
    assert VASpace.from_pretrained(tmp_path / "two" / "model", device="cpu").encode([]).shape == (0, 512)


@pytest.mark.parametrize("recipe", shipped_recipes())
def test_shipped_recipes_are_valid(recipe):
    assert load_recipe(recipe).name == recipe


def test_overrides(tmp_path):
    recipe = load_recipe("open", ["schedule.epochs=3", "data.root=/some/where", "objective.weights.cfr=0"])
    assert recipe.schedule.epochs == 3
    assert recipe.data.root == "/some/where"
    assert recipe.objective.weights["cfr"] == 0.0
    for wrong in ("schedule.epoch=3", "schedule.epochs=many", "epochs", "seed.x=1", "schedule=3"):
        with pytest.raises(ConfigError):
            load_recipe("open", [wrong])
    assert len(shipped_recipes()) >= 8
    (tmp_path / "broken.toml").write_text("x = = 1")
    with pytest.raises(ConfigError, match="not TOML"):
        load_recipe(tmp_path / "broken.toml")


def test_missing_data_are_explained(tmp_path, monkeypatch):
    monkeypatch.delenv("VA_SPACE_DATA", raising=False)
    with pytest.raises(DatasetError, match="VA_SPACE_DATA"):
        train("open", [f"output={tmp_path}"], accelerator="cpu")


def test_rate_rises_and_falls():
    rates = [rate(step, 100, 0.1) for step in range(100)]
    assert rates[9] == pytest.approx(1.0)
    assert all(a < b for a, b in pairwise(rates[:10]))
    assert all(a >= b for a, b in pairwise(rates[10:]))
    assert 0 <= rates[-1] < 0.01


@pytest.mark.parametrize(
    ("override", "explained"),
    [
        ("schedule.epoch=3", r"unknown key schedule\.epoch; known: epochs, batch_size"),
        ("schedule.epochs=0", r"schedule\.epochs = 0: must be greater than or equal to 1"),
        ("schedule.epochs=many", r"schedule\.epochs = 'many': must be a valid integer"),
        ("schedule.epochs=true", r"schedule\.epochs = True: must be a valid integer"),
        ("schedule.select=worst", r"schedule\.select = 'worst': must be 'best' or 'last'"),
        ("schedule=3", "schedule is a section, not a value"),
        ("data.source=mine", r"data\.source = 'mine': .*there are emobank, emotify, fourq, open,"),
        ("data.source=table", r"data\.tables must name"),
        ("data.renderings=3", r"data\.renderings = 3: must be 1 or 2"),
        ("objective.weights.cfr=-1", r"objective\.weights\.cfr = -1: must be greater"),
        ("task=symbolic", r"needs model\.music_backbone"),
        ("model.picture.size=0", "size and std must be positive"),
    ],
)
def test_a_wrong_recipe_is_told_with_file_key_and_what_is_allowed(override, explained):
    with pytest.raises(ConfigError, match=rf"(?s)smoke\.toml: .*{explained}"):
        load_recipe("smoke", [override])


def test_old_words_of_recipes_load_with_a_note(tmp_path):
    with pytest.warns(DeprecationWarning, match="pretrain-symbolic"):
        assert load_recipe("hear-scores") == load_recipe("pretrain-symbolic")
    text = shipped.recipe_path("pretrain-symbolic").read_text()
    old = text.replace('"symbolic"', '"scores"').replace("two-branch", "listener")
    (tmp_path / "old.toml").write_text('name = "pretrain-symbolic"\n' + old)
    with pytest.warns(DeprecationWarning, match=r'listener|"scores"'):
        assert load_recipe(tmp_path / "old.toml") == load_recipe("pretrain-symbolic")
    with pytest.warns(DeprecationWarning, match="looks"):
        recipe = load_recipe("open", ["model.picture.looks=[0.5]"])
    assert recipe.model.picture.tta_scales == (0.5,)
