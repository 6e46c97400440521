import collections
import csv

import pytest
import soundfile

from va_space.datasets import emopia
from va_space.errors import DatasetError

SONG = "a_b_C"  # ids of songs hold underscores themselves


@pytest.fixture
def root(tmp_path, write_midi):
    for clip, quarters in (("Q1_a_b_C_0", 2), ("Q3_a_b_C_1", 30), ("Q4_zz_0", 2)):
        write_midi(tmp_path / "midis" / f"{clip}.mid", notes=[(60, quarters)])
    (tmp_path / "label.csv").write_text("ID,4Q,annotator\nQ1_a_b_C_0,1,D\nQ3_a_b_C_1,3,D\nQ4_zz_0,4,D\n")
    (tmp_path / "split").mkdir()
    (tmp_path / "split" / "train_clip.csv").write_text(",clip_name\n0,Q1_a_b_C_0.mid\n1,Q3_a_b_C_1.mid\n")
    (tmp_path / "split" / "val_clip.csv").write_text(",clip_name\n0,Q4_zz_0.mid\n")
    return tmp_path


@pytest.mark.usefixtures("fluidsynth")
def test_published_layout(root):
    first, second, other = emopia.load(root, root / "cache")
    assert (first.group, second.group, other.group) == (SONG, SONG, "zz")
    assert (first.split, second.split, other.split) == ("train", "train", "val")
    assert (first.label.number, second.label.number, other.label.number) == (1, 3, 4)
    assert first.modality == "music"
    assert first.duration is None
    assert soundfile.info(first.path).duration == pytest.approx(3, abs=0.02)


@pytest.mark.usefixtures("fluidsynth")
def test_windows_have_the_quadrant_of_their_clip(root):
    records = emopia.load(root, root / "cache", window_seconds=10)
    second = [record for record in records if record.id.startswith("Q3")]
    assert [(record.start, record.duration) for record in second] == [(0, 10), (10, 10), (20, 10)]
    assert {record.label.number for record in second} == {3}
    assert len(records) == 5


def test_other_layouts_are_named(root):
    (root / "label.csv").write_text("ID,4Q,annotator\nQ1_a_b_C_0,5,D\n")
    with pytest.raises(DatasetError, match="clip Q1_a_b_C_0 with quadrant '5'"):
        emopia.load(root, root / "cache")
    with pytest.raises(DatasetError, match="split is missing"):
        emopia.load(root / "midis", root / "cache")


@pytest.mark.usefixtures("fluidsynth")
def test_published_labels_with_two_clips(data_root, tmp_path):
    published = data_root / "emopia"
    for name in ("label.csv", "split"):
        (tmp_path / name).symlink_to(published / name)
    (tmp_path / "midis").mkdir()
    with (published / "label.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["ID"].count("_") > 2][:2]
    for row in rows:
        (tmp_path / "midis" / f"{row['ID']}.mid").symlink_to(published / "midis" / f"{row['ID']}.mid")
    records = emopia.load(tmp_path, tmp_path / "cache")
    assert [record.id for record in records] == [row["ID"] for row in rows]
    assert [str(record.label.number) for record in records] == [row["4Q"] for row in rows]
    for record in records:
        assert f"Q{record.label.number}_{record.group}_" == record.id[: record.id.rindex("_") + 1]
        assert record.split in ("train", "val")


def test_no_song_is_on_both_sides_of_the_official_split(data_root):
    sides = collections.defaultdict(set)
    for clip, split in emopia._splits(data_root / "emopia").items():
        sides[clip[clip.index("_") + 1 : clip.rindex("_")]].add(split)
    assert all(len(found) == 1 for found in sides.values())
