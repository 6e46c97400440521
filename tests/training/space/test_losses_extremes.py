"""Losses at the edges: degenerate batches, rounding, low precision, wrong inputs."""

import importlib
import sys

import pytest
import torch
from pytorch_metric_learning.reducers import AvgNonZeroReducer, DoNothingReducer
from torch.nn.functional import normalize

from va_space.errors import MissingExtraError
from va_space.training.space import losses, reduced
from va_space.training.space.terms.cfm import CrossModalFeatureMatching
from va_space.training.space.terms.cfr import CrossModalFeatureRatio
from va_space.training.space.terms.quadrant import QuadrantLoss
from va_space.training.space.terms.sfr_pictures import SingleModalFeatureRatio
from va_space.training.space.terms.similarity import SimilarityLoss
from va_space.training.space.terms.va_pictures import ValenceArousalLoss

SIGMA = 0.4


def all_losses(p, m, va_p, va_m, **options):
    cfr = losses.cross_modal_feature_ratio(p, m, va_p, va_m, SIGMA, **options)
    cfm = losses.cross_modal_feature_matching(p, m, va_p, va_m, SIGMA, margin=0.0)
    return torch.stack([cfr, cfm, losses.single_modal_feature_ratio(p, va_p, **options)])


def features(n, seed=0, dimension=512):
    draw = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(n, dimension, generator=draw))


@pytest.mark.parametrize("sampled", [None, 3])
@pytest.mark.parametrize("same_labels", [False, True])
@pytest.mark.parametrize("same_features", [False, True])
@pytest.mark.parametrize("n", [2, 5])
def test_degenerate_batches_have_finite_losses_and_gradients(n, same_features, same_labels, sampled):
    p, m = (
        (features(1).repeat(n, 1), features(1).repeat(n, 1))
        if same_features
        else (features(n), features(n, 1))
    )
    va = torch.full((n, 2), 0.5) if same_labels else torch.rand(n, 2)
    p.requires_grad_()
    m.requires_grad_()
    values = all_losses(p, m, va, va, sampled=sampled)
    values.sum().backward()
    assert values.isfinite().all()
    assert p.grad.isfinite().all()
    assert m.grad.isfinite().all()


def test_features_of_zeros_are_finite():
    p = torch.zeros(4, 8, requires_grad=True)
    values = all_losses(p, p, torch.rand(4, 2), torch.rand(4, 2))
    values.sum().backward()
    assert values.isfinite().all()
    assert p.grad.isfinite().all()


@pytest.mark.parametrize("separation", [1e-2, 1e-3, 1e-4])
def test_distances_of_close_unit_vectors_keep_their_digits(separation):
    a = features(40)
    b = normalize(a + separation * features(40, 1))
    exact = (a.double() - b.double()).square().sum(1)
    found = losses.squared_distances(a, b).diagonal().double()
    assert found.dtype == torch.float64
    assert torch.allclose(found, exact, rtol=1e-6, atol=0)
    float32 = (a.square().sum(1) + b.square().sum(1) - 2 * (a @ b.T).diagonal()).double()
    assert separation == 1e-2 or not torch.allclose(float32, exact, rtol=1e-3, atol=0)


def test_identical_vectors_are_at_no_distance():
    a = features(40)
    assert losses.squared_distances(a, a).diagonal().abs().max() < 1e-14


def test_autocast_changes_nothing():
    inputs = (
        features(30).requires_grad_(),
        features(30, 1).requires_grad_(),
        torch.rand(30, 2),
        torch.rand(30, 2),
    )
    expected = all_losses(*inputs)
    gradients = torch.autograd.grad(expected.sum(), inputs[:2])
    with torch.autocast("cpu", torch.bfloat16):
        found = all_losses(*inputs)
    assert found.dtype == torch.float32
    assert torch.equal(found, expected)
    for a, b in zip(torch.autograd.grad(found.sum(), inputs[:2]), gradients, strict=True):
        assert torch.equal(a, b)


def test_half_precision_inputs_are_computed_in_float32():
    p, m = features(6).bfloat16(), features(6, 1).bfloat16()
    va = torch.rand(6, 2)
    assert all_losses(p, m, va, va).dtype == torch.float32
    assert torch.equal(all_losses(p, m, va, va), all_losses(p.float(), m.float(), va, va))
    predicted = torch.rand(6, 2).bfloat16()
    assert losses.valence_arousal_loss(predicted, va).dtype == torch.float32
    assert losses.quadrant_loss(predicted, torch.ones(6, dtype=torch.int64)).dtype == torch.float32
    assert losses.similarity_loss(torch.rand(6, 6).bfloat16(), va, va, SIGMA).dtype == torch.float32


def test_double_precision_labels_do_not_widen_the_loss():
    va = torch.rand(4, 2, dtype=torch.float64)
    assert all_losses(features(4), features(4, 1), va, va).dtype == torch.float32


ratio = losses.cross_modal_feature_ratio
matching = losses.cross_modal_feature_matching
single = losses.single_modal_feature_ratio
f, y = features(3), torch.rand(3, 2)
WRONG = [
    (lambda: ratio(f[:1], f[:1], y[:1], y[:1], SIGMA), "at least 2 rows"),
    (lambda: single(f[:1], y[:1]), "at least 2 rows"),
    (lambda: matching(f[:0], f[:0], y[:0], y[:0], SIGMA), "at least 1 row"),
    (lambda: losses.valence_arousal_loss(y[:0], y[:0]), "at least 1 row"),
    (lambda: ratio(f, f[:2], y, y, SIGMA), "rows differ"),
    (lambda: ratio(f, f, y, y, 0.0), "sigma"),
    (lambda: matching(f, f, y, y, float("nan")), "sigma"),
    (lambda: ratio(f, f, y, y, SIGMA, sign="paper"), "sign"),
    (lambda: ratio(f, f, y, y, SIGMA, floor=0.0), "floor"),
    (lambda: single(f, y, sampled=0), "sampled"),
    (lambda: matching(f, f, y, y, SIGMA, margin=-0.1), "margin"),
    (lambda: matching(f, f, y, y, SIGMA, weighting="S"), "weighting"),
    (lambda: losses.similarity_loss(y, y, y, SIGMA), "3 pictures and 3 tracks"),
    (lambda: losses.valence_arousal_loss(f, y), r"\(n, 2\)"),
    (lambda: losses.quadrant_loss(y, torch.tensor([0, 1, 2])), "1, 2, 3 or 4"),
    (lambda: losses.quadrant_loss(y, torch.tensor([1, 1, 2]), margin=0.6), "margin"),
    (lambda: single(f, y, reduction="sum"), "reduction"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_inputs_are_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_modules_reduce_to_the_functions():
    p, m, va_p, va_m = features(6), features(6, 1), torch.rand(6, 2), torch.rand(6, 2)
    predicted, numbers = torch.rand(6, 2), torch.tensor([1, 2, 3, 4, 1, 2])
    pairs = [
        (
            CrossModalFeatureRatio(SIGMA, "printed", 1e-2)(p, m, va_p, va_m),
            ratio(p, m, va_p, va_m, SIGMA, "printed", 1e-2),
        ),
        (
            CrossModalFeatureMatching(SIGMA, 0.3, "none")(p, m, va_p, va_m),
            matching(p, m, va_p, va_m, SIGMA, 0.3, "none"),
        ),
        (SingleModalFeatureRatio(1e-2)(p, va_p), single(p, va_p, 1e-2)),
        (
            SimilarityLoss(SIGMA)(p[:, :6], va_p, va_m),
            losses.similarity_loss(p[:, :6], va_p, va_m, SIGMA),
        ),
        (ValenceArousalLoss()(predicted, va_p), losses.valence_arousal_loss(predicted, va_p)),
        (QuadrantLoss(0.1)(predicted, numbers), losses.quadrant_loss(predicted, numbers, 0.1)),
    ]
    for module, function in pairs:
        assert torch.equal(module, function)


def test_modules_take_other_reducers():
    predicted, numbers = torch.tensor([[0.9, 0.9], [0.2, 0.9]]), torch.tensor([1, 1])
    mean = losses.quadrant_loss(predicted, numbers)
    assert torch.equal(QuadrantLoss(reducer=AvgNonZeroReducer())(predicted, numbers), 2 * mean)
    entries = QuadrantLoss(reducer=DoNothingReducer())(predicted, numbers)
    assert entries["loss"]["losses"].tolist() == pytest.approx([0, 2 * mean.item()])


def test_without_the_metric_learning_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning.utils.module_with_records_and_reducer", None)
    monkeypatch.delitem(sys.modules, reduced.__name__)
    with pytest.raises(MissingExtraError, match="'va-space\\[train\\]'"):
        importlib.import_module(reduced.__name__)
