"""Grades: the identity at zero, bounded, smooth, and what their names say."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from va_space.errors import MediaError
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.grade_files import read_grade, write_grade
from va_space.transfer.grading import (
    CONTROLS,
    LATENT_SIZE,
    SLICES,
    TONE_DEGREE,
    UNIT,
    apply_grade,
    controls,
    table_basis,
    tone_curve,
)

FEW = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
# From small grades to ones whose controls all lie at their bounds.
scales = st.sampled_from([0.1, 0.5, 1.0, 5.0, 100.0])


def chance(seed):
    return torch.Generator().manual_seed(seed)


def picture(seed=0, size=9):
    """Random colours, with the corners of the cube among them."""
    pixels = torch.rand((1, 3, size, size), generator=chance(seed))
    corners = torch.tensor([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)]).T.float()
    pixels[0, :, 0, :8] = corners
    return pixels


def random_latents(seed, scale, count=2):
    return scale * torch.randn((count, LATENT_SIZE), generator=chance(seed))


def only(name, *values):
    """A latent whose one control is at these shares of its bound."""
    latent = torch.zeros((1, LATENT_SIZE))
    latent[0, SLICES[name]] = torch.atanh(torch.tensor(values))
    return latent


@FEW
@given(seeds)
def test_zero_changes_nothing(seed):
    pixels = picture(seed)
    graded = apply_grade(torch.zeros((3, LATENT_SIZE)), pixels)
    assert graded.shape == (3, 3, 9, 9)
    assert (graded - pixels).abs().max() < 1e-6


@FEW
@given(seeds, scales)
def test_colours_stay_colours(seed, scale):
    graded = apply_grade(random_latents(seed, scale), picture(seed))
    assert graded.isfinite().all()
    assert graded.min() >= 0
    assert graded.max() <= 1


@FEW
@given(seeds, scales)
def test_gradients_are_finite_everywhere(seed, scale):
    latents = random_latents(seed, scale).requires_grad_()
    pixels = picture(seed).requires_grad_()
    weights = torch.randn((2, 3, 9, 9), generator=chance(seed))
    gradients = torch.autograd.grad((apply_grade(latents, pixels) * weights).sum(), [latents, pixels])
    assert all(gradient.isfinite().all() for gradient in gradients)


@FEW
@given(seeds, st.sampled_from([0.1, 1.0, 100.0]))
def test_the_tone_curve_is_monotone_between_black_and_white(seed, scale):
    rises = torch.tanh(scale * torch.randn((1, TONE_DEGREE, 1, 1), generator=chance(seed)))
    curve = tone_curve(rises, torch.linspace(0, 1, 200).view(1, 1, 1, 200)).flatten()
    assert curve.diff().min() > -1e-6
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1, abs=1e-5)


def test_the_tone_curve_is_its_bernstein_form():
    rises = torch.randn((1, TONE_DEGREE, 1, 1), generator=chance(1))
    x = np.linspace(0, 1, 50)
    points = np.concatenate([[0], np.cumsum(torch.softmax(rises.flatten(), 0).numpy())])
    curve = points
    for _ in range(TONE_DEGREE):  # de Casteljau
        curve = [(1 - x) * a + x * b for a, b in pairwise(curve)]
    ours = tone_curve(rises, torch.tensor(x, dtype=torch.float32).view(1, 1, 1, -1)).flatten().numpy()
    assert np.abs(ours - curve[0]).max() < 1e-5


@FEW
@given(seeds)
def test_every_control_moves_the_picture(seed):
    latents = torch.zeros((1, LATENT_SIZE), requires_grad=True)
    (change,) = torch.autograd.functional.jacobian(
        lambda w: apply_grade(w, picture(seed)).flatten(), (latents,), vectorize=True
    )
    assert (change[:, 0].norm(dim=0) > 1e-4).all()


def test_a_small_step_is_a_small_change():
    """Along a random line through zero the picture moves without jumps."""
    line = torch.linspace(-2, 2, 401)[:, None] * random_latents(3, 1.0, 1)
    steps = apply_grade(line, picture()).diff(dim=0).abs()
    assert steps.max() < 0.05


def luma(pixels):
    return (pixels[:, 0] * 0.2126 + pixels[:, 1] * 0.7152 + pixels[:, 2] * 0.0722).mean()


def spread(pixels):
    return (pixels - pixels.mean(dim=1, keepdim=True)).abs().mean()


GREY = torch.linspace(0.1, 0.9, 5).view(1, 1, 1, 5).expand(1, 3, 1, 5)
MUTED = 0.35 + 0.3 * torch.rand((1, 3, 20, 20), generator=chance(5))


@pytest.mark.parametrize(
    ("name", "shown", "measure"),
    [
        ("exposure", MUTED, luma),
        ("contrast", MUTED, lambda pixels: pixels.std()),
        ("temperature", GREY, lambda pixels: (pixels[:, 0] - pixels[:, 2]).mean()),
        ("tint", GREY, lambda pixels: (pixels[:, 0] + pixels[:, 2] - 2 * pixels[:, 1]).mean()),
        ("saturation", MUTED, spread),
        ("vibrance", MUTED, spread),
    ],
)
def test_controls_do_what_their_names_say(name, shown, measure):
    less, same, more = (measure(apply_grade(only(name, share), shown)) for share in (-0.5, 0.0, 0.5))
    assert less < same < more


def test_warmth_and_saturation_keep_brightness():
    for latent in (only("temperature", 0.5), only("tint", -0.5), only("saturation", 0.5)):
        assert luma(apply_grade(latent, MUTED)).item() == pytest.approx(luma(MUTED).item(), abs=0.02)


def test_full_desaturation_is_nearly_grey_and_saturation_leaves_grey_alone():
    assert spread(apply_grade(only("saturation", -0.99), MUTED)) < 0.35 * spread(MUTED)
    assert torch.allclose(apply_grade(only("saturation", 0.9), GREY), GREY, atol=1e-5)


def test_split_toning_tells_shadows_from_highlights():
    dark, bright = apply_grade(only("shadows", 0.5, 0.0), GREY)[0, 0, 0, [0, -1]] - GREY[0, 0, 0, [0, -1]]
    assert dark > 10 * bright > 0


def test_white_and_black_stay_for_the_controls_of_light():
    ends = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    for name in ("exposure", "contrast", "temperature", "tint"):
        assert torch.allclose(apply_grade(only(name, 0.9), ends), ends, atol=1e-5)


def test_the_basis_of_the_table_is_a_partition_of_unity():
    basis = table_basis(picture())
    assert torch.allclose(basis.sum(dim=1), torch.ones(1, 81), atol=1e-5)
    assert basis.min() >= 0


def test_controls_are_bounded_and_named():
    values = controls(random_latents(0, 100.0))
    assert list(values) == [control.name for control in CONTROLS]
    assert all(values[control.name].abs().max() <= control.bound for control in CONTROLS)


def test_the_generator_starts_from_the_picture_and_measures_from_there():
    pixels = picture()[0]
    generator = GradeGenerator(pixels)
    assert (generator.render(generator.origin)[0] - pixels).abs().max() < 1e-6
    far = torch.zeros((2, LATENT_SIZE))
    far[1, 0] = 3 * UNIT[0]
    near, distant = generator.distance(far)
    assert near == 0
    assert distant == pytest.approx(3)


@FEW
@given(seeds, st.sampled_from([0.1, 0.5, 1.0]))
def test_a_written_grade_is_read_as_it_was(tmp_path_factory, seed, scale):
    path = tmp_path_factory.mktemp("grade") / "grade.json"
    latent = random_latents(seed, scale, 1)
    write_grade(path, latent)
    again = apply_grade(read_grade(path), picture(seed))
    assert (again - apply_grade(latent, picture(seed))).abs().max() < 1e-3


def test_a_grade_written_by_hand(tmp_path):
    path = tmp_path / "grade.json"
    path.write_text('{"format": "va-space grade 1", "exposure": 0.75, "shadows": [0.05, 0]}')
    values = controls(read_grade(path))
    assert values["exposure"].item() == pytest.approx(0.75)
    assert values["shadows"].flatten().tolist() == pytest.approx([0.05, 0])
    assert not values["table"].any()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "an empty file"),
        ("exposure = 1", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a grade"),
        ('{"format": "other"}', "not a grade"),
        ({"exposur": 1}, "unknown controls: exposur"),
        ({"exposure": 99}, "at most ±1.5"),
        ({"exposure": float("nan")}, "exposure needs 1 numbers"),
        ({"exposure": "1"}, "exposure needs 1 numbers"),
        ({"exposure": True}, "exposure needs 1 numbers"),
        ({"tone": [0.1]}, "tone needs 6 numbers"),
        ({"tone": None}, "tone needs 6 numbers"),
    ],
)
def test_what_is_no_grade_is_refused_with_a_reason(tmp_path, content, says):
    path = tmp_path / "grade.json"
    text = json.dumps({"format": "va-space grade 1"} | content) if isinstance(content, dict) else content
    path.write_text(text)
    with pytest.raises(MediaError, match=says):
        read_grade(path)
