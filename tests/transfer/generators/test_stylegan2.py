"""StyleGAN2 as a generator for one picture: inversion, distances, restyling."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from va_space.errors import CheckpointError
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.targets import MusicTarget
from va_space.transfer.generators.stylegan2 import StyleGAN2Generator, stylegan2_generator
from va_space.transfer.inversion.perceptual import PerceptualDistance
from va_space.transfer.inversion.stylegan2 import (
    Inversion,
    invert,
    latent_statistics,
    noise_penalty,
    render,
)
from va_space.transfer.optimise import optimise


def make(resolution: int = 16, **options) -> StyleGAN2:
    torch.manual_seed(1)
    values = {"z_dim": 8, "w_dim": 12, "mapping_layers": 2, "channel_base": 256, "channel_max": 16}
    network = StyleGAN2(StyleGAN2Config(resolution=resolution, **{**values, **options})).for_inference()
    for name, parameter in network.named_parameters():
        if name.endswith("torgb.weight"):
            parameter.mul_(0.3)  # so that few pixels lie outside [0, 1]
        elif name.endswith("noise_strength"):
            parameter.fill_(0.05)
    return network


@pytest.fixture(scope="module")
def network():
    return make()


@pytest.fixture(scope="module")
def picture(network):
    """One that the network makes."""
    z = torch.randn(1, 8, generator=torch.Generator().manual_seed(5))
    return ((network(z, noise="const") + 1) / 2).clamp(0, 1)


@pytest.fixture(scope="module")
def found(tiny_space, network, picture):
    return invert(network, picture, tiny_space, steps=40)


@pytest.mark.slow
def test_inversion_comes_near(tiny_space, network, picture, found):
    mean = latent_statistics(network).mean[None]
    start = render(network, mean, network.synthesis.noise_maps)
    before = float(-10 * torch.log10((start - picture).square().mean()))
    assert found.psnr > before + 5
    again = render(network, found.latent[None], found.noise)
    assert float(-10 * torch.log10((again - picture).square().mean())) == pytest.approx(found.psnr, abs=1e-3)
    assert found.latent.shape == (network.config.num_ws, 12)
    assert not found.latent.requires_grad


@pytest.mark.slow
def test_w_stays_one_latent_for_all_layers(tiny_space, network, picture):
    calls = []
    options = {"latent_space": "w", "steps": 8, "progress": lambda *at: calls.append(at)}
    found = invert(network, picture, tiny_space, **options)
    assert found.latent.shape == (12,)
    assert calls == [(step, 8) for step in range(1, 9)]
    repeated = invert(network, picture, tiny_space, **options)
    assert torch.equal(found.latent, repeated.latent)
    other = invert(network, picture, tiny_space, **options, seed=1)
    assert not torch.equal(found.latent, other.latent)


def test_noise_stays_noise(found):
    assert float(noise_penalty(found.noise)) < 0.05
    for noise in found.noise[2:]:
        assert float(noise.mean()) == pytest.approx(0, abs=1e-4)
        assert float(noise.std()) == pytest.approx(1, abs=1e-3)


def test_noise_penalty():
    white = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.avg_pool2d(white[None, None], 5, 1, 2)[0, 0]
    assert float(noise_penalty([white])) < 0.2
    assert float(noise_penalty([smooth / smooth.std()])) > 1
    assert float(noise_penalty([torch.ones(4, 4)])) == pytest.approx(2)


def test_nothing_global_is_touched(tiny_space, network, picture):
    before = torch.get_rng_state(), [p.clone() for p in tiny_space.model.parameters()]
    weights = [p.clone() for p in network.parameters()]
    with torch.no_grad():
        invert(network, picture, tiny_space, steps=2)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert all(map(torch.equal, tiny_space.model.parameters(), before[1]))
    assert all(map(torch.equal, network.parameters(), weights))
    assert all(p.grad is None for p in [*tiny_space.model.parameters(), *network.parameters()])


def test_perceptual_distance(tiny_space):
    picture = torch.rand(1, 3, 21, 30, generator=torch.Generator().manual_seed(0))
    distance = PerceptualDistance(tiny_space, picture)
    others = torch.cat([picture, 0.9 * picture, picture.flip(3), 1 - picture]).requires_grad_()
    values = distance(others)
    equal, darker, mirrored, negative = values.tolist()
    assert values.shape == (4,)
    assert equal == pytest.approx(0, abs=1e-6)
    assert 0 < darker < negative
    assert mirrored > 1e-4  # it knows left from right
    (gradient,) = torch.autograd.grad(values.sum(), others)
    assert gradient.isfinite().all()


def test_what_the_optimiser_asks_for(network, found):
    for inversion in (found, Inversion(found.latent[0], found.noise, 0.0)):
        generator = StyleGAN2Generator(network, inversion)
        assert generator.origin.shape == (1, *generator.latent_shape)
        latents = (generator.origin + torch.randn(3, *generator.latent_shape)).requires_grad_()
        pictures = generator.render(latents)
        assert pictures.shape == (3, 3, 16, 16)
        assert pictures.min() >= 0
        assert pictures.max() <= 1
        assert float(generator.distance(generator.origin)) == pytest.approx(0, abs=1e-6)
        assert (generator.distance(latents) > 0).all()
        pictures.mean().backward()
        assert latents.grad.isfinite().all()
        assert latents.grad.abs().sum() > 0


@pytest.mark.parametrize("layers", [False, True])
def test_random_latents_are_about_one_apart(network, found, layers):
    w = network.mapping(torch.randn(400, 8, generator=torch.Generator().manual_seed(3)))
    ws = w if layers else w[:, 0]
    distances = [
        float(StyleGAN2Generator(network, Inversion(origin, found.noise, 0.0)).distance(ws).mean())
        for origin in ws[:20]
    ]
    assert np.mean(distances) == pytest.approx(1, rel=0.15)


def test_restyling_moves_and_depends_on_the_target(tiny_space, network, found):
    generator = StyleGAN2Generator(network, found)
    random = np.random.default_rng(0)
    vectors = random.normal(size=(2, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    targets = [MusicTarget(str(i), np.full(2, 0.5, np.float32), vector=v) for i, v in enumerate(vectors)]
    way = optimise(tiny_space, generator, targets, strength=1, steps=12)
    assert (way.feeling[way.best, torch.arange(2)] < way.feeling[0]).all()
    first, second = generator.render(way.final)
    assert (first - second).abs().mean() > 1e-3


def test_from_a_file_and_a_picture_of_any_size(tiny_space, network, tmp_path):
    save_stylegan2(network, tmp_path / "network.safetensors")
    for size in ((1, 1), (300, 7)):
        image = Image.new("RGB", size, (200, 100, 50))
        generator = stylegan2_generator(tiny_space, image, tmp_path / "network.safetensors", steps=2)
        assert generator.render(generator.origin).shape == (1, 3, 16, 16)
        assert math.isfinite(generator.inversion.psnr)


def test_conditional_and_grey_networks(tiny_space):
    image = Image.new("RGB", (20, 20), (200, 100, 50))
    generator = stylegan2_generator(tiny_space, image, make(8, c_dim=3, img_channels=1), steps=2)
    red, green, blue = generator.render(generator.origin)[0]
    assert torch.equal(red, green)
    assert torch.equal(red, blue)
    with pytest.raises(CheckpointError, match="4 channels, not 1 or 3"):
        stylegan2_generator(tiny_space, image, make(8, img_channels=4), steps=2)


def test_wrong_arguments(tiny_space, network, picture):
    with pytest.raises(ValueError, match=r"shape \(1, 3, 16, 16\)"):
        invert(network, picture[:, :, :8], tiny_space)
    for wrong in ({"latent_space": "z"}, {"steps": 0}):
        with pytest.raises(ValueError, match="latent space"):
            invert(network, picture, tiny_space, **wrong)
