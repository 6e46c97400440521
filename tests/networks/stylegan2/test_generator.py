"""StyleGAN2's generator: the golden arrays of the reference, and properties that need none."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from va_space.errors import CheckpointError
from va_space.networks.stylegan2 import layers
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import load_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.networks.stylegan2.operations import blur, modulated_convolution, upsample

OWN = Path(__file__).parents[2] / "golden" / "stylegan2"  # made by scripts/make_stylegan2_golden.py
OWNED = ["skip", "resnet", "conditional-clamped"]


def golden(name: str) -> tuple[StyleGAN2, dict[str, np.ndarray]]:
    """A network and its arrays: this project's own, or the reference's where they are."""
    if (OWN / f"{name}.npz").exists():
        with np.load(OWN / f"{name}.npz") as arrays:
            return load_stylegan2(OWN / f"{name}.safetensors"), dict(arrays)
    root = os.environ.get("VA_SPACE_DATA")
    folder = Path(root).resolve().parent / "stylegan2" if root else None
    if folder is None or not folder.is_dir():
        pytest.skip("golden arrays: no folder stylegan2 beside VA_SPACE_DATA")
    config = StyleGAN2Config.from_kwargs(json.loads((folder / f"{name}.init_kwargs.json").read_text()))
    network = StyleGAN2(config)
    network.load_state_dict(load_file(folder / f"{name}.state_dict.safetensors"))
    with np.load(folder / f"{name}.golden.npz") as arrays:
        return network, dict(arrays)


@pytest.mark.parametrize("gradients", [False, True], ids=["inference", "gradients"])
@pytest.mark.parametrize("rows", [slice(0, 3), slice(1, 2)], ids=["batch", "single"])
@pytest.mark.parametrize("name", [*OWNED, "tiny-32-resnet", "tiny-32-unconditional", "tiny-64-conditional"])
def test_golden_arrays(name, rows, gradients):
    network, arrays = golden(name)
    network.requires_grad_(gradients)
    assert network.config.conv_clamp == (1.0 if name.endswith("clamped") else None)
    z, c = torch.from_numpy(arrays["z"][rows]), torch.from_numpy(arrays["c"][rows])
    results = {
        "ws_psi1": network.mapping(z, c),
        "ws_psi07": network.mapping(z, c, truncation=0.7),
        "image_const_psi07": network(z, c, truncation=0.7, noise="const"),
        "image_nonoise_psi1": network(z, c, noise="none"),
    }
    for key, result in results.items():
        error = np.abs(result.detach().numpy() - arrays[key][rows]).max()
        assert error < 1e-5 * np.ptp(arrays[key]), key


def tiny(resolution: int = 16, **options) -> StyleGAN2:
    torch.manual_seed(0)
    values = {"z_dim": 8, "w_dim": 8, "mapping_layers": 2, "channel_base": 128, "channel_max": 12}
    network = StyleGAN2(StyleGAN2Config(resolution=resolution, **{**values, **options}))
    for name, parameter in network.named_parameters():
        if name.endswith("noise_strength"):
            parameter.data.fill_(0.3)
    return network


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
@pytest.mark.parametrize("resolution", [8, 32])
def test_shapes_of_any_resolution(resolution, architecture):
    network = tiny(resolution, architecture=architecture, img_channels=1, c_dim=2)
    pictures = network(torch.randn(3, 8), torch.eye(3, 2))
    assert pictures.shape == (3, 1, resolution, resolution)
    assert len(network.synthesis.noise_maps) == network.config.num_ws - 1


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("count", [1, 3])
def test_modulated_convolution_equals_scaled_weights_sample_by_sample(count, scaled, up):
    torch.manual_seed(0)
    x, weight = torch.randn(count, 5, 9, 9).double(), torch.randn(4, 5, 3, 3).double()
    styles, bias = torch.randn(count, 5).double(), torch.randn(4).double()
    factors = torch.randn(count, 4).double() if scaled else None
    expected = []
    for index, sample in enumerate(x):
        own = weight * styles[index, None, :, None, None]
        if factors is not None:
            own = own * factors[index, :, None, None, None]
        if up:
            spread = functional.conv_transpose2d(sample[None], own.transpose(0, 1), stride=2)
            expected.append(blur(spread, 1, gain=4.0) + bias[:, None, None])
        else:
            expected.append(functional.conv2d(sample[None], own, bias, padding=1))
    for gradients in (False, True):
        styles.requires_grad_(gradients)
        result = modulated_convolution(x, weight, styles, factors=factors, bias=bias, up=up)
        torch.testing.assert_close(result, torch.cat(expected))


def test_wide_networks_are_the_same_with_and_without_gradients():
    network = tiny(16, channel_base=8192, channel_max=256)
    ws = network.mapping(torch.randn(2, 8)).detach()
    with_gradients = network.synthesis(ws, noise="const").detach()
    with torch.no_grad():
        torch.testing.assert_close(network.synthesis(ws, noise="const"), with_gradients, atol=1e-4, rtol=1e-4)
        alone = network.for_inference().synthesis(ws[:1], noise="const")
    torch.testing.assert_close(alone, with_gradients[:1], atol=1e-4, rtol=1e-4)


def test_gradients_after_inference_mode():
    network = tiny(channel_base=8192, channel_max=256).for_inference()
    ws = network.mapping(torch.randn(1, 8))
    with torch.inference_mode():
        before = network.synthesis(ws, noise="none")
    ws = ws.clone().requires_grad_()
    after = network.synthesis(ws, noise="none")
    after.sum().backward()
    assert ws.grad.abs().sum() > 0
    torch.testing.assert_close(after.detach(), before.clone(), atol=1e-4, rtol=1e-4)


def test_weights_may_change_between_pictures():
    network, z = tiny(), torch.randn(1, 8)
    with torch.no_grad():
        before = network(z, noise="none")
        other = tiny(16)
        for name in ("conv0", "conv1"):
            getattr(network.synthesis.b16, name).weight.mul_(torch.linspace(-1, 2, 9).view(3, 3))
            getattr(other.synthesis.b16, name).weight.mul_(torch.linspace(-1, 2, 9).view(3, 3))
        after = network(z, noise="none")
    assert not torch.allclose(before, after)
    torch.testing.assert_close(after, other(z, noise="none").detach(), atol=1e-5, rtol=1e-5)


def test_resampling_equals_upfirdn():
    signal = pytest.importorskip("scipy.signal")
    taps = np.array([1, 3, 3, 1]) / 8
    x = np.random.default_rng(0).normal(size=(7, 6))

    def resampled(up: int, down: int, gain: float, padding: tuple[int, int]) -> np.ndarray:
        result = x
        for axis in (0, 1):
            padded = np.pad(result, [padding if a == axis else (0, 0) for a in (0, 1)]) if up == 1 else result
            result = signal.upfirdn(taps * gain, padded, up=up, axis=axis)
            if up == 1:
                result = np.take(result, range(3, result.shape[axis] - 3), axis=axis)
                result = np.take(result, range(0, result.shape[axis], down), axis=axis)
        return result

    ours = torch.from_numpy(x)[None, None]
    up = resampled(2, 1, 2.0, (0, 0))
    # upfirdn gives 2 n + 2 numbers (zeros between, four taps); the picture is the 2 n from the second on.
    np.testing.assert_allclose(upsample(ours)[0, 0].numpy(), up[1:, 1:][:14, :12], atol=1e-6)
    for padding, stride in ((1, 2), (2, 1), ((2, 1), 1)):
        sides = padding if isinstance(padding, tuple) else (padding, padding)
        expected = resampled(1, stride, 1.0, sides)
        np.testing.assert_allclose(blur(ours, padding, stride=stride)[0, 0].numpy(), expected, atol=1e-6)


def test_gradients_are_finite_and_right():
    network = tiny(8).double().requires_grad_(False)
    ws = torch.randn(2, network.config.num_ws, 8).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda w: network.synthesis(w, noise="const"), (ws,))
    single = tiny(64, channel_base=2048, channel_max=64)
    z = torch.randn(4, 8, requires_grad=True)
    single(z).square().mean().backward()
    gradients = [z.grad, *(p.grad for p in single.parameters())]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


@pytest.mark.parametrize("noise", ["const", "none", "maps"])
def test_gradients_with_frozen_weights(noise):
    """For one picture they are formed otherwise; they are the same, for latents and for noise."""
    network = tiny(16, conv_clamp=0.5).double()
    ws = torch.randn(1, network.config.num_ws, 8, generator=torch.Generator().manual_seed(0)).double()

    def gradients(frozen: bool) -> list[torch.Tensor]:
        network.requires_grad_(not frozen)
        latents = ws.clone().requires_grad_()
        maps = [each.clone().requires_grad_() for each in network.synthesis.noise_maps]
        pictures = network.synthesis(latents, noise=maps if noise == "maps" else noise)
        wanted = [pictures, latents, *(maps if noise == "maps" else [])]
        return [pictures.detach(), *torch.autograd.grad(pictures.square().sum(), wanted[1:])]

    used = []
    original = layers.FrozenLayer.apply
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers.FrozenLayer, "apply", lambda *a: used.append(a[-1]) or original(*a))
        frozen = gradients(True)
        assert set(used) == {False, True}  # with and without upsampling
        used.clear()
        ordinary = gradients(False)
        assert not used
    for ours, theirs in zip(frozen, ordinary, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-8)


def test_gradients_are_finite_with_extreme_latents():
    network = tiny()
    for scale in (0.0, 1e-20, 1e4):
        ws = torch.full((1, network.config.num_ws, 8), scale, requires_grad=True)
        network.synthesis(ws, noise="const").sum().backward()
        assert ws.grad.isfinite().all()


def test_noise():
    network = tiny().eval()
    ws = network.mapping(torch.randn(1, 8))

    def render(noise, seed=0):
        return network.synthesis(ws, noise=noise, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(render("const"), render("const", 1))
    assert torch.equal(render("none"), render("none", 1))
    assert torch.equal(render("random"), render("random"))
    assert not torch.equal(render("random"), render("random", 1))
    torch.testing.assert_close(render(network.synthesis.noise_maps), render("const"))
    assert not torch.allclose(render("none"), render("const"))
    for wrong in ("constant", network.synthesis.noise_maps[:-1]):
        with pytest.raises(ValueError, match="noise"):
            render(wrong)


def test_truncation():
    network = tiny()
    network.mapping.w_avg.normal_()
    z = torch.randn(2, 8)
    ws, mean = network.mapping(z), network.mapping.w_avg
    assert torch.equal(network.mapping(z, truncation=0.0), mean.expand_as(ws))
    torch.testing.assert_close(network.mapping(z, truncation=0.5), (ws + mean) / 2)
    partly = network.mapping(z, truncation=0.5, cutoff=2)
    torch.testing.assert_close(partly[:, :2], (ws + mean)[:, :2] / 2)
    assert torch.equal(partly[:, 2:], ws[:, 2:])


def test_conditions_matter_and_are_asked_for():
    network, plain = tiny(c_dim=3), tiny()
    z = torch.randn(2, 8)
    first, second = (network(z, torch.eye(3)[[k, k]], noise="none") for k in (0, 1))
    assert not torch.allclose(first, second)
    for wrong in (lambda: network(z), lambda: network(z, torch.eye(2)), lambda: plain(z, torch.eye(2))):
        with pytest.raises(ValueError, match="c must"):
            wrong()


def test_clamping_limits_every_layer():
    free, clamped = tiny(), tiny(conv_clamp=0.05)
    z = torch.randn(2, 8)
    blocks = len(free.config.resolutions)
    assert free(z, noise="none").abs().max() > 0.05 * blocks
    assert clamped(z, noise="none").abs().max() <= 0.05 * blocks


def test_wrong_shapes_are_explained():
    network = tiny()
    with pytest.raises(ValueError, match=r"z must have the shape \(n, 8\), not \(2, 9\)"):
        network(torch.zeros(2, 9))
    with pytest.raises(ValueError, match=r"ws must have the shape \(n, 6, 8\)"):
        network.synthesis(torch.zeros(2, 4, 8))


def test_construction_arguments():
    config = tiny(c_dim=3, architecture="resnet", conv_clamp=256).config
    assert StyleGAN2Config.from_kwargs(config.to_kwargs()) == config
    top = {"z_dim": 8, "c_dim": 0, "w_dim": 8, "img_resolution": 16, "img_channels": 3}
    newer = StyleGAN2Config.from_kwargs(
        {**top, "channel_base": 64, "fused_modconv_default": "inference_only"}
    )
    assert newer.channel_base == 64
    wrong = [
        {},
        {**top, "img_resolution": 24},
        {**top, "img_resolution": 4},
        {**top, "img_resolution": "16"},
        {**top, "img_resolution": 2**20},
        {**top, "z_dim": -1},
        {**top, "z_dim": True},
        {**top, "channel_base": 8},
        {**top, "mapping_kwargs": 3},
        {**top, "mapping_kwargs": {"num_layers": 10**9}},
        {**top, "magnitude_ema_beta": 0.9},
        {**top, "mapping_kwargs": {"num_layers": 2.5}},
        {**top, "mapping_kwargs": {"activation": "relu"}},
        {**top, "synthesis_kwargs": {"architecture": "unet"}},
        {**top, "synthesis_kwargs": {"resample_filter": [1, 1]}},
    ]
    for kwargs in wrong:
        with pytest.raises(CheckpointError):
            StyleGAN2Config.from_kwargs(kwargs)
