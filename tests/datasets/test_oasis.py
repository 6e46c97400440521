import pytest

from va_space.datasets import oasis
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

HEADER = "id,Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N\n"


def test_published_layout(tmp_path, write_picture):
    rows = "I1,Acorns 1,Object,Pixabay,4,1,102,1,1,101\nI2,Nude man 12,Person,Pixabay,7,1,102,2.5,1,101\n"
    (tmp_path / "OASIS.csv").write_text(HEADER + rows)
    for theme in ("Acorns 1", "Nude man 12"):
        write_picture(tmp_path / "images" / f"{theme}.jpg")
    acorns, man = oasis.load(tmp_path)
    assert (acorns.modality, acorns.group, man.group) == ("picture", "acorns", "nude man")
    assert (acorns.label.valence, acorns.label.arousal) == (0.5, 0.0)
    assert (man.label.valence, man.label.arousal) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, "OASIS.csv is missing"),
        ("", "has no column Theme"),
        ("Theme,Valence_mean\nA 1,2\n", "has no column Arousal_mean"),
        (HEADER + "I1,Acorns 1,Object\n", "line 2 of .* has 3 of 10 columns"),
        (HEADER + "I1,Acorns 1,Object,Pixabay,8,1,102,1,1,101\n", "Acorns 1.*outside 1..7"),
        (HEADER + "I1,Acorns 1,Object,Pixabay,NA,1,102,1,1,101\n", "Acorns 1.*'NA'"),
        (HEADER + "I1,Acorns 1,Object,Pixabay,nan,1,102,1,1,101\n", "Acorns 1.*'nan'"),
    ],
)
def test_other_layouts_are_named(tmp_path, table, message):
    if table is not None:
        (tmp_path / "OASIS.csv").write_text(table)
    with pytest.raises(DatasetError, match=message):
        oasis.load(tmp_path)


def test_text_that_is_not_utf8_is_an_error(tmp_path):
    (tmp_path / "OASIS.csv").write_bytes(b"\xff\xfe\0T")
    with pytest.raises(DatasetError, match="not a UTF-8 text file"):
        oasis.load(tmp_path)


def test_published_pictures(data_root):
    records = oasis.load(data_root / "oasis")
    assert len(records) == 750
    by_id = {record.id: record for record in records}
    assert by_id["Acorns 1"].group == by_id["Acorns 3"].group
    rating = Scale(1, 7).from_unit(by_id["Acorns 1"].label.valence)
    assert rating == pytest.approx(4.68627451)
    assert 150 < len({record.group for record in records}) < 300
