"""Restyling judged: edits, equal identity, measures by hand, and the whole table on small data."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

pytest.importorskip("sklearn")
pytest.importorskip("torchmetrics")

from va_space.benchmark import edits
from va_space.benchmark.context import Context
from va_space.benchmark.judge import Judge, Outcome, drift, following, keeps_structure, toward
from va_space.benchmark.runner import run_benchmark
from va_space.benchmark.tasks import restyle
from va_space.encoders.model import SpaceModel
from va_space.errors import CheckpointError
from va_space.space import VASpace
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.grading import LATENT_SIZE, controls


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def judge(tiny_space):
    """Another model of the same kind."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = SpaceModel(tiny_space.config)
    return VASpace(model, fingerprint="judge", device="cpu", precision="fp32")


@pytest.fixture(scope="module")
def picture():
    return torch.nn.functional.interpolate(torch.rand((1, 3, 8, 8), generator=rng()), (64, 64))[0]


@pytest.fixture(scope="module")
def small(tiny_space, judge, oasis_root, vgmidi_split, tmp_path_factory):
    """The task on a painting, a photograph and four pieces, with the folder it wrote to."""
    root = tmp_path_factory.mktemp("restyle")
    (root / "paintings").mkdir()
    (root / "oasis").symlink_to(oasis_root / "oasis")
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (9, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((120, 90)).save(root / "paintings" / f"{number}.png")
    output = root / "out"
    context = Context(tiny_space, root, root, judge=judge, output=output)
    context.music = vgmidi_split
    few = {"PAINTINGS": 1, "PHOTOGRAPHS": 1, "PER_QUADRANT": 1, "EMBEDDING_PICTURES": 2, "STEPS": 2}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in few.items():
            patch.setattr(restyle, name, value)
        patch.setattr(edits.SharedEmbedding, "GRADES", 6)
        return restyle.run(context), output


def rows_of(result, identity):
    return {
        row["model"]: row for row in result["rows"] if row["identity"].startswith(identity) and "ssim" in row
    }


@pytest.mark.slow
def test_the_table_has_every_way_at_two_kinds_of_equal_identity(small):
    result, _ = small
    ways = [restyle.RANDOM, restyle.RULE, restyle.CLOUDS, restyle.EMBEDDING, restyle.VECTOR, restyle.POINT]
    assert list(rows_of(result, "as it is")) == ["no change", restyle.VECTOR, restyle.POINT]
    assert list(rows_of(result, "ssim")) == list(rows_of(result, "features")) == ways
    assert result["n"] == {"pictures": 2, "pieces of music": 4}
    assert any("no StyleGAN2 network" in note for note in result["notes"])
    assert set(rows_of(result, "ssim")[restyle.RULE]) - {"identity", "model"} == set(result["metrics"])
    differences = [row for row in result["rows"] if "difference in toward" in row]
    assert len(differences) == 8
    by_ssim = rows_of(result, "ssim")
    expected = by_ssim[restyle.VECTOR]["toward"] - by_ssim[restyle.RANDOM]["toward"]
    assert differences[0]["mean"] == pytest.approx(expected)
    json.dumps(result)


@pytest.mark.slow
def test_identity_is_equal_where_the_table_says_so(small):
    result, _ = small
    ssim = rows_of(result, "ssim")
    assert [row["ssim"] for row in ssim.values()] == pytest.approx([restyle.SSIM_LEVEL] * 6, abs=0.02)
    level = ssim[restyle.RANDOM]["features"]
    features = rows_of(result, "features")
    assert [row["features"] for row in features.values()] == pytest.approx([level] * 6, abs=0.02)


@pytest.mark.slow
def test_no_change_is_no_change(small):
    row = rows_of(small[0], "as it is")["no change"]
    assert row["ssim"] == pytest.approx(1)
    assert row["features"] == pytest.approx(1)
    for name in ("toward", "toward judged", "valence", "arousal", "drift", "difference"):
        assert row[name] == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_other_music_gives_other_pictures(small):
    # By vector: this small model hears the same valence and arousal in all music.
    assert rows_of(small[0], "ssim")[restyle.VECTOR]["difference"] > 0.005


@pytest.mark.slow
def test_the_sheet_shows_every_way_beside_the_original(small):
    with Image.open(small[1] / restyle.SHEET) as sheet:
        width, height = sheet.size
    assert width > 5 * restyle.SIZE
    assert height > 2 * 6 * restyle.SIZE


def test_without_a_judge_or_with_itself_there_is_no_table(tiny_space, tmp_path):
    for judge, says in ((None, "--judge"), (tiny_space, "the model itself")):
        with pytest.raises(CheckpointError, match=says):
            restyle.run(Context(tiny_space, tmp_path, tmp_path, judge=judge))
    (result,) = run_benchmark(["restyle"], tiny_space, tmp_path, tmp_path, tmp_path / "out")
    assert "--judge" in result["skipped"]


def test_without_paintings_the_task_is_skipped(tiny_space, judge, tmp_path):
    (result,) = run_benchmark(["restyle"], tiny_space, tmp_path, tmp_path, tmp_path / "out", judge=judge)
    assert "paintings are missing" in result["skipped"]


def outcome_of(before, after):
    nothing = np.zeros((len(before), len(after[0])))
    return Outcome(np.array(before)[:, None], np.array(after), nothing, nothing, nothing[:, 0])


def test_measures_by_hand():
    asked = np.array([[1.0, 1.0], [0.0, 0.0]])
    all_the_way = outcome_of([[0.5, 0.5]], [asked])
    assert toward(all_the_way, asked) == pytest.approx(np.full((1, 2), np.sqrt(0.5)))
    assert following(all_the_way, asked) == pytest.approx([1, 1])
    assert drift(all_the_way) == pytest.approx(0)
    all_alike = outcome_of([[0.5, 0.5], [0.2, 0.2]], [[[0.9, 0.5]] * 2, [[0.6, 0.2]] * 2])
    assert following(all_alike, asked) == pytest.approx([0, 0])
    assert drift(all_alike) == pytest.approx(0.4)
    away = outcome_of([[0.5, 0.5]], [[[0.4, 0.4], [0.6, 0.6]]])
    assert (toward(away, asked) < 0).all()
    assert following(away, asked) == pytest.approx([-0.2, -0.2])


def test_the_judge_looks_at_what_it_is_shown(judge, picture):
    outcome = Judge(judge).outcome(
        [edits.blended(picture, torch.stack([picture.flip(0), picture]))], picture[None], torch.ones(1, 2)
    )
    pixels = (picture * 255).round().to(torch.uint8)
    assert outcome.before[0, 0] == pytest.approx(judge.predict_va(pixels), abs=2e-3)
    assert outcome.ssim[0, 1] == pytest.approx(1)
    assert outcome.features[0, 1] == pytest.approx(1)
    assert outcome.ssim[0, 0] < 0.99
    assert outcome.difference[0] == pytest.approx((picture - picture.flip(0)).square().mean().sqrt().item())


def test_edits_are_made_as_strong_as_they_have_to_be(picture):
    edit = edits.blended(picture, torch.stack([torch.zeros_like(picture), 1 - picture]))
    keeps = keeps_structure(picture)
    strengths = edits.equally_strong(edit, 2, keeps, 0.8)
    assert keeps(edit(strengths)) == pytest.approx([0.8, 0.8], abs=0.02)
    weak = edits.blended(picture, picture[None])
    assert edits.equally_strong(weak, 1, keeps, 0.8) == pytest.approx(edits.LARGEST, abs=0.02)


def test_every_edit_begins_with_the_picture(picture):
    generator = GradeGenerator(picture)
    along = edits.along(generator, edits.random_grades(2, rng()))
    for edit in (along, edits.blended(picture, torch.zeros((2, 3, 64, 64)))):
        begin, middle, end = (edit(torch.full((2,), strength)) for strength in (0.0, 0.5, 1.0))
        assert torch.allclose(begin, picture.expand(2, 3, 64, 64), atol=1e-5)
        assert (middle - picture).abs().mean() < (end - picture).abs().mean()
        assert edits.resized(edit, 32)(torch.zeros(2)).shape == (2, 3, 32, 32)


def test_the_colour_rule_is_what_it_says():
    values = controls(edits.colour_rule(np.array([[0.9, 0.5], [0.1, 0.5], [0.5, 0.9], [0.5, 0.1]])))
    for name, (up, down) in {
        "temperature": (0, 1), "exposure": (0, 1), "saturation": (2, 3), "contrast": (2, 3),
    }.items():  # fmt: skip
        control = values[name].flatten()
        assert control[up] > 0 > control[down]
        assert control[[row for row in range(4) if row not in (up, down)]].abs().max() == 0
    assert edits.colour_rule(np.array([[0.5, 0.5]])).abs().max() == 0
    usual = edits.random_grades(500, rng()).norm(dim=1).square().mean().sqrt().item()
    assert edits.colour_rule(np.array([[0.9, 0.4], [0.5, 0.501]])).norm(dim=1) == pytest.approx(
        usual, rel=0.05
    )


def test_visualisations_show_valence_and_arousal():
    points = np.array([[0.1, 0.5], [0.9, 0.5], [0.5, 0.05], [0.5, 0.95]])
    sad, glad, calm, wild = edits.visualisations(points, 48, rng())
    assert (glad[0] - glad[2]).mean() > 0 > (sad[0] - sad[2]).mean()
    assert glad.mean() > sad.mean()
    assert wild.diff(dim=2).abs().mean() > 2 * calm.diff(dim=2).abs().mean()
    assert all(shown.min() >= 0 and shown.max() <= 1 for shown in (sad, glad, calm, wild))


def test_the_embedding_route_finds_the_grade_that_was_applied(tiny_space):
    """On pictures it was fitted on, asked for vectors that grades really gave."""
    pictures = torch.rand((3, 3, 4, 4), generator=rng(2))
    pictures = torch.nn.functional.interpolate(pictures, (32, 32))
    route = edits.SharedEmbedding(tiny_space, pictures, rng(3))
    grades = edits.random_grades(40, rng(4))
    graded = GradeGenerator(pictures[0]).render(grades)
    found = route(edits.vectors(tiny_space, pictures[:1]), edits.vectors(tiny_space, graded))
    assert found.shape == (40, LATENT_SIZE)
    exposure = np.corrcoef(found[:, 0].numpy(), grades[:, 0].numpy())[0, 1]
    assert exposure > 0.3


def test_random_grades_follow_the_seed():
    one, same, other = (edits.random_grades(3, rng(seed)) for seed in (0, 0, 1))
    assert one.equal(same)
    assert not one.equal(other)
    assert all(not a.equal(b) for a, b in pairwise(one))
