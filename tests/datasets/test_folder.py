import logging

import pytest

from va_space.datasets import folder
from va_space.errors import DatasetError


@pytest.fixture
def root(tmp_path, write_picture, write_sound):
    write_picture(tmp_path / "b.jpg")
    write_picture(tmp_path / "sub" / "a.png")
    write_sound(tmp_path / "sub" / "song.flac")
    (tmp_path / "notes.txt").write_text("not media")
    return tmp_path


def test_pictures_and_music_are_told_apart(root):
    records = {record.id: record for record in folder.load(root)}
    kinds = {name: record.modality for name, record in records.items()}
    assert kinds == {"b.jpg": "picture", "sub/a.png": "picture", "sub/song.flac": "music"}
    assert all(record.label is None and record.group == record.id for record in records.values())


def test_one_kind_alone(root):
    assert [record.id for record in folder.load(root, modality="music")] == ["sub/song.flac"]
    assert len(folder.load(root, modality="picture")) == 2


def test_damaged_files_are_left_out_and_counted(root, caplog):
    (root / "bad.jpg").write_bytes(b"no picture")
    with caplog.at_level(logging.WARNING):
        assert len(folder.load(root)) == 3
    assert "1 files cannot be used" in caplog.text
    assert "bad.jpg" in caplog.text


def test_nothing_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="no such folder"):
        folder.load(tmp_path / "none")
    with pytest.raises(DatasetError, match="holds no music"):
        folder.load(tmp_path, modality="music")
