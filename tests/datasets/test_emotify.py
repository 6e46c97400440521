import pytest

from va_space.datasets import emotify
from va_space.datasets.records import Votes
from va_space.errors import DatasetError


def test_published_layout(tmp_path, write_sound):
    shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.0, 0.1, 0.2, 0.9]
    header = ",".join(("track", "file", "genre", "artist", "title", "raters", *emotify.FEELINGS))
    row = "1,audio/001.ogg,rock,The Band,Song,20," + ",".join(map(str, shares))
    (tmp_path / "emotify.csv").write_text(f"{header}\n{row}\n")
    write_sound(tmp_path / "audio" / "001.ogg")
    (record,) = emotify.load(tmp_path)
    assert (record.modality, record.group, record.id) == ("music", "the band", "1")
    assert list(record.label.shares.values()) == shares
    assert record.label.shares["sadness"] == 0.9


def test_other_layouts_are_named(tmp_path):
    with pytest.raises(DatasetError, match=r"emotify\.csv is missing"):
        emotify.load(tmp_path)
    header = ",".join(("track", "file", "artist", *emotify.FEELINGS))
    for share, reason in (("x", "could not convert"), ("1.5", "amazement 1.5")):
        (tmp_path / "emotify.csv").write_text(f"{header}\n7,a.ogg,Band,{share}" + ",0" * 8 + "\n")
        with pytest.raises(DatasetError, match=f"track 7: {reason}"):
            emotify.load(tmp_path)


def test_published_recordings(data_root):
    records = emotify.load(data_root / "emotify")
    assert len(records) == 268
    assert len({record.group for record in records}) < 268
    for record in records:
        assert isinstance(record.label, Votes)
        assert set(record.label.shares) == set(emotify.FEELINGS)
        assert all(0 <= share <= 1 for share in record.label.shares.values())
