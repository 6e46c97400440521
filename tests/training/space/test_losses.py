"""Each loss against its definition written as a literal loop in float64."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from va_space.emotion.plane import quadrant, quadrant_bounds
from va_space.training.space import losses

SIGMA = 0.4
FLOOR = 1e-4


def log_distance(a, b, floor):
    return torch.log(torch.clamp(((a - b) ** 2).sum(), min=floor))


def plain_distance(a, b):
    return math.dist(a.tolist(), b.tolist())


def literal_cfr(pictures, music, va_pictures, va_music, sigma, sign="inverse", floor=FLOOR):
    n = len(pictures)
    similarity = [[math.exp(-plain_distance(p, m) / sigma) for m in va_music] for p in va_pictures]
    flip = {"inverse": -1, "printed": 1}[sign]
    total, count = 0, 0
    for i in range(n):
        for j in range(n):
            if j == i:
                continue
            own = log_distance(pictures[i], music[i], floor)
            target = flip * math.log(similarity[i][i] / similarity[i][j])
            total = total + (own - log_distance(pictures[i], music[j], floor) - target) ** 2
            target = flip * math.log(similarity[i][i] / similarity[j][i])
            total = total + (own - log_distance(pictures[j], music[i], floor) - target) ** 2
            count += 1
    return total / count


def literal_sfr(features, va, floor=FLOOR):
    n, total, count = len(features), 0, 0
    for i in range(n):
        for j in range(n):
            for k in range(n):
                if i in (j, k):
                    continue
                found = log_distance(features[i], features[j], floor) - log_distance(
                    features[i], features[k], floor
                )
                wanted = log_distance(va[i], va[j], floor) - log_distance(va[i], va[k], floor)
                total = total + (found - wanted) ** 2
                count += 1
    return total / count


def literal_cfm(pictures, music, va_pictures, va_music, sigma, margin=0.5, weighting="similarity"):
    total = 0
    for p, m, vp, vm in zip(pictures, music, va_pictures, va_music, strict=True):
        weight = math.exp(-plain_distance(vp, vm) / sigma) if weighting == "similarity" else 1
        total = total + weight * torch.clamp(((p - m) ** 2).sum().sqrt() - margin, min=0)
    return total / len(pictures)


def literal_similarity(predicted, va_pictures, va_music, sigma):
    total = 0
    for i, p in enumerate(va_pictures):
        for j, m in enumerate(va_music):
            total = total + (predicted[i, j] - math.exp(-plain_distance(p, m) / sigma)) ** 2
    return total / predicted.numel()


def batch(n, seed=0, dimension=16, dtype=torch.float64, grid=None):
    """Unit features that need gradients, and labels; ``grid`` puts some (nearly) on top of others."""
    draw = torch.Generator().manual_seed(seed)
    features = [torch.randn(n, dimension, generator=draw, dtype=torch.float64) for _ in range(2)]
    labels = [torch.rand(n, 2, generator=draw, dtype=torch.float64) for _ in range(2)]
    if grid:
        labels = [(va * grid).round() / grid for va in labels]
        features = [torch.cat([f[: n // 2], f[: n - n // 2] + 1e-3 * f[n // 2 :]]) for f in features]
    return [normalize(f).to(dtype).requires_grad_() for f in features] + [va.to(dtype) for va in labels]


def assert_same(loss, literal, leaves):
    """Values and gradients agree to 1e-6."""
    found = torch.autograd.grad(loss, leaves)
    expected = torch.autograd.grad(literal, leaves)
    assert loss.item() == pytest.approx(literal.item(), rel=1e-6)
    for a, b in zip(found, expected, strict=True):
        assert (a - b).norm() <= 1e-6 * b.norm()


@pytest.mark.parametrize("grid", [None, 3])
@pytest.mark.parametrize("sign", ["inverse", "printed"])
@pytest.mark.parametrize("n", [2, 3, 8])
def test_cross_modal_feature_ratio_is_its_definition(n, sign, grid):
    p, m, va_p, va_m = batch(n, grid=grid)
    loss = losses.cross_modal_feature_ratio(p, m, va_p, va_m, SIGMA, sign)
    assert_same(loss, literal_cfr(p, m, va_p, va_m, SIGMA, sign), [p, m])


@pytest.mark.parametrize("grid", [None, 3])
@pytest.mark.parametrize("n", [3, 9])
def test_single_modal_feature_ratio_is_the_triple_loop(n, grid):
    p, _, va, _ = batch(n, grid=grid)
    assert_same(losses.single_modal_feature_ratio(p, va), literal_sfr(p, va), [p])


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(2, 6),
    seed=st.integers(0, 999),
    floor=st.sampled_from([1e-8, 1e-4, 0.3]),
    grid=st.booleans(),
)
def test_ratio_losses_are_their_definitions_for_any_batch(n, seed, floor, grid):
    p, m, va_p, va_m = batch(n, seed, dimension=4, grid=2 if grid else None)
    found = losses.cross_modal_feature_ratio(p, m, va_p, va_m, SIGMA, floor=floor)
    assert_same(found, literal_cfr(p, m, va_p, va_m, SIGMA, floor=floor), [p, m])
    found = losses.single_modal_feature_ratio(m, va_m, floor)
    if n > 2:
        assert_same(found, literal_sfr(m, va_m, floor), [m])
    else:
        assert found.item() == 0


@pytest.mark.parametrize("weighting", ["similarity", "none"])
def test_cross_modal_feature_matching_is_its_definition(weighting):
    p, m, va_p, va_m = batch(8)
    with torch.no_grad():
        m[:4] = normalize(p[:4] + 0.05 * m[:4])  # inside the margin
    loss = losses.cross_modal_feature_matching(p, m, va_p, va_m, SIGMA, 0.5, weighting)
    assert_same(loss, literal_cfm(p, m, va_p, va_m, SIGMA, 0.5, weighting), [p, m])
    assert not torch.autograd.grad(losses.cross_modal_feature_matching(p, m, va_p, va_m, SIGMA), p)[0][
        :4
    ].any()


def test_similarity_loss_is_its_definition():
    _, _, va_p, va_m = batch(5)
    predicted = torch.rand(5, 3, dtype=torch.float64, requires_grad=True)
    loss = losses.similarity_loss(predicted, va_p, va_m[:3], SIGMA)
    assert_same(loss, literal_similarity(predicted, va_p, va_m[:3], SIGMA), [predicted])


def test_valence_arousal_loss_is_the_mean_squared_error():
    predicted, va = torch.rand(7, 2), torch.rand(7, 2)
    assert torch.allclose(losses.valence_arousal_loss(predicted, va), ((predicted - va) ** 2).mean())


def test_view_consistency_is_one_minus_the_cosine_of_unit_vectors():
    features, again = (torch.nn.functional.normalize(torch.randn(5, 8), dim=1) for _ in range(2))
    cosine = torch.nn.functional.cosine_similarity(features, again)
    torch.testing.assert_close(losses.view_consistency(features, again), 1 - cosine.mean())
    torch.testing.assert_close(losses.view_consistency(features, again, reduction="none"), 1 - cosine)
    assert losses.view_consistency(features, features) == 0
    with pytest.raises(ValueError, match="views have shapes"):
        losses.view_consistency(features, again[:4])


@settings(max_examples=50, deadline=None)
@given(point=st.tuples(st.floats(0, 1), st.floats(0, 1)), number=st.integers(1, 4), margin=st.floats(0, 0.5))
def test_quadrant_loss_is_the_squared_distance_to_the_interval(point, number, margin):
    predicted = torch.tensor([point], dtype=torch.float64, requires_grad=True)
    expected = 0.0
    for value, (low, high) in zip(point, quadrant_bounds(number), strict=True):
        low, high = (low + margin, high) if low else (low, high - margin)
        expected += max(low - value, 0, value - high) ** 2 / 2
    loss = losses.quadrant_loss(predicted, torch.tensor([number]), margin)
    assert loss.item() == pytest.approx(expected, abs=1e-12)
    assert torch.autograd.grad(loss, predicted)[0].isfinite().all()


def test_quadrant_loss_is_zero_exactly_in_the_own_quadrant():
    points = torch.rand(200, 2)
    numbers = torch.from_numpy(quadrant(points.numpy()))
    assert losses.quadrant_loss(points, numbers) == 0
    assert (losses.quadrant_loss(points, 5 - numbers, reduction="none") > 0).all()


def sampled_losses(p, m, va_p, va_m, sampled, seed):
    options = {"sampled": sampled, "rng": torch.Generator().manual_seed(seed)}
    return torch.stack(
        [
            losses.cross_modal_feature_ratio(p, m, va_p, va_m, SIGMA, **options),
            losses.single_modal_feature_ratio(p, va_p, **options),
        ]
    )


def test_sampling_has_the_expectation_of_all_triplets():
    p, m, va_p, va_m = (tensor.detach() for tensor in batch(6))
    full = torch.stack(
        [
            losses.cross_modal_feature_ratio(p, m, va_p, va_m, SIGMA),
            losses.single_modal_feature_ratio(p, va_p),
        ]
    )
    assert torch.allclose(sampled_losses(p, m, va_p, va_m, 50_000, 0), full, rtol=0.01)
    one = torch.stack([sampled_losses(p, m, va_p, va_m, 1, seed) for seed in range(2)])
    assert (one[0] != one[1]).all()
    assert torch.equal(sampled_losses(p, m, va_p, va_m, 1, 0), one[0])


def test_only_the_inverse_sign_is_content_with_far_features_for_far_feelings():
    # D = 0.3 exp(d / sigma).
    va = torch.tensor([[0.0, 0.5], [1.0, 0.5]], dtype=torch.float64)
    near, far = math.sqrt(0.3), math.sqrt(0.3 * math.exp(1 / SIGMA))
    p = torch.tensor([[0.0, near], [math.sqrt(far**2 - near**2), near]], dtype=torch.float64)
    m = p * torch.tensor([1.0, 0.0])
    assert losses.cross_modal_feature_ratio(p, m, va, va, SIGMA) < 1e-12
    assert losses.cross_modal_feature_ratio(p, m, va, va, SIGMA, "printed") > 1


def test_votes_are_ordered_as_a_literal_loop_says():
    draw = torch.Generator().manual_seed(0)
    scores, votes = torch.randn(5, 3, generator=draw), torch.rand(5, 3, generator=draw)
    expected = []
    for feeling in range(3):
        total, weight = 0.0, 0.0
        for i in range(5):
            for j in range(5):
                more = float(votes[i, feeling] - votes[j, feeling])
                if more > 0:
                    total += more * math.log1p(math.exp(float(scores[j, feeling] - scores[i, feeling])))
                    weight += more
        expected.append(total / weight)
    found = losses.vote_order_loss(scores, votes, reduction="none")
    torch.testing.assert_close(found, torch.tensor(expected))
    torch.testing.assert_close(losses.vote_order_loss(scores, votes), found.mean())
    # Only the order and the differences of votes count.
    torch.testing.assert_close(losses.vote_order_loss(scores, votes + 0.1), found.mean())
    assert losses.vote_order_loss(10 * votes, votes) < losses.vote_order_loss(-votes, votes)
    assert losses.vote_order_loss(scores, torch.zeros(5, 3)) == 0
    with pytest.raises(ValueError, match="differ in shape"):
        losses.vote_order_loss(scores, votes[:, :2])
