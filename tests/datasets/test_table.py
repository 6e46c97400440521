import logging

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from va_space.datasets import table
from va_space.datasets.records import Point
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError


@pytest.fixture
def root(tmp_path, write_picture, write_sound):
    write_picture(tmp_path / "a b.png")
    write_sound(tmp_path / "music" / "song.wav")
    return tmp_path


def test_csv_with_groups(root):
    text = 'path,valence,arousal,group,note\n"a b.png",0,50,holiday,x\nmusic/song.wav,100,25,,y\n'
    (root / "own.csv").write_text("\ufeff" + text, encoding="utf-8")
    picture, song = table.load(root / "own.csv", Scale(0, 100))
    assert (picture.modality, picture.label, picture.group) == ("picture", Point(0.0, 0.5), "holiday")
    assert (song.modality, song.label, song.group) == ("music", Point(1.0, 0.25), "music/song.wav")
    assert picture.path == root / "a b.png"


def test_parquet_equals_csv(root):
    columns = {
        "path": ["a b.png", str(root / "music" / "song.wav")],
        "valence": [-1.0, 1.0],
        "arousal": [0, 1],
    }
    pq.write_table(pa.table(columns), root / "own.parquet")
    picture, song = table.load(root / "own.parquet", Scale(-1, 1))
    assert (picture.label, picture.modality) == (Point(0.0, 0.5), "picture")
    assert (song.label, song.modality) == (Point(1.0, 1.0), "music")
    assert song.path == root / "music" / "song.wav"


def test_parquet_groups_may_be_missing(root):
    columns = {
        "path": ["a b.png"],
        "valence": [0.5],
        "arousal": [0.5],
        "group": pa.array([None], pa.string()),
    }
    pq.write_table(pa.table(columns), root / "own.parquet")
    assert table.load(root / "own.parquet", Scale(0, 1))[0].group == "a b.png"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,valence\na b.png,1\n", "no column arousal"),
        ("path,valence,arousal\na b.png,1,9.5\n", "a b.png.*outside 1..9"),
        ("path,valence,arousal\na b.png,1,\n", "a b.png.*no rating"),
        ("path,valence,arousal\na b.png,1,2\na b.png,1,2\n", "listed twice"),
        ("path,valence,arousal\nother.png,1,2\n", r"no media file.*other\.png"),
        ("path,valence,arousal\n", "no media file"),
    ],
)
def test_what_is_wrong_is_named(root, text, message):
    (root / "own.csv").write_text(text)
    with pytest.raises(DatasetError, match=message):
        table.load(root / "own.csv", Scale(1, 9))


def test_missing_files_are_counted(root, caplog):
    (root / "own.csv").write_text("path,valence,arousal\na b.png,1,2\nother.png,1,2\n")
    with caplog.at_level(logging.WARNING):
        assert len(table.load(root / "own.csv", Scale(1, 9))) == 1
    assert "1 of 2" in caplog.text


def test_damaged_and_missing_tables_are_errors(root):
    (root / "own.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DatasetError, match="not a readable parquet file"):
        table.load(root / "own.parquet", Scale(0, 1))
    for name in ("none.csv", "none.parquet"):
        with pytest.raises(DatasetError, match=f"{name} is missing"):
            table.load(root / name, Scale(0, 1))
