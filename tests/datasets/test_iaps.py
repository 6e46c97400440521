import pytest

from va_space.datasets import iaps
from va_space.errors import DatasetError

TABLE = """IAPS Technical Report
All Subjects, sets 1-20

desc\tIAPS\tvalmn\tvalsd\taromn\tarosd\tdom1mn\tdom1sd\tdom2mn\tdom2sd\tset
Snake\t1019\t3.00\t1.93\t5.00\t1.83\t3.82\t2.10\t.\t.\t6
Snake 2\t1050\t2.00\t1.93\t7.00\t1.83\t3.82\t2.10\t.\t.\t6
Snake 2\t1050\t4.00\t1.93\t6.00\t1.83\t3.82\t2.10\t.\t.\t12
Café\t2375.1\t9.00\t1.93\t1.00\t1.83\t3.82\t2.10\t.\t.\t6
"""


def test_published_layout(tmp_path, write_picture):
    (tmp_path / "AllSubjects_1-20.txt").write_bytes(TABLE.replace("\n", "\r\n").encode("latin-1"))
    for number in ("1019", "1050", "2375.1"):
        write_picture(tmp_path / "IAPS 1-20 Images" / f"{number}.jpg")
    snake, another, cafe = iaps.load(tmp_path)
    assert (snake.label.valence, snake.label.arousal) == (0.25, 0.5)
    assert (another.label.valence, another.label.arousal) == (0.25, 0.6875)  # rated in two sets
    assert (cafe.label.valence, cafe.label.arousal) == (1.0, 0.0)
    assert snake.group == another.group == "snake"
    assert cafe.path.name == "2375.1.jpg"


def test_other_layouts_are_named(tmp_path):
    with pytest.raises(DatasetError, match="no AllSubjects"):
        iaps.load(tmp_path)
    (tmp_path / "AllSubjects_1-20.txt").write_text("desc IAPS valmn aromn\n")
    with pytest.raises(DatasetError, match="no tab-separated header line"):
        iaps.load(tmp_path)
