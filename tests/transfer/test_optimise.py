"""The optimiser on a small random space: targets are approached, identity holds back, and music matters."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from va_space.targets import FeelingTarget, MusicTarget
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.grading import LATENT_SIZE
from va_space.transfer.objective import EmotionLoss, views
from va_space.transfer.optimise import identity_weights, optimise

STEPS = 12


@pytest.fixture(scope="module")
def generator(tiny_space):
    pixels = torch.rand((3, 8, 8), generator=torch.Generator().manual_seed(0))
    return GradeGenerator(torch.nn.functional.interpolate(pixels[None], (32, 32))[0])


@pytest.fixture(scope="module")
def music(tiny_space, generator):
    """Two opposite pieces of music: a vector across the way from the picture's, and its reflection there."""
    with torch.inference_mode():
        here = tiny_space.model.picture_encoder(generator.picture)[0].numpy()
    random = np.random.default_rng(0).standard_normal(len(here)).astype(np.float32)
    across = random - (random @ here) * here
    across /= np.linalg.norm(across)
    pieces = [(here + sign * across) / math.sqrt(2) for sign in (1, -1)]
    return [
        MusicTarget.of(tiny_space, vector, name=f"piece {number}") for number, vector in enumerate(pieces)
    ]


@pytest.fixture(scope="module")
def trajectory(tiny_space, generator, music):
    return optimise(tiny_space, generator, music, identity_weight=0.0, steps=STEPS)


def render(generator, latents):
    with torch.inference_mode():
        return generator.render(latents)


def test_the_loss_is_by_hand_what_it_says(tiny_space, generator, music):
    feeling = FeelingTarget("calm", (0.9, 0.1))
    losses, va = EmotionLoss(tiny_space, [music[0], feeling])(generator.picture.repeat(2, 1, 1, 1))
    vector = tiny_space.model.picture_encoder(generator.picture)[0].detach().numpy()
    point = tiny_space.predict_va_from_vectors(vector[None], "picture")[0]
    assert losses[0].item() == pytest.approx(1 - vector @ music[0].vector, abs=1e-5)
    assert losses[1].item() == pytest.approx(np.linalg.norm(point - [0.9, 0.1]), abs=0.01)
    assert va[1].detach().numpy() == pytest.approx(point, abs=1e-5)


def test_the_gradient_is_finite_where_the_point_is_reached(tiny_space, generator):
    point = tiny_space.predict_va_from_vectors(
        tiny_space.model.picture_encoder(generator.picture).detach().numpy(), "picture"
    )[0]
    latents = generator.origin.clone().requires_grad_()
    loss, _ = EmotionLoss(tiny_space, [FeelingTarget("here", point)])(generator.render(latents))
    (gradient,) = torch.autograd.grad(loss.sum(), latents)
    assert loss.item() == pytest.approx(0, abs=1e-4)
    assert gradient.isfinite().all()


def test_every_target_is_approached(trajectory):
    assert trajectory.latents.shape == (STEPS + 1, 2, LATENT_SIZE)
    assert trajectory.loss.shape == trajectory.feeling.shape == trajectory.identity.shape == (STEPS + 1, 2)
    assert trajectory.va.shape == (STEPS + 1, 2, 2)
    assert (trajectory.feeling[-1] < trajectory.feeling[0]).all()
    assert not trajectory.latents[0].any()
    assert trajectory.final.equal(trajectory.latents[-1])


def test_other_music_gives_another_picture_and_opposite_music_no_common_drift(generator, trajectory):
    one, other = render(generator, trajectory.final)
    change = torch.stack([one, other]) - generator.picture
    assert (one - other).abs().mean() > 0.01
    # What both share is small beside what tells them apart.
    assert change.mean(dim=0).norm() < (one - other).norm() / 2


def test_a_feeling_is_approached(tiny_space, generator):
    targets = [FeelingTarget("high", (1, 1)), FeelingTarget("low", (0, 0))]
    trajectory = optimise(tiny_space, generator, targets, identity_weight=0.0, steps=STEPS)
    assert (trajectory.feeling[-1] < trajectory.feeling[0]).all()
    moved = trajectory.va[-1] - trajectory.va[0]
    assert moved[0].sum() > 0 > moved[1].sum()


def test_a_row_of_a_batch_is_what_it_is_alone(tiny_space, generator, music, trajectory):
    alone = optimise(tiny_space, generator, music[1:], identity_weight=0.0, steps=4)
    batch = optimise(tiny_space, generator, music, identity_weight=0.0, steps=4)
    assert (alone.final[0] - batch.final[1]).abs().max() < 5e-3


def test_weights_in_a_batch_hold_back_by_their_order(tiny_space, generator, music):
    weights = [0.0, 0.05, 0.5, math.inf]
    trajectory = optimise(tiny_space, generator, music[:1], identity_weight=weights, steps=STEPS)
    distances = generator.distance(trajectory.final)
    assert (distances.diff() < 0).all()
    assert not trajectory.final[3].any()
    assert trajectory.loss.isfinite().all()


@pytest.mark.slow
def test_more_strength_is_more_change(tiny_space, generator, music):
    strengths = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    weights = [identity_weights(tiny_space, generator, music[:1], s)[0] for s in strengths]
    assert weights[0] == math.inf
    assert weights[-1] == 0
    assert all(a > b for a, b in pairwise(weights))
    final = optimise(tiny_space, generator, music[:1], identity_weight=weights, steps=15).final
    change = (render(generator, final) - generator.picture).square().mean(dim=(1, 2, 3))
    assert change[0] < 1e-10
    assert (change.diff() > 0).all()


def test_the_weight_at_half_strength_is_half_the_slope_at_the_origin(tiny_space, generator, music):
    (weight,) = identity_weights(tiny_space, generator, music[:1], 0.5)
    feeling = EmotionLoss(tiny_space, music[:1])
    latents = generator.origin.clone().requires_grad_()
    (slope,) = torch.autograd.grad(feeling(generator.render(latents))[0].sum(), latents)
    ahead = -slope / slope.norm() * 0.05
    with torch.inference_mode():
        gained = feeling(generator.picture)[0] - feeling(generator.render(ahead))[0]
        # Of the straight part of L_O: below SMOOTHING it is bent.
        distance = generator.distance(1e6 * ahead) / 1e6
    assert 2 * weight == pytest.approx((gained / distance).item(), rel=0.2)


def test_the_seed_decides(tiny_space, generator, music):
    finals = [
        optimise(tiny_space, generator, music, identity_weight=0.0, steps=3, seed=seed).final
        for seed in (0, 0, 1)
    ]
    assert finals[0].equal(finals[1])
    assert not finals[0].equal(finals[2])


def test_it_can_go_on_from_elsewhere(tiny_space, generator, music, trajectory):
    going_on = optimise(tiny_space, generator, music, identity_weight=0.0, steps=1, start=trajectory.final)
    assert going_on.latents[0].equal(trajectory.final)


def test_it_stops_when_nothing_is_gained(tiny_space, generator, music):
    trajectory = optimise(
        tiny_space, generator, music, identity_weight=math.inf, steps=50, patience=5, view_count=1
    )
    assert len(trajectory.loss) == 6


def test_the_callback_sees_every_step(tiny_space, generator, music):
    seen = []
    trajectory = optimise(
        tiny_space, generator, music, identity_weight=0.1, steps=3, view_count=1, callback=seen.append
    )
    assert [step.number for step in seen] == [0, 1, 2, 3]
    assert torch.stack([step.loss for step in seen]).equal(trajectory.loss)
    assert trajectory.loss == pytest.approx(trajectory.feeling + 0.1 * trajectory.identity)


def test_nothing_global_is_touched(tiny_space, generator, music):
    before = torch.get_rng_state(), {name: p.clone() for name, p in tiny_space.model.named_parameters()}
    with torch.no_grad():
        optimise(tiny_space, generator, music, identity_weight=0.1, steps=2)
        identity_weights(tiny_space, generator, music, 0.5)
        assert not torch.is_grad_enabled()
    assert torch.get_rng_state().equal(before[0])
    for name, parameter in tiny_space.model.named_parameters():
        assert parameter.equal(before[1][name])
        assert parameter.grad is None


@pytest.mark.parametrize("strength", [-0.1, 1.1, math.nan])
def test_a_strength_outside_the_scale(tiny_space, generator, music, strength):
    with pytest.raises(ValueError, match="between 0 and 1"):
        identity_weights(tiny_space, generator, music, strength)


@pytest.mark.parametrize(
    "wrong",
    [
        {"targets": []},
        {"identity_weight": [0.1, 0.2, 0.3]},
        {"identity_weight": []},
        {"identity_weight": -1.0},
        {"identity_weight": math.nan},
        {"steps": -1},
        {"view_count": 0},
    ],
)
def test_wrong_arguments(tiny_space, generator, music, wrong):
    arguments = {"targets": music, "identity_weight": 0.1} | wrong
    with pytest.raises(ValueError, match=r"targets and|must"):
        optimise(tiny_space, generator, arguments.pop("targets"), **arguments)


@pytest.mark.parametrize("size", [(1, 1), (3, 70), (32, 32), (90, 40)])
def test_views_of_any_picture_are_what_the_encoder_takes(size):
    pictures = torch.rand((2, 3, *size), generator=torch.Generator().manual_seed(0))
    looks = list(views(pictures, 32, 5, torch.Generator().manual_seed(1)))
    assert [look.shape for look in looks] == [(2, 3, 32, 32)] * 5
    assert all(look.min() >= 0 and look.max() <= 1 for look in looks)


def test_the_first_view_is_the_whole_and_the_others_differ_but_alike_for_all():
    picture = torch.rand((1, 3, 32, 32), generator=torch.Generator().manual_seed(0)).repeat(2, 1, 1, 1)
    whole, *others = views(picture, 32, 4, torch.Generator().manual_seed(1))
    assert whole.equal(picture)
    assert all(look[0].equal(look[1]) for look in others)
    assert all(not look.equal(whole) for look in others)
