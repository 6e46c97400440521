"""Training of the heads of texts: batches, terms, gradients, and what is learnt from synthetic data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("lightning")
pytest.importorskip("transformers", reason="needs the extra text")

from va_space.datasets.records import Point, Record
from va_space.datasets.sources import SpaceData
from va_space.datasets.sources.synthetic import make
from va_space.emotion.reference import Distribution
from va_space.encoders.text.files import load_text
from va_space.encoders.text.model import TextConfig
from va_space.errors import DatasetError
from va_space.training.recipe import load_recipe
from va_space.training.space import losses
from va_space.training.text.task import OTHERS, TextTask

WORDS = ["quiet", "evening", "after", "the", "funeral", "we", "won"]


def texts(count, start=0):
    """Texts whose valence is the share of "won", and whose arousal is that of "!"."""
    random = np.random.default_rng(start)
    records = []
    for number in range(count):
        valence, arousal = random.uniform(size=2)
        words = ["won" if random.uniform() < valence else "funeral" for _ in range(5)]
        words += ["!" if random.uniform() < arousal else "." for _ in range(5)]
        label = Point(0.4 + 0.2 * valence, 0.4 + 0.2 * arousal)
        name = str(start + number)
        records.append(Record(Path("texts"), "text", label, f"g{number % 7}", name, text=" ".join(words)))
    return records


@pytest.fixture(scope="module")
def recipe(tiny_encoder):
    loaded = load_recipe("text", ["data.pairs=64", "schedule.batch_size=16", "schedule.epochs=2"])
    model = TextConfig(str(tiny_encoder), layers=(0, 2), hidden=16, predictor=8, dropout=0.0)
    return replace(loaded, text=replace(loaded.text, model=model))


@pytest.fixture(scope="module")
def data(tiny_space, tmp_path_factory):
    pictures, music = make(tmp_path_factory.mktemp("media"), tiny_space.config.audio, count=12)
    parts = [{"train": each[:8], "validation": each[8:]} for each in (pictures, music)]
    return SpaceData(*parts, texts={"train": texts(40), "validation": texts(20, 100)})


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def task(recipe, tiny_space, data, cache):
    return TextTask(recipe, tiny_space, data, cache, lambda *progress: None)


def test_batches_are_pairs_with_both_sides_and_depend_on_the_step_alone(
    task, recipe, tiny_space, data, cache
):
    batch = task.batch(5, 0, 1)
    for name in OTHERS:
        assert batch[f"texts_{name}"].shape == (16, 32)
        assert batch[f"others_{name}"].shape == (16, 512)
        assert {batch[f"{key}_{name}"].shape for key in ("rated", "felt", "va")} == {(16, 2)}
    again = TextTask(recipe, tiny_space, data, cache, lambda *progress: None).batch(5, 0, 1)
    assert all(torch.equal(batch[name], again[name]) for name in batch)
    halves = [task.batch(5, rank, 2) for rank in (0, 1)]
    whole = batch["texts_music"]
    assert torch.equal(whole[0::2], halves[0]["texts_music"])
    assert torch.equal(whole[1::2], halves[1]["texts_music"])


def test_vectors_of_the_others_are_those_of_the_space(task, tiny_space, data):
    sides = task.parts["validation"]
    expected = tiny_space.encode([record.path for record in data.pictures["validation"]])
    np.testing.assert_allclose(sides["pictures"].values.numpy(), expected, atol=1e-5)
    track = data.music["validation"][0]
    np.testing.assert_allclose(
        sides["music"].values[0].numpy(), tiny_space.encode(track.path, windows=True).vectors[0], atol=1e-4
    )


def test_terms_are_the_losses_of_the_space(task):
    module = task.module.eval()
    batch = task.batch(0, 0, 1)
    with torch.no_grad():
        terms = module(batch)
        vectors = {name: module.model(batch[f"texts_{name}"]) for name in OTHERS}
    assert set(terms) == {
        "pictures/cfr", "pictures/cfm", "music/cfr", "music/cfm", "sfr_pictures", "va_pictures", "total"
    }  # fmt: skip
    for name in OTHERS:
        sides = vectors[name], batch[f"others_{name}"], batch[f"felt_{name}"], batch[f"va_{name}"]
        cfr = losses.cross_modal_feature_ratio(*sides, task.sigma, floor=2.5e-3)
        cfm = losses.cross_modal_feature_matching(*sides, task.sigma)
        assert terms[f"{name}/cfr"] == pytest.approx(float(cfr), rel=1e-5)
        assert terms[f"{name}/cfm"] == pytest.approx(float(cfm), rel=1e-5)
    every, felt, rated = (
        torch.cat([source[f"{prefix}{name}"] for name in OTHERS])
        for source, prefix in ((vectors, ""), (batch, "felt_"), (batch, "rated_"))
    )
    sfr = losses.single_modal_feature_ratio(every, felt, floor=2.5e-3)
    with torch.no_grad():
        va = losses.valence_arousal_loss(module.model.va(every), rated)
    assert terms["sfr_pictures"] == pytest.approx(float(sfr), rel=1e-5)
    assert terms["va_pictures"] == pytest.approx(float(va), rel=1e-5)
    parts = [value * module.weights[name.split("/")[-1]] for name, value in terms.items() if name != "total"]
    assert terms["total"] == pytest.approx(float(sum(parts)), rel=1e-5)


def test_all_of_the_heads_learn_and_nothing_of_the_space(task, tiny_space):
    task.module.train()
    before = {name: value.clone().nan_to_num() for name, value in tiny_space.model.state_dict().items()}
    task.module(task.batch(0, 0, 1))["total"].backward()
    assert all(parameter.grad is not None for parameter in task.module.parameters())
    assert all(parameter.grad is None for parameter in tiny_space.model.parameters())
    after = tiny_space.model.state_dict()
    assert all(torch.equal(value, after[name].nan_to_num()) for name, value in before.items())
    task.module.zero_grad()


def test_a_text_feels_as_what_stands_where_it_stands(task, recipe, tiny_space, data, cache):
    rated, felt = task.parts["train"]["texts"].va, task.felt["train"]
    assert rated.std(dim=0).max() < 0.08 < felt.std(dim=0).min()
    for axis in (0, 1):
        assert torch.equal(rated[:, axis].argsort(), felt[:, axis].argsort())
    absolute = replace(recipe, text=replace(recipe.text, labels="absolute"))
    other = TextTask(absolute, tiny_space, data, cache, lambda *progress: None)
    assert torch.equal(other.felt["train"], other.parts["train"]["texts"].va)


def test_what_is_saved_is_calibrated_and_belongs_to_the_space(task, tiny_space, tmp_path):
    task.save(task.module.eval(), tmp_path)
    side = load_text(tmp_path, tiny_space.fingerprint)
    held = task.parts["validation"]["texts"]
    with torch.no_grad():
        predicted = side.model.va(side.model(held.values))
    assert torch.isfinite(side.model.va.deviation).all()
    assert predicted.mean(dim=0).tolist() == pytest.approx(held.va.mean(dim=0).tolist(), abs=0.02)
    expected = Distribution.of(predicted.numpy())
    np.testing.assert_allclose(side.reference.quantiles, expected.quantiles, atol=2e-3)
    assert side.reference.count == 20


def test_validation_counts_both_others(task):
    metrics = task.validate(task.module.eval())
    names = {"text_valence", "text_arousal", "spearman_pictures", "spearman_music"}
    assert set(metrics) == names | {"score"}
    assert metrics["score"] == pytest.approx(np.mean([metrics[name] for name in names]))


@pytest.mark.parametrize("empty", ["texts", "pictures", "music"])
def test_every_side_is_needed(recipe, tiny_space, data, cache, empty):
    with pytest.raises(DatasetError, match=f"a part of the {empty} is empty"):
        TextTask(
            recipe,
            tiny_space,
            replace(data, **{empty: {"train": [], "validation": []}}),
            cache,
            lambda *p: None,
        )


def test_the_recipe_trains_by_its_command(tiny_model, tiny_encoder, data, tmp_path, monkeypatch):
    from va_space.space import VASpace
    from va_space.training import train as module

    monkeypatch.setattr(module, "space_data", lambda recipe: data)
    folder = module.train(
        "text",
        [
            f"output={tmp_path / 'run'}",
            f"text.space={tiny_model}",
            f"text.model.encoder={tiny_encoder}",
            "text.model.layers=[0, 2]",
            "text.model.hidden=32",
            "text.model.dropout=0.0",
            "data.pairs=64",
            f"data.cache={tmp_path / 'cache'}",
            "schedule.batch_size=16",
            "schedule.epochs=40",
            "schedule.average=0.0",
        ],
        accelerator="cpu",
    )
    space = VASpace.from_pretrained(tiny_model, text=folder, device="cpu", precision="fp32")
    held = data.texts["validation"]
    predicted = space.predict_va(text=[record.text for record in held])
    labels = np.array([(record.label.valence, record.label.arousal) for record in held])
    for axis in (0, 1):
        assert np.corrcoef(predicted[:, axis], labels[:, axis])[0, 1] > 0.5
