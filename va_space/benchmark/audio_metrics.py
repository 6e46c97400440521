"""Distances between sets of sounds and single numbers of them, as functions and as torchmetrics modules.

Each says something else, and none says whether music is good:

- KAD, kernel audio distance (Chung et al. 2025): 100 times the unbiased squared maximum mean discrepancy with
  a Gaussian kernel. Unbiased at any n: the headline.
- FAD, Frechet audio distance (Kilgour et al. 2019): biased upwards for small n; :func:`fad_infinity`
  extrapolates to infinitely many (Gui et al. 2024).
- IS and KL of a classifier's posteriors.
- THD, total harmonic distortion: meant for a single sine; chords have overtones of their own by design.
- CLAP score: cosine of the embeddings of sound and text that a user brings.

Needs the extra ``benchmark``.
"""

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.data import dim_zero_cat


def kernel_audio_distance(first: Tensor, second: Tensor, bandwidth: float | None = None) -> Tensor:
    """100 times the unbiased squared MMD of two sets with the kernel exp(-d^2 / (2 bandwidth^2)).

    Args:
        first: (n, f) embeddings of what is compared, n at least 2.
        second: (m, f) embeddings of the reference, m at least 2.
        bandwidth: Of the kernel; by default the median distance within the reference, as its authors do.

    Returns:
        A scalar, 0 in expectation for sets of one distribution; it may be a little below.

    Example:
        >>> import torch
        >>> x = torch.zeros(4, 2); y = torch.ones(4, 2)
        >>> round(float(kernel_audio_distance(x, y, bandwidth=1.0)), 3)  # 100 * (1 + 1 - 2 exp(-1))
        126.424
    """
    x, y = _pair(first, second, least=2)
    if bandwidth is None:
        distances = torch.pdist(y)
        bandwidth = float(distances.median()) or 1.0
    scale = -0.5 / bandwidth**2
    n, m = len(x), len(y)
    within_x = torch.exp(scale * torch.cdist(x, x).square()).sum() - n
    within_y = torch.exp(scale * torch.cdist(y, y).square()).sum() - m
    across = torch.exp(scale * torch.cdist(x, y).square()).mean()
    return 100 * (within_x / (n * (n - 1)) + within_y / (m * (m - 1)) - 2 * across)


def frechet_audio_distance(first: Tensor, second: Tensor) -> Tensor:
    """Frechet distance of the Gaussians with the means and covariances of two sets.

    The trace of the root of the covariances' product is taken from the eigenvalues of a symmetric matrix of
    the same spectrum, which stays real where the root of a product does not.

    Args:
        first: (n, f) embeddings, n at least 2.
        second: (m, f) embeddings, m at least 2.

    Returns:
        A scalar, at least 0.

    Example:
        >>> import torch
        >>> x = torch.tensor([[-1.0], [1.0]]); float(frechet_audio_distance(x, x + 3))
        9.0
    """
    x, y = _pair(first, second, least=2)
    first_covariance, second_covariance = torch.cov(x.T), torch.cov(y.T)
    if x.shape[1] == 1:
        first_covariance, second_covariance = first_covariance.reshape(1, 1), second_covariance.reshape(1, 1)
    values, vectors = torch.linalg.eigh(first_covariance)
    root = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    spectrum = torch.linalg.eigvalsh(root @ second_covariance @ root)
    between = (x.mean(dim=0) - y.mean(dim=0)).square().sum()
    traces = first_covariance.trace() + second_covariance.trace() - 2 * spectrum.clamp_min(0).sqrt().sum()
    return (between + traces).clamp_min(0)


def fad_infinity(first: Tensor, second: Tensor, *, steps: int = 8, seed: int = 0) -> Tensor:
    """FAD extrapolated to infinitely many sounds: the intercept of a line over 1 / n.

    Args:
        first: (n, f) embeddings, n at least 8; subsets of them are drawn without replacement.
        second: (m, f) embeddings of the reference, all of which are used each time.
        steps: How many sizes, from a quarter of n up to n.
        seed: Of the draws.
    """
    x, y = _pair(first, second, least=8)
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.linspace(len(x) / 4, len(x), steps).round().long().clamp_min(4)
    values = []
    for size in sizes.tolist():
        drawn = [
            torch.randperm(len(x), generator=generator)[:size] for _ in range(1 if size == len(x) else 4)
        ]
        values.append(torch.stack([frechet_audio_distance(x[rows], y) for rows in drawn]).mean())
    design = torch.stack([1 / sizes.double(), torch.ones(steps, dtype=torch.float64)], dim=1)
    return torch.linalg.lstsq(design, torch.stack(values)[:, None]).solution[1, 0]


def inception_score(posteriors: Tensor) -> Tensor:
    """The exponential of the mean KL divergence of each posterior from their mean (Salimans et al. 2016).

    Args:
        posteriors: (n, c) probabilities of classes; each row sums to 1.

    Returns:
        A scalar from 1 (all alike) to c (each sure, all classes alike frequent).

    Example:
        >>> import torch
        >>> round(float(inception_score(torch.eye(5))), 6)
        5.0
    """
    p = _posteriors(posteriors)
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, p.mean(dim=0))).sum(dim=1).mean().exp()


def posterior_kl(generated: Tensor, reference: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence of the reference's posteriors from those of generated sounds, by pair.

    Args:
        generated: (n, c) probabilities of classes.
        reference: (n, c) likewise, of the sound that each is compared with.

    Example:
        >>> import torch
        >>> p = torch.tensor([[0.5, 0.5]]); q = torch.tensor([[0.25, 0.75]])
        >>> round(float(posterior_kl(q, p)), 4)  # 0.5 ln 2 + 0.5 ln (2 / 3)
        0.1438
    """
    q, p = _posteriors(generated), _posteriors(reference)
    if p.shape != q.shape:
        raise ValueError(
            f"posteriors have the shapes {tuple(q.shape)} and {tuple(p.shape)}: they must be paired"
        )
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q.clamp_min(1e-12))).sum(dim=1).mean()


def total_harmonic_distortion(sound: Tensor, sample_rate: int, harmonics: int = 5) -> Tensor:
    """Root of the power of the harmonics beside that of the strongest partial.

    Made for one sine: two clean tones an octave apart have 1.0. It is here because papers print it.

    Args:
        sound: (..., n) samples.
        sample_rate: Samples a second.
        harmonics: How many, from the second on.

    Returns:
        (...) ratios, 0 for a pure sine.

    Example:
        >>> import torch
        >>> t = torch.arange(16000) / 16000
        >>> tone = torch.sin(2 * torch.pi * 440 * t) + 0.1 * torch.sin(2 * torch.pi * 880 * t)
        >>> round(float(total_harmonic_distortion(tone, 16000)), 3)
        0.1
    """
    samples = sound.shape[-1]
    window = torch.blackman_window(samples, periodic=True, dtype=torch.float64)
    power = torch.fft.rfft(sound.double() * window).abs().square()
    resolution = sample_rate / samples
    lowest = max(4, round(20 / resolution))
    width = 3
    peak = power[..., lowest:].argmax(dim=-1, keepdim=True) + lowest
    offsets = torch.arange(-width, width + 1)

    def at(bins: Tensor) -> Tensor:
        places = bins + offsets
        inside = (places >= 0) & (places < power.shape[-1])
        return (power.gather(-1, places.clamp(0, power.shape[-1] - 1)) * inside).sum(dim=-1)

    fundamental = at(peak)
    overtones = torch.stack([at(peak * number) for number in range(2, 2 + harmonics)]).sum(dim=0)
    return (overtones / fundamental.clamp_min(1e-20)).sqrt()


def clap_score(sounds: Tensor, texts: Tensor) -> Tensor:
    """Mean cosine of the embeddings of sounds and of their texts, in a space that both share.

    Args:
        sounds: (n, f).
        texts: (n, f).

    Example:
        >>> import torch
        >>> float(clap_score(torch.eye(2), torch.eye(2)))
        1.0
    """
    if sounds.shape != texts.shape:
        raise ValueError(
            f"shapes {tuple(sounds.shape)} and {tuple(texts.shape)} differ: one text for each sound"
        )
    return torch.nn.functional.cosine_similarity(sounds.double(), texts.double(), dim=-1).mean()


class _TwoSets(Metric):
    """Keeps two sets of embeddings."""

    is_differentiable = False
    full_state_update = False
    generated: list[Tensor]
    reference: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        self.add_state("generated", default=[], dist_reduce_fx="cat")
        self.add_state("reference", default=[], dist_reduce_fx="cat")

    def update(self, embeddings: Tensor, *, real: bool) -> None:
        """Add (n, f) embeddings to the reference (``real``) or to what is compared with it."""
        (self.reference if real else self.generated).append(embeddings.detach())

    def _sets(self) -> tuple[Tensor, Tensor]:
        if not len(self.generated) or not len(self.reference):
            raise ValueError("update with embeddings of both sets first")
        return dim_zero_cat(self.generated), dim_zero_cat(self.reference)


class KernelAudioDistance(_TwoSets):
    """:func:`kernel_audio_distance` of all embeddings.

    Example:
        >>> import torch
        >>> metric = KernelAudioDistance()
        >>> metric.update(torch.randn(50, 3), real=True); metric.update(5 + torch.randn(50, 3), real=False)
        >>> bool(metric.compute() > 20)
        True
    """

    higher_is_better = False

    def compute(self) -> Tensor:
        """The distance."""
        return kernel_audio_distance(*self._sets())


class FrechetAudioDistance(_TwoSets):
    """:func:`frechet_audio_distance` of all embeddings, or :func:`fad_infinity`.

    Args:
        extrapolate: To infinitely many sounds.
    """

    higher_is_better = False

    def __init__(self, *, extrapolate: bool = False) -> None:
        super().__init__()
        self.extrapolate = extrapolate

    def compute(self) -> Tensor:
        """The distance."""
        return fad_infinity(*self._sets()) if self.extrapolate else frechet_audio_distance(*self._sets())


class InceptionScore(Metric):
    """:func:`inception_score` of all posteriors."""

    is_differentiable = False
    full_state_update = False
    higher_is_better = True
    posteriors: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        self.add_state("posteriors", default=[], dist_reduce_fx="cat")

    def update(self, posteriors: Tensor) -> None:
        """Add (n, c) probabilities."""
        self.posteriors.append(posteriors.detach())

    def compute(self) -> Tensor:
        """The score."""
        return inception_score(dim_zero_cat(self.posteriors))


def _pair(first: Tensor, second: Tensor, least: int) -> tuple[Tensor, Tensor]:
    for name, each in (("first", first), ("second", second)):
        if each.ndim != 2 or len(each) < least:
            raise ValueError(
                f"the {name} set has the shape {tuple(each.shape)}: must be (at least {least}, features)"
            )
        if not torch.isfinite(each).all():
            raise ValueError(f"the {name} set has NaN or infinite embeddings")
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"embeddings have {first.shape[1]} and {second.shape[1]} features")
    return first.double(), second.double()


def _posteriors(values: Tensor) -> Tensor:
    p = values.double()
    if p.ndim != 2 or (p < 0).any() or not torch.allclose(p.sum(dim=1), p.new_ones(len(p)), atol=1e-3):
        raise ValueError("posteriors must be (n, classes), not negative, and sum to 1")
    return p
