from collections import Counter

import pytest

from va_space.datasets import fourq
from va_space.datasets.records import Quadrant
from va_space.errors import DatasetError

HEADER = "song,artist,title,quadrant,share,moods,genres\n"


def test_the_layout_gives_quadrants_by_artist(tmp_path, write_sound):
    (tmp_path / "fourq.csv").write_text(HEADER + "MT1,The Band,Song,3,0.7,Gritty; Lazy,Blues\n")
    path = write_sound(tmp_path / "audio" / "MT1.ogg")
    (record,) = fourq.load(tmp_path)
    assert (record.modality, record.group, record.id, record.path) == ("music", "the band", "MT1", path)
    assert record.label == Quadrant(3)
    assert record.label.valence_interval == record.label.arousal_interval == (0.0, 0.5)


def test_windows_keep_label_and_artist(tmp_path, write_sound):
    (tmp_path / "fourq.csv").write_text(HEADER + "MT1,Band,Song,1,0.7,,\n")
    write_sound(tmp_path / "audio" / "MT1.wav")
    windows = fourq.load(tmp_path, window_seconds=0.25)
    assert len(windows) > 1
    assert [window.start for window in windows] == [0.25 * index for index in range(len(windows))]
    assert {(window.group, window.label) for window in windows} == {("band", Quadrant(1))}


def test_other_layouts_are_named(tmp_path):
    with pytest.raises(DatasetError, match=r"fourq\.csv is missing"):
        fourq.load(tmp_path)
    (tmp_path / "fourq.csv").write_text(HEADER + "MT1,Band,Song,5,0.7,,\n")
    with pytest.raises(DatasetError, match="song MT1 with quadrant '5'"):
        fourq.load(tmp_path)
    (tmp_path / "fourq.csv").write_text(HEADER + "MT1,Band,Song,1,0.7,,\n")
    with pytest.raises(DatasetError, match=r"no media file .*MT1\.opus"):
        fourq.load(tmp_path)


def test_published_recordings(data_root):
    records = fourq.load(data_root / "fourq")
    numbers = Counter(record.label.number for record in records)
    assert set(numbers) == {1, 2, 3, 4}
    assert max(numbers.values()) < 1.2 * min(numbers.values())  # balanced by design
    assert len({record.group for record in records}) < len(records)


def test_the_mean_norm_of_mood_words_is_a_point(tmp_path):
    (tmp_path / "fourq.csv").write_text(HEADER + "MT1,B,S,1,1,Warm; Laid-Back/Mellow,\nMT2,B,S,1,1,Odd,\n")
    norms = tmp_path / "norms.csv"
    norms.write_text("word,valence_mean,arousal_mean\nwarm,7,5\nmellow,9,1\n")
    assert fourq.word_points(tmp_path, norms) == {"MT1": (0.875, 0.25)}
