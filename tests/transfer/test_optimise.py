"""The optimiser on a small random space: targets are approached, strength orders results."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.targets import FeelingTarget, MusicTarget
from va_space.transfer.colour import colour_feeling
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.generators.stylegan2 import StyleGAN2Generator
from va_space.transfer.grading import LATENT_SIZE
from va_space.transfer.inversion.stylegan2 import Inversion
from va_space.transfer.objective import Feeling, picture_spread, random_view
from va_space.transfer.optimise import FARTHEST, Trajectory, optimise

STEPS = 8


@pytest.fixture(scope="module")
def generator(tiny_space):
    pixels = torch.rand((3, 8, 8), generator=torch.Generator().manual_seed(0))
    return GradeGenerator(torch.nn.functional.interpolate(pixels[None], (32, 32))[0])


@pytest.fixture(scope="module")
def network_generator():
    torch.manual_seed(1)
    config = StyleGAN2Config(16, z_dim=8, w_dim=12, mapping_layers=2, channel_base=256, channel_max=16)
    network = StyleGAN2(config).for_inference()
    w = network.mapping(torch.randn(1, 8))[0]
    return StyleGAN2Generator(network, Inversion(w, tuple(network.synthesis.noise_maps), 0.0))


class Wild(Generator):
    """A generator on which no step is what its slope promises."""

    def __init__(self):
        self.origin = torch.zeros(1, 3)
        self.pixels = torch.rand((1, 3, 16, 16), generator=torch.Generator().manual_seed(2))

    def render(self, latents):
        return (self.pixels + torch.sin(300 * latents)[:, :, None, None] / 2).clamp(0, 1)


def around(space, generator, ways=((1, 1), (-1, 1), (-1, -1), (1, -1))):
    """Targets a standard deviation away from where the picture is, in each direction."""
    with torch.no_grad():
        here = Feeling(space, generator.render(generator.origin), [FeelingTarget("", (0, 0))]).here[0].numpy()
    spread = np.array(picture_spread(space))
    return [FeelingTarget(str(way), (here + spread * way).clip(0, 1)) for way in ways]


@pytest.fixture(scope="module")
def trajectory(tiny_space, generator):
    targets = around(tiny_space, generator)
    return optimise(tiny_space, generator, targets, strength=1, steps=STEPS)


def test_what_is_missing_is_by_hand_what_it_says(tiny_space, generator):
    here = tiny_space.model.picture_encoder(generator.picture)[0].detach().numpy()
    vector = np.roll(here, 1)
    targets = [
        FeelingTarget("calm", (0.9, 0.1)),
        MusicTarget("m", np.full(2, 0.5, np.float32), vector=vector),
    ]
    feeling = Feeling(tiny_space, generator.picture, targets)
    with torch.no_grad():
        missing, va = feeling.residuals(generator.picture.repeat(2, 1, 1, 1))
    spread = np.array(picture_spread(tiny_space))
    point = tiny_space.predict_va_from_vectors(here[None], "picture")[0]
    assert missing[0, :2].numpy() == pytest.approx((np.array([0.9, 0.1]) - point) / spread, abs=1e-3)
    assert va[0].numpy() == pytest.approx(point, abs=1e-5)
    # Half its squared length is L_S: of a vector 1 - cosine, in hundredths.
    assert missing[1].square().sum().item() / 200 == pytest.approx(1 - here @ vector, abs=1e-5)


def test_what_colours_say_is_added_to_what_the_network_says(tiny_space, generator):
    feeling = Feeling(tiny_space, generator.picture, [FeelingTarget("calm", (0.9, 0.1))])
    duller = 0.5 * generator.picture + 0.5 * generator.picture.mean(dim=1, keepdim=True)
    with torch.no_grad():
        missing, there = (feeling.residuals(picture) for picture in (generator.picture, duller))
        by_network = (there[1] - missing[1])[0].numpy() / picture_spread(tiny_space)
        by_colour = (colour_feeling(duller) - colour_feeling(generator.picture))[0].numpy()
    assert by_colour[0] < 0
    assert (missing[0] - there[0])[0, :2].numpy() == pytest.approx(by_network + by_colour, abs=1e-4)


def test_every_target_is_approached(trajectory):
    assert trajectory.latents.shape == (STEPS + 1, 4, LATENT_SIZE)
    assert trajectory.loss.shape == trajectory.feeling.shape == trajectory.identity.shape == (STEPS + 1, 4)
    assert trajectory.va.shape == (STEPS + 1, 4, 2)
    best = trajectory.feeling[trajectory.best, torch.arange(4)]
    assert (best < trajectory.feeling[0]).all()
    assert not trajectory.latents[0].any()
    assert trajectory.final.equal(trajectory.latents[trajectory.best, torch.arange(4)])
    # No step is longer than its share of the way.
    assert trajectory.identity.mul(2).sqrt().diff(dim=0).max() <= FARTHEST / STEPS + 1e-5


def test_the_best_place_is_not_worse_than_the_start_and_never_nearer_than_one_before():
    loss = torch.tensor([[1.0, 1.0, 1.0], [0.8, 1.2, 0.5], [0.9, 1.1, 0.4], [0.7, 1.0, 0.3]])
    identity = torch.tensor([[0.0, 0.0, 0.0], [0.1, 0.1, 0.3], [0.2, 0.2, 0.1], [0.3, 0.3, 0.4]])
    places = Trajectory(torch.zeros(4, 3, 1), loss, identity, loss, torch.zeros(4, 3, 2))
    assert places.best.tolist() == [3, 0, 3]
    shorter = Trajectory(torch.zeros(3, 3, 1), loss[:3], identity[:3], loss[:3], torch.zeros(3, 3, 2))
    assert shorter.best.tolist() == [1, 0, 1]


@pytest.mark.parametrize("which", ["grade", "network", "wild"])
def test_more_strength_is_as_far_or_farther_and_as_good_or_better(
    tiny_space, generator, network_generator, which
):
    made = {"grade": generator, "network": network_generator, "wild": Wild()}[which]
    targets = around(tiny_space, made)
    rows = torch.arange(len(targets))
    distances, losses, feelings = [], [], []
    for strength in (0, 0.25, 0.5, 1):
        way = optimise(tiny_space, made, targets, strength=strength, steps=STEPS)
        distances.append(way.identity[way.best, rows])
        losses.append(way.loss[way.best, rows])
        feelings.append(way.feeling[way.best, rows])
        assert (losses[-1] <= way.loss[0]).all()
        if strength == 0:
            assert way.final.equal(made.origin.expand_as(way.final))
    for values, sign in ((distances, 1), (losses, -1), (feelings, -1)):
        assert all((sign * (after - before) >= -1e-5).all() for before, after in pairwise(values))
    if which != "wild":
        assert (distances[-1] > distances[1]).any()


def test_a_row_of_a_batch_is_what_it_is_alone(tiny_space, generator, trajectory):
    target = around(tiny_space, generator)[2]
    alone = optimise(tiny_space, generator, [target], strength=1, steps=STEPS)
    assert (alone.final[0] - trajectory.final[2]).abs().max() < 2e-3


def test_both_axes_move_towards_the_target(tiny_space, generator, trajectory):
    targets = np.stack([target.point for target in around(tiny_space, generator)])
    feeling = Feeling(tiny_space, generator.picture, around(tiny_space, generator))
    with torch.no_grad():
        missing = feeling.residuals(generator.render(trajectory.final))[0]
        before = feeling.residuals(generator.render(trajectory.latents[0]))[0]
    assert targets.shape == (4, 2)
    assert (missing.abs() < before.abs())[:, :2].all()


def test_what_clips_is_missing(tiny_space, generator):
    feeling = Feeling(tiny_space, generator.picture, [FeelingTarget("calm", (0.9, 0.1))])
    harder = (0.5 + 3 * (generator.picture - 0.5)).clamp(0, 1).requires_grad_()
    missing, _ = feeling.residuals(harder)
    assert missing[0, 2] < -1
    (slope,) = torch.autograd.grad(missing[0, 2], harder)
    assert slope.isfinite().all()
    with torch.no_grad():
        assert feeling.residuals(generator.picture)[0][0, 2] == 0
        assert feeling.residuals(0.5 * generator.picture + 0.25)[0][0, 2] == 0


def test_a_picture_that_is_where_it_should_be_stays(tiny_space, generator):
    (here,) = around(tiny_space, generator, ways=[(0, 0)])
    way = optimise(tiny_space, generator, [here], strength=1, steps=STEPS)
    change = generator.render(way.final) - generator.picture
    assert change.abs().max() < 0.01


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_picture_of_one_colour(tiny_space, value):
    flat = GradeGenerator(torch.full((3, 16, 16), value))
    way = optimise(tiny_space, flat, around(tiny_space, flat), strength=1, steps=4)
    assert way.latents.isfinite().all()
    assert way.loss.isfinite().all()
    assert flat.render(way.final).isfinite().all()


def test_music_by_its_vector(tiny_space, generator):
    random = np.random.default_rng(0).standard_normal((2, 512)).astype(np.float32)
    vectors = random / np.linalg.norm(random, axis=1, keepdims=True)
    music = [MusicTarget.of(tiny_space, vector, name="m") for vector in vectors]
    way = optimise(tiny_space, generator, music, strength=1, steps=STEPS)
    best = way.feeling[way.best, torch.arange(2)]
    assert (best < way.feeling[0]).all()
    one, other = generator.render(way.final)
    assert (one - other).abs().mean() > 0.01


def test_the_seed_decides(tiny_space, generator):
    targets = around(tiny_space, generator)[:1]
    finals = [
        optimise(tiny_space, generator, targets, strength=1, steps=4, seed=seed).latents[-1]
        for seed in (0, 0, 1)
    ]
    assert finals[0].equal(finals[1])
    assert not finals[0].equal(finals[2])


def test_it_can_go_on_from_elsewhere(tiny_space, generator, trajectory):
    targets = around(tiny_space, generator)
    going_on = optimise(tiny_space, generator, targets, steps=2, start=trajectory.final)
    assert going_on.latents[0].equal(trajectory.final)
    assert (going_on.identity[0] > 0).all()


def test_the_callback_sees_every_step(tiny_space, generator):
    seen = []
    targets = around(tiny_space, generator)[:2]
    way = optimise(tiny_space, generator, targets, strength=0.5, steps=6, callback=seen.append)
    assert [step.number for step in seen] == [0, 1, 2]
    assert len(way.latents) == 4
    assert torch.stack([step.latents for step in seen]).equal(way.latents[:-1])
    assert way.loss == pytest.approx(way.feeling + 0.05 * way.identity)


def test_nothing_global_is_touched(tiny_space, generator):
    before = torch.get_rng_state(), {name: p.clone() for name, p in tiny_space.model.named_parameters()}
    with torch.no_grad():
        optimise(tiny_space, generator, around(tiny_space, generator), steps=2)
        assert not torch.is_grad_enabled()
    assert torch.get_rng_state().equal(before[0])
    for name, parameter in tiny_space.model.named_parameters():
        assert parameter.equal(before[1][name])
        assert parameter.grad is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"targets": []},
        {"identity_weight": -1.0},
        {"identity_weight": math.nan},
        {"identity_weight": math.inf},
        {"steps": 0},
        {"strength": -0.1},
        {"strength": 1.1},
        {"strength": math.nan},
    ],
)
def test_wrong_arguments(tiny_space, generator, wrong):
    arguments = {"targets": [FeelingTarget("calm", (0.9, 0.1))]} | wrong
    with pytest.raises(ValueError, match="must"):
        optimise(tiny_space, generator, arguments.pop("targets"), **arguments)


@pytest.mark.parametrize("size", [(1, 1), (3, 70), (32, 32), (90, 40)])
def test_views_of_any_picture_are_what_the_encoder_takes(size):
    pictures = torch.rand((2, 3, *size), generator=torch.Generator().manual_seed(0))
    rng = torch.Generator().manual_seed(1)
    looks = [random_view(32, rng)(pictures) for _ in range(5)]
    assert [look.shape for look in looks] == [(2, 3, 32, 32)] * 5
    assert all(look.min() >= 0 and look.max() <= 1 for look in looks)


def test_views_differ_but_alike_for_all_pictures():
    picture = torch.rand((1, 3, 32, 32), generator=torch.Generator().manual_seed(0)).repeat(2, 1, 1, 1)
    rng = torch.Generator().manual_seed(1)
    looks = [random_view(32, rng)(picture) for _ in range(3)]
    assert all(look[0].equal(look[1]) for look in looks)
    assert all(not one.equal(other) for one, other in pairwise(looks))
