import logging

import pytest

from va_space.datasets import naps
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

TABLE = "NAPS_valence_arousal_2014.csv"
HEADER = "ID;Category;Nr;V_H;Description;Valence;Arousal\n"


def test_published_layout(tmp_path, write_picture):
    rows = "Animals_001_h;Animals;1;h;Dead Stork;3,0;7,00\nAnimals_002_v;Animals;2;v;Lion;9;1,00\n"
    (tmp_path / TABLE).write_text(HEADER + rows)
    write_picture(tmp_path / "NAPS_H" / "Animals_001_h.jpg")
    write_picture(tmp_path / "Animals_002_v.JPG")
    stork, lion = naps.load(tmp_path)
    assert (stork.id, stork.group, stork.modality) == ("Animals_001_h", "Animals: dead stork", "picture")
    assert (stork.label.valence, stork.label.arousal) == (0.25, 0.75)
    assert (lion.label.valence, lion.label.arousal) == (1.0, 0.0)
    assert stork.path == tmp_path / "NAPS_H" / "Animals_001_h.jpg"


def test_no_pictures_is_an_error(tmp_path):
    (tmp_path / TABLE).write_text(HEADER + "Animals_001_h;Animals;1;h;Dead Stork;3,0;7,00\n")
    with pytest.raises(DatasetError, match=r"NAPS: no media file.*Animals_001_h\.jpg"):
        naps.load(tmp_path)


def test_published_norms(data_root, tmp_path, write_picture, caplog):
    for name in ("Animals_001_h", "Animals_002_v", "People_001_h"):
        write_picture(tmp_path / f"{name}.jpg")
    with caplog.at_level(logging.WARNING):
        records = naps.load(tmp_path, annotations=data_root / "norms" / TABLE)
    assert [record.id for record in records] == ["Animals_001_h", "Animals_002_v", "People_001_h"]
    assert "NAPS: 1353 of 1356" in caplog.text
    lion = records[1].label
    assert Scale(1, 9).from_unit([lion.valence, lion.arousal]).tolist() == pytest.approx([6.24, 6.68])
