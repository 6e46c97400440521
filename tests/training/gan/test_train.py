"""Training a generator: losses, augmentation, learning, resuming."""

import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import linalg
from typer.testing import CliRunner

from va_space.cli import app
from va_space.errors import CheckpointError, ConfigError, DatasetError
from va_space.networks.stylegan2.discriminator import Discriminator, minibatch_deviation
from va_space.networks.stylegan2.files import load_stylegan2
from va_space.training.gan.augment import AdaptiveProbability, augment, colour_matrices
from va_space.training.gan.data import draw_batch, load_pictures, middle_square
from va_space.training.gan.losses import gradient_penalty, path_lengths
from va_space.training.gan.options import GeneratorOptions
from va_space.training.gan.quality import generated, measure_of
from va_space.training.gan.train import train_generator

SMALL = {
    "resolution": 8,
    "batch_size": 8,
    "latent": 8,
    "channel_base": 128,
    "channel_max": 16,
    "path_every": 2,
    "gradient_every": 2,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pictures that are red on the left and of any brightness on the right."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for index in range(40):
        pixels = np.zeros((12, 16, 3), np.uint8)
        pixels[:, :8, 0] = random.integers(180, 255)
        pixels[:, 8:] = random.integers(0, 255)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    return folder


def run(folder, output, cache, **options):
    chosen = GeneratorOptions(**{**SMALL, "mirror": False, **options})
    return train_generator([folder], output, chosen, quality_pictures=0, cache=cache, accelerator="cpu")


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """60 steps at once."""
    output = tmp_path_factory.mktemp("runs") / "whole"
    run(folder, output, output.parent / "cache", kimg=0.48, snapshot_kimg=0.16)
    return output


@pytest.mark.slow
def test_it_learns(folder, trained, tmp_path):
    network = load_stylegan2(trained / "generator.safetensors")
    real = load_pictures([folder], 8, tmp_path).values / 127.5 - 1
    with torch.no_grad():
        pictures = network(torch.randn(64, 8), noise="const").clamp(-1, 1).numpy()
    untrained = type(network)(network.config)
    with torch.no_grad():
        noise = untrained(torch.randn(64, 8), noise="const").clamp(-1, 1).numpy()
    error, before = (np.abs(made.mean(axis=0) - real.mean(axis=0)).mean() for made in (pictures, noise))
    assert error < 0.7 * before
    assert pictures[:, 0, :, :3].mean() > pictures[:, 1, :, :3].mean() + 0.3  # red on the left


def test_what_a_training_leaves(trained):
    history = json.loads((trained / "history.json").read_text())
    assert [round(row["kimg"], 2) for row in history] == [0.16, 0.32, 0.48]
    assert {"d", "g", "r1", "path", "p", "sign", "seconds"} <= set(history[0])
    names = [path.name for path in sorted((trained / "samples").iterdir())]
    assert names == ["000020.png", "000040.png", "000060.png", "real.png"]
    with Image.open(trained / "samples" / "000060.png") as sheet:
        assert sheet.size == (64, 64)
    assert list((trained / "tensorboard").glob("events*"))


def test_stopped_and_continued_equals_uninterrupted_bit_for_bit(folder, trained, tmp_path):
    output = tmp_path / "resumed"
    run(folder, output, tmp_path, kimg=0.16, snapshot_kimg=0.16)
    run(folder, output, tmp_path, kimg=0.48, snapshot_kimg=0.32)
    ours, theirs = (torch.load(where / "last.pt", weights_only=True) for where in (output, trained))
    assert ours["step"] == theirs["step"] == 60
    for part in ("generator", "discriminator", "average"):
        assert all(torch.equal(v, theirs["trainer"][part][k]) for k, v in ours["trainer"][part].items()), part
    assert ours["trainer"]["p"] == theirs["trainer"]["p"]
    assert ours["trainer"]["path_mean"] == theirs["trainer"]["path_mean"]


def test_another_training_is_not_continued(folder, trained, tmp_path):
    with pytest.raises(CheckpointError, match=r"other options \(learning_rate\)"):
        run(folder, trained, tmp_path, learning_rate=0.1)


def test_divergence_and_wrong_options_are_explained(folder, tmp_path):
    with pytest.raises(ConfigError, match="diverged at step"):
        run(folder, tmp_path / "far", tmp_path, learning_rate=1e30, kimg=0.1)
    for wrong in ({"kimg": 0}, {"batch_size": 1}, {"path_every": 0}):
        with pytest.raises(ConfigError):
            GeneratorOptions(**wrong)
    with pytest.raises(CheckpointError, match="resolution of 24"):
        run(folder, tmp_path / "odd", tmp_path, resolution=24)
    with pytest.raises(DatasetError):
        run(tmp_path / "nowhere", tmp_path / "none", tmp_path)


def test_command(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("VA_SPACE_CACHE", str(tmp_path / "cache"))
    words = "--resolution 8 --kimg 0.02 --batch-size 8 --latent 8 --channel-base 64 --channel-max 8"
    words += " --quality-pictures 0 --accelerator cpu -o"
    result = CliRunner().invoke(app, ["train-generator", str(folder), *words.split(), str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert load_stylegan2(tmp_path / "out" / "generator.safetensors").config.resolution == 8


def test_batches_depend_on_the_generator_alone(folder, tmp_path):
    pictures = load_pictures([folder], 8, tmp_path)
    first, second, third = (
        draw_batch(pictures, 16, True, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
    assert first.shape == (16, 3, 8, 8)
    assert first.min() >= -1
    assert first.max() <= 1
    assert len({bool(picture[0, 0, 0] > 0.3) for picture in first}) == 2  # some are mirrored


def test_the_middle_square_is_not_distorted():
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = 255
    square = middle_square(Image.fromarray(pixels), 10)
    assert square.shape == (3, 10, 10)
    assert square[:, :, 1:-1].min() > 200


def test_gradient_penalty_of_a_linear_discriminator():
    weight = torch.randn(3, 4, 4)
    pictures = torch.randn(5, 3, 4, 4, requires_grad=True)
    penalty = gradient_penalty(pictures, (pictures * weight).sum(dim=(1, 2, 3)))
    assert float(penalty) == pytest.approx(0.5 * float(weight.square().sum()), rel=1e-5)


def test_path_lengths_of_a_linear_generator():
    """For pictures a·w of one pixel, ‖Jᵀy‖ is |a y| with y normal: its mean square is a²."""
    ws = torch.randn(4000, 2, 1, requires_grad=True)
    pictures = (3 * ws[:, 0]).view(-1, 1, 1, 1)
    lengths = path_lengths(pictures, ws, torch.Generator().manual_seed(0))
    # The second layer has no influence: the mean over layers halves the square.
    assert float(lengths.square().mean()) == pytest.approx(9 / 2, rel=0.1)


def test_minibatch_deviation():
    x = torch.randn(4, 2, 3, 3)
    deviation = minibatch_deviation(x)
    assert deviation.shape == (4, 1, 3, 3)
    assert float(deviation[0, 0, 0, 0]) == pytest.approx(float(x.std(dim=0, correction=0).mean()), rel=1e-4)
    assert minibatch_deviation(torch.ones(6, 2, 3, 3)).abs().max() < 1e-3


def test_discriminator_is_differentiable_twice():
    config = GeneratorOptions(**{**SMALL, "resolution": 16}).config
    torch.manual_seed(0)
    discriminator = Discriminator(config)
    pictures = torch.randn(4, 3, 16, 16, requires_grad=True)
    gradient_penalty(pictures, discriminator(pictures)).backward()
    gradients = [p.grad for name, p in discriminator.named_parameters() if "out.bias" not in name]
    assert all(g is None or g.isfinite().all() for g in gradients)
    assert sum(g is not None and bool(g.abs().sum() > 0) for g in gradients) > 8


def test_augmentation():
    torch.manual_seed(0)
    pictures = torch.rand(64, 3, 8, 8) * 2 - 1
    assert torch.equal(augment(pictures, 0.0, torch.Generator().manual_seed(0)), pictures)
    always = augment(pictures, 1.0, torch.Generator().manual_seed(0))
    assert always.shape == pictures.shape
    assert (always - pictures).flatten(1).abs().mean(dim=1).min() > 0.01
    seldom = augment(pictures, 0.02, torch.Generator().manual_seed(0))
    same = ((seldom - pictures).flatten(1).abs().amax(dim=1) < 1e-5).float().mean()
    assert 0.5 < same < 1
    inputs = pictures[:1, :, :4, :4].double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: augment(x, 0.7, torch.Generator().manual_seed(3)), (inputs,))


def test_turning_the_hue_keeps_grey():
    matrices = colour_matrices(50, 1.0, torch.Generator().manual_seed(0))
    grey = torch.tensor([0.3, 0.3, 0.3, 1.0])
    results = (matrices @ grey)[:, :3]
    assert (results - results.mean(dim=1, keepdim=True)).abs().max() < 1e-5
    assert results.std() > 0.1


def test_the_probability_follows_the_discriminator():
    probability = AdaptiveProbability(target=0.6, pictures=1000)
    for _ in range(20):
        probability.update(sign=0.9, count=10)
    assert probability.p == pytest.approx(0.2)
    for _ in range(50):
        probability.update(sign=0.1, count=10)
    assert probability.p == 0.0


def test_quality_is_the_frechet_distance_of_vectors(folder, trained, tiny_space, tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.training.gan.quality._inception", lambda device: None)
    pictures = load_pictures([folder], 8, tmp_path)
    network = load_stylegan2(trained / "generator.safetensors")
    quality = measure_of(pictures, 20, tiny_space, torch.device("cpu"))(network)
    chosen = np.linspace(0, len(pictures.records) - 1, 20).astype(int)
    real = tiny_space.encode(list(torch.from_numpy(pictures.values[chosen]))).astype(np.float64)
    made = next(generated(network, 20, torch.device("cpu")))
    fake = tiny_space.encode(list(made)).astype(np.float64)
    first, second = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    expected = ((real.mean(0) - fake.mean(0)) ** 2).sum()
    expected += np.trace(first + second - 2 * linalg.sqrtm(first @ second).real)
    assert quality["frechet_space"] == pytest.approx(expected, rel=1e-3)
    monkeypatch.setattr(
        "va_space.training.gan.quality.generated", lambda *_: [torch.from_numpy(pictures.values[chosen])]
    )
    same = measure_of(pictures, 20, tiny_space, torch.device("cpu"))(network)
    assert same["frechet_space"] == pytest.approx(0, abs=1e-4)


def test_quality_without_the_inception_network(folder, trained, tiny_space, tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.training.gan.quality._inception", lambda device: None)
    pictures = load_pictures([folder], 8, tmp_path)
    network = load_stylegan2(trained / "generator.safetensors")
    quality = measure_of(pictures, 20, tiny_space, torch.device("cpu"))
    first, second = quality(network), quality(network)
    assert first == second
    assert 0 < first["frechet_space"] < math.inf
    assert quality(type(network)(network.config))["frechet_space"] > first["frechet_space"]
    assert measure_of(pictures, 20, None, torch.device("cpu"))(network) == {}
