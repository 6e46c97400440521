"""Trainings whose backbones do not learn: stored views, folds, and learning from scores."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from va_space import VASpace
from va_space.datasets.records import Point, Record
from va_space.datasets.score import LENGTH
from va_space.networks.backbones.two_branch import TwoBranch
from va_space.networks.tagger import Tagger
from va_space.training.engine.augment import Augmentation, shift_semitones
from va_space.training.pretraining.harmony import HarmonyPretrainer
from va_space.training.recipe import load_recipe
from va_space.training.space.examples import picture_views, subset
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
    "schedule.average=0.9",
    "schedule.backbone_learning_rate=0.0",
    "augmentation.picture_views=2",
]


@pytest.mark.slow
def test_backbones_stay_and_folds_calibrate(tmp_path):
    output = tmp_path / "out"
    more = ["schedule.folds=2", 'schedule.select="last"', f"data.cache={tmp_path}", f"output={output}"]
    train("smoke", [*SMALL, *more], accelerator="cpu")
    state = load_file(output / "model" / "model.safetensors")
    fold = load_file(output / "folds" / "0" / "model" / "model.safetensors")
    backbone = [key for key in state if ".backbone." in key]
    assert backbone
    assert all(torch.equal(state[key], fold[key]) for key in backbone)
    assert not torch.equal(state["picture_va.layers.0.weight"], fold["picture_va.layers.0.weight"])
    summary = json.loads((output / "cross-validation.json").read_text())
    np.testing.assert_allclose(state["music_va.deviation"], summary["music"]["deviation"], rtol=1e-5)
    values, deviations = VASpace.from_pretrained(output / "model", device="cpu").predict_va(
        [np.zeros((40, 40, 3), np.uint8)], return_std=True
    )
    assert values.shape == deviations.shape == (1, 2)
    assert (deviations > 0).all()


@pytest.fixture
def pictures(tmp_path):
    records = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.full((40, 40, 3), 40 * number, np.uint8)).save(path)
        records.append(Record(path, "picture", Point(0.5, 0.5), str(number % 3), str(number)))
    return records


def test_the_first_view_is_the_picture_itself(tmp_path, pictures):
    made = []

    def features(inputs):
        made.append(len(inputs))
        return torch.stack([inputs.mean(dim=(1, 2, 3)), inputs.std(dim=(1, 2, 3))], dim=1)

    options = Augmentation(picture_views=3, erase=1.0)
    arguments = (32, features, 2, {"backbone": "test"}, options, tmp_path, lambda *_: None)
    views = picture_views(pictures, *arguments)
    expected = [[40 * number / 255, 0] for number in range(6)]
    np.testing.assert_allclose(views.clean(0, 6), expected, atol=1e-3)
    drawn = views.take(range(6), torch.Generator().manual_seed(1))
    assert (drawn[:, 1] > 0).any()  # an erased rectangle is there in the others
    assert len(made) == 6
    picture_views(pictures, *arguments)
    assert len(made) == 6  # stored
    group = subset(views, lambda record: record.group == "1")
    np.testing.assert_allclose(group.clean(0, 2), [expected[1], expected[4]], atol=1e-3)


def test_transposed_windows_move_up():
    window = torch.arange(8.0).repeat(3, 1).T
    assert shift_semitones(window, 2)[:, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 5]
    assert shift_semitones(window, -3)[:, 0].tolist() == [3, 4, 5, 6, 7, 0, 0, 0]


def test_the_ear_for_harmony_learns_and_the_other_stays(tmp_path):
    import soundfile

    generator = np.random.default_rng(0)
    save_file(Tagger().state_dict(), tmp_path / "tagger.safetensors")
    overrides = [f"initial.music={tmp_path / 'tagger.safetensors'}", "schedule.batch_size=8"]
    recipe = load_recipe("pretrain-symbolic", [*overrides, "model.audio.window_seconds=1.0"])
    records = []
    for number in range(4):
        path = tmp_path / f"{number}.flac"
        soundfile.write(path, 0.1 * generator.standard_normal(16000 * 8), 16000)
        whole = Record(path, "music", None, str(number), str(number))
        records += [replace(whole, start=float(second)) for second in range(8)]
    descriptions = generator.random((len(records), LENGTH)).astype(np.float32)
    task = HarmonyPretrainer(recipe, records, descriptions, tmp_path, lambda *_: None)
    assert task.steps_per_epoch == 3
    before = {key: value.clone() for key, value in task.module.backbone.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in task.module.parameters() if p.requires_grad], lr=0.1)
    terms = task.module(task.batch(0, 0, 1))
    terms["total"].backward()
    optimizer.step()
    assert all(torch.isfinite(term) for term in terms.values())
    task.save(task.module, tmp_path / "model")
    after = load_file(tmp_path / "model" / "backbone.safetensors")
    TwoBranch().load_weights(after)
    tagger = [key for key in after if key.startswith("tagger.")]
    assert all(torch.equal(after[key], before[key]) for key in tagger)
    assert not torch.equal(
        after["harmony.resnet.network.conv1.weight"], before["harmony.resnet.network.conv1.weight"]
    )
    assert set(task.validate(task.module.eval())) == {"mode", "score"}


@pytest.mark.skipif("VA_SPACE_DATA" not in os.environ, reason="VA_SPACE_DATA is not set")
def test_published_weights_are_found_beside_the_data():
    from va_space.networks.backbones import load_initial_weights, make_backbone
    from va_space.training.sources import resolve_initial_weights

    recipe = load_recipe("open", ['initial.music="none"'])
    path = resolve_initial_weights(recipe).picture
    load_initial_weights(make_backbone(recipe.model.picture_backbone), path, recipe.model.picture_backbone)
