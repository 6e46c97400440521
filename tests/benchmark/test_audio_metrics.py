"""Each metric on cases whose value is known."""

import math

import pytest
import torch

from va_space.benchmark.audio_metrics import (
    FrechetAudioDistance,
    InceptionScore,
    KernelAudioDistance,
    clap_score,
    fad_infinity,
    frechet_audio_distance,
    inception_score,
    kernel_audio_distance,
    posterior_kl,
    total_harmonic_distortion,
)


def gaussian(n: int, seed: int, features: int = 6) -> torch.Tensor:
    return torch.randn(n, features, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_kad_is_the_literal_double_sum():
    x, y, width = gaussian(7, 0), gaussian(5, 1) + 0.5, 1.7

    def k(a, b):
        return math.exp(-float((a - b).square().sum()) / (2 * width**2))

    xx = sum(k(x[i], x[j]) for i in range(7) for j in range(7) if i != j) / (7 * 6)
    yy = sum(k(y[i], y[j]) for i in range(5) for j in range(5) if i != j) / (5 * 4)
    xy = sum(k(a, b) for a in x for b in y) / 35
    assert float(kernel_audio_distance(x, y, width)) == pytest.approx(100 * (xx + yy - 2 * xy), rel=1e-9)


def test_kad_is_unbiased_where_fad_is_not():
    kad = torch.stack([kernel_audio_distance(gaussian(20, s), gaussian(200, 1000 + s)) for s in range(40)])
    fad = torch.stack([frechet_audio_distance(gaussian(20, s), gaussian(200, 1000 + s)) for s in range(40)])
    assert abs(float(kad.mean())) < 2.5 * float(kad.std()) / math.sqrt(40)
    assert float(fad.mean()) > 10 * float(fad.std()) / math.sqrt(40)


def test_fad_of_gaussians_with_exact_moments():
    # Points +-a on each axis have mean 0 and a diagonal covariance: the distance is sum (s1 - s2)^2 + d^2.
    axes = torch.eye(3, dtype=torch.float64)
    x = torch.cat([axes * torch.tensor([1.0, 2.0, 3.0]), -axes * torch.tensor([1.0, 2.0, 3.0])])
    y = torch.cat([axes * torch.tensor([2.0, 2.0, 5.0]), -axes * torch.tensor([2.0, 2.0, 5.0])]) + 1.5
    scale = math.sqrt(2 / 5)  # unbiased deviation of (a, -a, 0, 0, 0, 0)
    expected = scale**2 * (1 + 0 + 4) + 3 * 1.5**2
    assert float(frechet_audio_distance(x, y)) == pytest.approx(expected, rel=1e-9)


def test_fad_agrees_with_scipy_where_its_root_is_real():
    from scipy.linalg import sqrtm

    x, y = gaussian(60, 2), gaussian(80, 3) * 1.5 + 0.2
    first, second = torch.cov(x.T).numpy(), torch.cov(y.T).numpy()
    root = sqrtm(first @ second).real
    expected = float((x.mean(0) - y.mean(0)).square().sum()) + (first + second - 2 * root).trace()
    assert float(frechet_audio_distance(x, y)) == pytest.approx(float(expected), rel=1e-6)


def test_fad_survives_fewer_sounds_than_features():
    value = frechet_audio_distance(gaussian(5, 0, 40), gaussian(6, 1, 40))
    assert torch.isfinite(value)
    assert float(frechet_audio_distance(gaussian(5, 0, 40), gaussian(5, 0, 40))) == pytest.approx(0, abs=1e-6)


def test_extrapolation_takes_most_of_the_bias_away():
    reference = gaussian(4000, 9)
    plain = [float(frechet_audio_distance(gaussian(40, s), reference)) for s in range(10)]
    endless = [float(fad_infinity(gaussian(40, s), reference)) for s in range(10)]
    assert abs(sum(endless)) < 0.35 * sum(plain)


def test_inception_score_at_its_ends():
    assert float(inception_score(torch.full((6, 4), 0.25))) == pytest.approx(1)
    assert float(inception_score(torch.eye(4).repeat(3, 1))) == pytest.approx(4)


def test_kl_of_pairs():
    p, q = torch.tensor([[0.9, 0.1]]), torch.tensor([[0.5, 0.5]])
    assert float(posterior_kl(q, p)) == pytest.approx(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    assert float(posterior_kl(p, p)) == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="paired"):
        posterior_kl(p, p.repeat(2, 1))


def test_thd_of_a_sine_and_of_an_octave():
    t = torch.arange(32000, dtype=torch.float64) / 16000
    tone = torch.sin(2 * torch.pi * 330 * t)
    assert float(total_harmonic_distortion(tone, 16000)) < 1e-3
    third = tone + 0.3 * torch.sin(2 * torch.pi * 990 * t)
    assert float(total_harmonic_distortion(third, 16000)) == pytest.approx(0.3, abs=0.005)
    # Why it is unfit for music: an octave of two clean tones counts as pure distortion.
    octave = tone + torch.sin(2 * torch.pi * 660 * t)
    assert float(total_harmonic_distortion(1.001 * tone + octave - tone, 16000)) == pytest.approx(1, abs=0.01)


def test_clap_score_is_a_mean_cosine():
    a = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    assert float(clap_score(a, torch.tensor([[0.0, 1.0], [1.0, 1.0]]))) == pytest.approx(0.5)


def test_modules_gather_what_functions_are_given():
    x, y = gaussian(30, 4), gaussian(40, 5) + 1
    for module, function in (
        (KernelAudioDistance(), kernel_audio_distance),
        (FrechetAudioDistance(), frechet_audio_distance),
        (FrechetAudioDistance(extrapolate=True), fad_infinity),
    ):
        with pytest.raises(ValueError, match="both sets"):
            module.compute()
        module.update(x[:10], real=False)
        module.update(x[10:], real=False)
        module.update(y, real=True)
        assert float(module.compute()) == pytest.approx(float(function(x, y)), rel=1e-6)
        module.reset()
    score = InceptionScore()
    score.update(torch.eye(4))
    score.update(torch.eye(4))
    assert float(score.compute()) == pytest.approx(4)


@pytest.mark.parametrize("bad", [torch.zeros(1, 3), torch.full((4, 3), torch.nan), torch.zeros(4)])
def test_sets_that_have_no_distance(bad):
    with pytest.raises(ValueError, match="first set"):
        kernel_audio_distance(bad, torch.zeros(4, 3))
