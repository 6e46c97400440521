import numpy as np
import pytest

from va_space.datasets import emotic
from va_space.errors import DatasetError

scipy_io = pytest.importorskip("scipy.io", reason="scipy is not installed")


def structs(rows: list[dict[str, object]]) -> np.ndarray:
    """Rows as a 1 x n struct array, as MATLAB writes it."""
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for place, row in enumerate(rows):
        array[0, place] = tuple(row.values())
    return array


def continuous(*points: tuple[float, float]) -> np.ndarray:
    return structs([{"valence": v, "arousal": a, "dominance": 5.0} for v, a in points])


def picture(folder: str, name: str, people: list[dict[str, object]]) -> dict[str, object]:
    return {"filename": name, "folder": folder, "person": structs(people)}


def trained(valence: float, arousal: float) -> dict[str, object]:
    return {"body_bbox": [0.0, 0, 1, 1], "annotations_continuous": continuous((valence, arousal))}


def held_out(annotators: list[tuple[float, float]], mean: tuple[float, float]) -> dict[str, object]:
    return {
        "body_bbox": [0.0, 0, 1, 1],
        "annotations_continuous": continuous(*annotators),
        "combined_continuous": continuous(mean),
    }


@pytest.fixture
def root(tmp_path, write_picture):
    nan = float("nan")
    published = {
        "train": [
            picture("mscoco/images", "COCO_1.jpg", [trained(1, 10), trained(10, 10)]),
            picture("framesdb/images", "frame_a.jpg", [trained(5.5, 1)]),
            picture("mscoco/images", "COCO_2.jpg", [trained(1, 1)]),
        ],
        "val": [
            picture("ade20k/images", "ADE_1.jpg", [held_out([(1, 1), (10, 4)], (5.5, 2.5))]),
            picture("ade20k/images", "ADE_2.jpg", [held_out([(nan, nan), (nan, 3)], (nan, nan))]),
        ],
        # The same picture as in the training list, with another person.
        "test": [
            picture("emodb_small/images", "e.jpg", [held_out([(10, 10)], (10, 10))]),
            picture("mscoco/images", "COCO_2.jpg", [held_out([(10, 1)], (10, 1))]),
        ],
    }
    (tmp_path / "Annotations").mkdir()
    scipy_io.savemat(
        tmp_path / "Annotations" / "Annotations.mat",
        {name: structs(rows) for name, rows in published.items()},
    )
    for rows in published.values():
        for row in rows:
            write_picture(tmp_path / "emotic" / str(row["folder"]) / str(row["filename"]))
    return tmp_path


def test_published_layout(root):
    records = {record.path.name: record for record in emotic.load(root)}
    assert set(records) == {"COCO_1.jpg", "frame_a.jpg", "COCO_2.jpg", "ADE_1.jpg", "e.jpg"}
    points = {name: (record.label.valence, record.label.arousal) for name, record in records.items()}
    assert points["COCO_1.jpg"] == (0.5, 1.0)
    assert points["frame_a.jpg"] == (0.5, 0.0)
    assert points["ADE_1.jpg"] == pytest.approx((0.5, 1.5 / 9))
    assert points["e.jpg"] == (1.0, 1.0)
    assert records["frame_a.jpg"].path == root / "emotic" / "framesdb" / "images" / "frame_a.jpg"
    assert {name: record.split for name, record in records.items()} == {
        "COCO_1.jpg": "train",
        "frame_a.jpg": "train",
        "ADE_1.jpg": "val",
        "e.jpg": "test",
        "COCO_2.jpg": "test",
    }


def test_a_picture_of_two_lists_is_one_record_of_the_held_out_part(root):
    (record,) = [record for record in emotic.load(root) if record.path.name == "COCO_2.jpg"]
    assert record.split == "test"
    assert (record.label.valence, record.label.arousal) == (0.5, 0.0)


def test_other_layouts_are_named(root, tmp_path):
    table = root / "Annotations" / "Annotations.mat"
    scipy_io.savemat(table, {"train": structs([picture("a", "b.jpg", [trained(1, 1)])])})
    with pytest.raises(DatasetError, match="no struct test, val"):
        emotic.load(root)
    table.write_bytes(b"not a mat file" * 20)
    with pytest.raises(DatasetError, match=r"Annotations\.mat is not a readable \.mat file"):
        emotic.load(root)
    table.unlink()
    with pytest.raises(DatasetError, match=r"no Annotations\.mat"):
        emotic.load(root)
