"""The task of explanations on small data: areas and cuts by hand, planted things in their place, all rows."""

import numpy as np
import pytest
import soundfile
import torch

from va_space.benchmark import explanation_pictures as pictures
from va_space.benchmark import explanation_tracks as tracks
from va_space.benchmark.context import Context
from va_space.benchmark.explanation_pictures import CELLS, SHARES, areas, edge_cells, found, plant, rank
from va_space.benchmark.explanation_rows import one_a_group
from va_space.benchmark.explanation_tracks import cut_out, splice
from va_space.benchmark.tasks import explanation
from va_space.datasets.emotify import FEELINGS
from va_space.explanation.methods import MapOptions

SIDE, RATE = 24, 8000


@pytest.fixture(scope="module")
def data(tmp_path_factory, oasis_root, write_tones):
    """A data root with OASIS, four recordings of Emotify and eight of 4Q."""
    root = tmp_path_factory.mktemp("explanation") / "data"
    (root / "emotify").mkdir(parents=True)
    (root / "fourq" / "audio").mkdir(parents=True)
    (root / "oasis").symlink_to(oasis_root / "oasis")
    lines = [",".join(["track", "file", "artist", *FEELINGS])]
    for number in range(4):
        path = write_tones(f"emotify{number}", [0.1, 0.9, 0.3, 0.6])
        (root / "emotify" / path.name).write_bytes(path.read_bytes())
        lines.append(",".join([str(number), path.name, f"artist {number}", *["0.1"] * len(FEELINGS)]))
    (root / "emotify" / "emotify.csv").write_text("\n".join(lines))
    lines = ["song,artist,quadrant"]
    for number in range(8):
        path = write_tones(f"fourq{number}", [0.2, 0.8, 0.5, 0.1])
        (root / "fourq" / "audio" / f"S{number}.wav").write_bytes(path.read_bytes())
        lines.append(f"S{number},player {number},{1 + number % 4}")
    (root / "fourq" / "fourq.csv").write_text("\n".join(lines))
    return root


@pytest.fixture(scope="module")
def result(tiny_space, data, tmp_path_factory):
    patch = pytest.MonkeyPatch()
    for module in ("explanation_pictures", "explanation_map_rows"):
        patch.setattr(f"va_space.benchmark.{module}.OTHER", MapOptions(grid=2))
    patch.setattr(pictures.maps_of, "__defaults__", (MapOptions(grid=3, steps=2),))
    patch.setattr(tracks, "PASSAGE", 1.0)
    patch.setattr("va_space.benchmark.explanation_track_rows.PASSAGE", 1.0)
    context = Context(tiny_space, data, tmp_path_factory.mktemp("cache"), limit=4)
    yield explanation.run(context)
    patch.undo()


def test_all_rows_are_there(result):
    kinds = [("map", 8), ("maps", 6), ("planted", 6 + 4), ("rank", 4), ("cut from a track", 6)]
    for column, count in kinds:
        assert sum(column in row for row in result["rows"]) == count
    for row in result["rows"]:
        for name, value in row.items():
            if isinstance(value, float) and f"{name} interval" in row:
                low, high = row[f"{name} interval"]
                assert low - 1e-9 <= value <= high + 1e-9
    random = [row for row in result["rows"] if row.get("map") == pictures.RANDOM]
    assert [row["over random"] for row in random] == [0, 0]
    assert {name for row in result["rows"] for name in row} >= {"deletion", "insertion", "found", "change"}


def test_areas_by_hand(tiny_space):
    picture = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    cells = np.random.default_rng(0).random((CELLS, CELLS))
    order, size = np.argsort(-cells.ravel()), SIDE // CELLS
    mean = picture.mean(dim=(1, 2), keepdim=True).expand_as(picture)
    numbers, shares = [], [0, *SHARES, 1]
    for share in shares:
        changed = picture.clone()
        for cell in order[: round(share * CELLS**2)]:
            row, column = divmod(int(cell), CELLS)
            at = slice(size * row, size * (row + 1)), slice(size * column, size * (column + 1))
            changed[:, at[0], at[1]] = mean[:, at[0], at[1]]
        numbers.append(tiny_space.predict_va(changed))
    expected = np.trapezoid(numbers, shares, axis=0)
    found = areas(tiny_space, picture, {"random": cells})["random"]
    assert [area.deletion for area in found] == pytest.approx(expected, abs=1e-3)


def test_edges_are_where_the_picture_changes():
    picture = torch.zeros(3, 48, 48)
    picture[:, :, 24:] = 1
    strength = edge_cells(picture)
    assert strength[:, 5:7].min() > 0.5
    assert strength[:, :5].max() == strength[:, 7:].max() == 0


def test_a_patch_is_the_donor_and_lies_in_its_box(oasis_root):
    host, donor = sorted((oasis_root / "oasis" / "images").iterdir())[:2]
    planted = plant(host, donor, 48, 0.25, np.random.default_rng(0))
    left, top, right, bottom = (round(48 * edge) for edge in planted.box)
    assert right - left == bottom - top == 16
    outside = planted.picture.clone()
    outside[:, top:bottom, left:right] = 0
    expected = plant(host, host, 48, 0.25, np.random.default_rng(0)).picture.clone()
    expected[:, top:bottom, left:right] = 0
    torch.testing.assert_close(outside, expected)
    middle = (planted.box[0] + 0.1, planted.box[1] + 0.1)
    assert found(planted, middle)
    assert not found(planted, (planted.box[0] - 0.01, planted.box[1] + 0.1))


def test_a_patch_that_stands_out_has_the_highest_rank(oasis_root):
    host, donor = sorted((oasis_root / "oasis" / "images").iterdir())[:2]
    planted = plant(host, donor, 48, 0.25, np.random.default_rng(0))
    values = np.zeros((48, 48), np.float32)
    left, top, right, bottom = (round(48 * edge) for edge in planted.box)
    values[top:bottom, left:right] = 1
    places = (48 - 16 + 1) ** 2
    assert rank(planted, values) == pytest.approx((places - 1) / places)
    assert rank(planted, -values) == 0


def test_chance_is_how_often_a_region_at_random_hits(oasis_root):
    random = np.random.default_rng(1)
    host, donor = sorted((oasis_root / "oasis" / "images").iterdir())[:2]
    for _ in range(3):
        planted = plant(host, donor, 48, 0.25, random)
        places = random.uniform(0.125, 0.875, (4000, 2))
        share = np.mean([found(planted, tuple(place)) for place in places])
        assert planted.chance == pytest.approx(share, abs=0.03)


def test_cuts_and_splices(tmp_path):
    samples = np.arange(4 * RATE, dtype=np.float32) / (4 * RATE)
    left = cut_out(samples, RATE, np.array([1.0, 3.0]), 1.0)
    assert len(left) == 2 * RATE
    assert left[RATE // 2] == samples[RATE // 2]
    assert left[RATE + RATE // 2] == samples[2 * RATE + RATE // 2]
    random = np.random.default_rng(2)
    for name, level in (("host", 0.1), ("donor", 0.4)):
        soundfile.write(tmp_path / f"{name}.wav", level * random.uniform(-1, 1, 20 * RATE), RATE)
    spliced = splice(tmp_path / "host.wav", tmp_path / "donor.wav", RATE, random)
    host, _ = soundfile.read(tmp_path / "host.wav", dtype="float32")
    changed = np.flatnonzero(np.abs(spliced.samples - host) > 1e-6)
    assert changed.min() / RATE == pytest.approx(spliced.start, abs=0.05)
    assert np.ptp(changed) / RATE == pytest.approx(tracks.PASSAGE, abs=0.1)
    inside = spliced.samples[changed.min() : changed.max()]
    assert np.sqrt(np.mean(inside**2)) == pytest.approx(np.sqrt(np.mean(host**2)), rel=0.05)


def test_one_a_group(context):
    records = one_a_group(context.pictures["test"], 100, np.random.default_rng(0))
    assert len({record.group for record in records}) == len(records) > 1
