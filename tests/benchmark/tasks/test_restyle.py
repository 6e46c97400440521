"""Restyling judged: edits, equal size, signs by hand, and the whole table on small data."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

pytest.importorskip("sklearn")
pytest.importorskip("torchmetrics")

from va_space.benchmark import edits
from va_space.benchmark.context import Context
from va_space.benchmark.half_space import learn_pictures_anew
from va_space.benchmark.picture_judge import WEIGHTS, PictureJudge
from va_space.benchmark.restyle_rows import Edited, clipped, measured, rms, table_row
from va_space.benchmark.restyle_store import FOLDER, Store
from va_space.benchmark.runner import run_benchmark
from va_space.benchmark.tasks import restyle
from va_space.datasets.open_data import picture_halves
from va_space.emotion.reference import Distribution, Reference
from va_space.encoders.model import SpaceModel
from va_space.errors import CheckpointError
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.space import VASpace
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.grading import controls


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def space(tiny_space):
    """The small space with a reference."""
    model = SpaceModel(tiny_space.config)
    model.load_state_dict(tiny_space.model.state_dict())
    random = np.random.default_rng(0)
    kinds = ("photograph", "painting", "recording", "rendering")
    distributions = {kind: Distribution.of(random.uniform(0.4, 0.6, (50, 2))) for kind in kinds}
    model.reference = Reference(distributions, {})
    return VASpace(model.requires_grad_(False), fingerprint="small", device="cpu", precision="fp32")


@pytest.fixture(scope="module")
def picture():
    return torch.nn.functional.interpolate(torch.rand((1, 3, 8, 8), generator=rng()), (64, 64))[0]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A MobileNet that learnt nothing."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        path = tmp_path_factory.mktemp("weights") / WEIGHTS
        save_file(MobileNet().state_dict(), path)
    return path


@pytest.fixture(scope="module")
def root(oasis_root, weights, tmp_path_factory):
    """A data root with three paintings, OASIS, and the judge's weights beside it."""
    root = tmp_path_factory.mktemp("restyle") / "data"
    (root / "paintings").mkdir(parents=True)
    (root / "oasis").symlink_to(oasis_root / "oasis")
    (root.parent / "weights").symlink_to(weights.parent)
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (9, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((120, 90)).save(root / "paintings" / f"{number}.png")
    return root


@pytest.fixture
def few(monkeypatch):
    """Small numbers of everything."""
    for name, value in {"PAINTINGS": 1, "PHOTOGRAPHS": 1, "NETWORK_PICTURES": 2, "SIZE": 64}.items():
        monkeypatch.setattr(restyle, name, value)


def same(one, other):
    return torch.allclose(one.float(), other.float(), rtol=0, atol=0, equal_nan=True)


def run(space, root, split, output, **options):
    context = Context(space, root, root, output=output, **options)
    context.music = split
    output.mkdir(exist_ok=True)
    return restyle.run(context)


@pytest.mark.slow
def test_the_table_has_every_way_for_music_and_words(space, root, vgmidi_split, few, tmp_path):
    result = run(space, root, vgmidi_split, tmp_path / "out")
    ways = [restyle.OURS, restyle.RANDOM, restyle.RULE, restyle.CLOUDS]
    expected = [(way, part) for way in ways for part in ("all", "music", "words")]
    assert [(row["model"], row["targets"]) for row in result["rows"]] == expected
    assert result["n"] == {"pictures": 2, "targets": 8}
    assert set(result["rows"][0]) - {"model", "targets"} == set(result["metrics"])
    ours, *others = (row["size"] for row in result["rows"] if row["targets"] == "all")
    assert others == pytest.approx([ours] * 3, rel=0.05)
    assert any("no network was given" in note for note in result["notes"])
    json.dumps(result)
    with Image.open(tmp_path / "out" / restyle.SHEET) as sheet:
        assert sheet.width > 9 * 160
    assert not (tmp_path / "out" / FOLDER).exists()


@pytest.mark.slow
def test_it_goes_on_where_it_was_interrupted(space, root, vgmidi_split, few, tmp_path, monkeypatch):
    found = []
    optimise = restyle.optimise

    def counted(*arguments, **options):
        found.append(arguments)
        if len(found) == 2:
            raise KeyboardInterrupt
        return optimise(*arguments, **options)

    monkeypatch.setattr(restyle, "optimise", counted)
    with pytest.raises(KeyboardInterrupt):
        run(space, root, vgmidi_split, tmp_path / "out")
    assert len(list((tmp_path / "out" / FOLDER).iterdir())) == 1
    result = run(space, root, vgmidi_split, tmp_path / "out")
    assert len(found) == 3
    monkeypatch.setattr(restyle, "optimise", optimise)
    whole = run(space, root, vgmidi_split, tmp_path / "whole")
    for one, other in zip(result["rows"], whole["rows"], strict=True):
        for name in ("valence right", "arousal right", "valence moves", "size", "ssim"):
            assert one[name] == pytest.approx(other[name])


@pytest.mark.slow
def test_rows_of_a_network(space, root, vgmidi_split, few, tmp_path, monkeypatch):
    torch.manual_seed(1)
    config = StyleGAN2Config(8, z_dim=8, w_dim=12, mapping_layers=2, channel_base=64, channel_max=8)
    save_stylegan2(StyleGAN2(config), tmp_path / "network.safetensors")
    result = run(space, root, vgmidi_split, tmp_path / "out", network=tmp_path / "network.safetensors")
    names = [row["model"] for row in result["rows"][-2:]]
    assert names == ["ours: StyleGAN2, W", "ours: StyleGAN2, W+"]
    assert sum("PSNR" in note for note in result["notes"]) == 2
    assert (tmp_path / "out" / restyle.NETWORK_SHEET).exists()


def test_without_paintings_or_the_judges_weights_the_task_is_skipped(space, oasis_root, root, tmp_path):
    (result,) = run_benchmark(["restyle"], space, oasis_root, tmp_path, tmp_path / "out")
    assert "paintings are missing" in result["skipped"]
    (tmp_path / "alone").mkdir()
    for name in ("oasis", "paintings"):
        (tmp_path / "alone" / name).symlink_to(root / name)
    (result,) = run_benchmark(["restyle"], space, tmp_path / "alone", tmp_path, tmp_path / "out")
    assert "weights of the judge cannot be read" in result["skipped"]


def test_the_judge_learns_from_one_half_and_is_measured_on_the_other(weights, oasis_root, picture):
    learnt, judged = picture_halves(oasis_root)
    assert not {record.group for record in learnt} & {record.group for record in judged}
    judge = PictureJudge.fit(weights, judged, learnt)
    assert all(-1 <= r <= 1 for r in judge.agreement)
    standing = judge.standing(torch.stack([picture, picture.flip(2), 1 - picture]))
    assert standing.shape == (3, 2)
    assert standing[0] == pytest.approx(standing[1], abs=1e-4)  # mirrored
    assert not np.allclose(standing[0], standing[2])
    with pytest.raises(CheckpointError, match=r"none\.safetensors"):
        PictureJudge.fit(weights.with_name("none.safetensors"), judged, learnt)


def test_the_picture_side_learns_anew_and_the_music_side_stays(space, oasis_root, root):
    learnt, judged = picture_halves(oasis_root)
    paintings = sorted((root / "paintings").iterdir())
    before = {name: value.clone() for name, value in space.model.state_dict().items()}
    state = torch.get_rng_state()
    anew, agreement = learn_pictures_anew(space, learnt, judged, paintings)
    assert torch.get_rng_state().equal(state)
    assert all(same(value, before[name]) for name, value in space.model.state_dict().items())
    changed = {
        name.split(".")[0] + "." + name.split(".")[1]
        for name, value in anew.model.state_dict().items()
        if not same(value, before[name])
    }
    assert changed == {"picture_encoder.head", "picture_va.layers"}
    assert all(-1 <= r <= 1 for r in agreement)
    # The colours of these pictures follow their ratings: it has learnt something.
    said = anew.predict_va([record.path for record in learnt])
    rated = np.array([(record.label.valence, record.label.arousal) for record in learnt])
    assert np.corrcoef(said[:, 0], rated[:, 0])[0, 1] > 0.5
    assert anew.require_reference().of("painting").count == 3
    again, _ = learn_pictures_anew(space, learnt, judged, paintings)
    assert again.predict_va(paintings[0]) == pytest.approx(anew.predict_va(paintings[0]))


def test_signs_by_hand():
    wanted = np.array([[[0.3, -0.3], [0.1, 0.5]], [[-0.2, 0.05], [0.4, 0.4]]])
    moved = [np.array([[0.1, 0.1], [0.9, 0.2]]), np.array([[-0.1, 0.9], [-0.3, 0.1]])]
    nothing = np.zeros(2)
    row = table_row(
        "w", "all", [Edited(each, nothing, nothing, np.array([0.0, 0.1])) for each in moved], wanted,
        np.arange(2), None, 0,
    )  # fmt: skip
    assert (row["n v"], row["valence right"]) == (3, pytest.approx(2 / 3))
    assert (row["n a"], row["arousal right"]) == (3, pytest.approx(2 / 3))
    assert (row["n both"], row["both right"]) == (2, 0)
    assert row["valence moves"] == pytest.approx((0.1 + 0.1 - 0.3) / 3)
    assert row["arousal moves"] == pytest.approx((-0.1 + 0.2 + 0.1) / 3)
    assert row["clipped"] == pytest.approx(0.05)
    assert row["most clipped"] == pytest.approx(0.1)
    one = table_row(
        "w", "x", [Edited(each, nothing, nothing, nothing) for each in moved], wanted, np.array([0]), 1.0, 0
    )
    assert (one["n v"], one["valence right"], one["n both"]) == (2, 1, 1)


def test_an_edit_is_measured(picture):
    same = measured(picture[None], picture, np.array([[0.2, 0.3]]), np.array([[0.5, 0.1]]))
    assert same.moved.tolist() == [[pytest.approx(0.3), pytest.approx(-0.2)]]
    assert (same.ssim[0], same.size[0], same.clipped[0]) == (pytest.approx(1), 0, 0)
    bright = (picture + 0.5).clamp(0, 1)
    there = measured(bright[None], picture, np.zeros((1, 2)), np.zeros((1, 2)))
    assert there.clipped[0] == pytest.approx((clipped(bright[None]) - clipped(picture[None])).item())
    assert there.clipped[0] > 0.2
    assert there.size[0] == pytest.approx(rms(bright[None], picture).item())


def test_what_was_found_is_kept_by_name_and_by_what_it_depends_on(tmp_path):
    store = Store(tmp_path, "model 1")
    assert store.get("a") is None
    store.put("a", torch.arange(3.0))
    assert store.get("a").tolist() == [0, 1, 2]
    assert store.get("b") is Store(tmp_path, "model 2").get("a") is None
    store.finished()
    assert store.get("a") is None
    nowhere = Store(None, "model 1")
    nowhere.put("a", torch.ones(1))
    nowhere.finished()
    assert nowhere.get("a") is None


def test_edits_are_made_as_strong_as_they_have_to_be(picture):
    edit = edits.blended(picture, torch.stack([torch.zeros_like(picture), 1 - picture]))

    def keeps(edited):
        return 1 - rms(edited, picture)

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


def test_random_grades_follow_the_seed():
    one, same, other = (edits.random_grades(3, rng(seed)) for seed in (0, 0, 1))
    assert one.equal(same)
    assert not one.equal(other)
    assert all(not a.equal(b) for a, b in pairwise(one))
