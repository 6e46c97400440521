import logging

import pytest

from va_space.datasets import deam
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

FIRST = "song_id, valence_mean, valence_std, arousal_mean, arousal_std\n2,3.0,0.94,5,0.63\n3,9,1.7,1,1.6\n"
SECOND = (
    "song_id, valence_mean, valence_std, valence_ max_mean, valence_max_std, valence_min_mean, "
    "valence_min_std, arousal_mean, arousal_std, arousal_max_mean, arousal_max_std, arousal_min_mean, "
    "arousal_min_std\n2001,5,0.98,5.0,1.41,2.2,0.98,7,0.8,8.6,0.49,3.4,1.02\n"
)
AVERAGED = "annotations/annotations averaged per song"


@pytest.fixture
def root(tmp_path, write_sound):
    static = tmp_path / AVERAGED / "song_level"
    static.mkdir(parents=True)
    (static / "static_annotations_averaged_songs_1_2000.csv").write_text(FIRST)
    (static / "static_annotations_averaged_songs_2000_2058.csv").write_text(SECOND)
    dynamic = tmp_path / AVERAGED / "dynamic (per second annotations)"
    dynamic.mkdir()
    times = range(15000, 40000, 500)
    header = "song_id," + ",".join(f"sample_{time}ms" for time in times)
    # Song 2 rises by 0.01 a sample for 25 s; song 3 ends after 12 s, so its last cells are empty.
    rise = ",".join(f"{index / 100}" for index in range(50))
    short = ",".join(["-1.0"] * 24 + [""] * 26)
    level = ",".join(["0.5"] * 50)
    (dynamic / "valence.csv").write_text(f"{header}\n2,{rise}\n3,{short}\n")
    (dynamic / "arousal.csv").write_text(f"{header}\n2,{level}\n3,{short}\n")
    for song in (2, 3, 2001):
        write_sound(tmp_path / "MEMD_audio" / f"{song}.mp3")
    return tmp_path


def test_static_labels_of_both_layouts(root):
    records = deam.load(root)
    points = {record.id: (record.label.valence, record.label.arousal) for record in records}
    assert points == {"2": (0.25, 0.5), "3": (1.0, 0.0), "2001": (0.5, 0.75)}
    assert all(record.group == record.id and record.modality == "music" for record in records)
    assert records[0].path == root / "MEMD_audio" / "2.mp3"


def test_windows_have_the_mean_of_their_half_seconds(root):
    records = deam.load(root, window_seconds=10)
    assert [(record.group, record.start, record.duration) for record in records] == [
        ("2", 15, 10),
        ("2", 25, 10),
        ("2", 35, 10),
        ("3", 15, 10),
    ]
    ratings = [Scale(-1, 1).from_unit(record.label.valence) for record in records]
    assert ratings == pytest.approx([0.095, 0.295, 0.445, -1])
    assert records[0].label.arousal == pytest.approx(0.75)
    assert len({record.id for record in records}) == 4


def test_missing_songs_are_counted(root, caplog):
    (root / "MEMD_audio" / "3.mp3").unlink()
    with caplog.at_level(logging.WARNING):
        assert [record.id for record in deam.load(root)] == ["2", "2001"]
    assert "DEAM: 1 of 3" in caplog.text


def test_other_layouts_are_named(root, tmp_path):
    with pytest.raises(DatasetError, match="no static_annotations"):
        deam.load(tmp_path, annotations=root / "MEMD_audio")
    with pytest.raises(DatasetError, match=r"no valence\.csv"):
        deam.load(tmp_path, window_seconds=10, annotations=root / "MEMD_audio")
    table = next(root.rglob("valence.csv"))
    table.write_text("song_id,sample_15000ms\n2,loud\n")
    with pytest.raises(DatasetError, match=r"song 2 in .*valence\.csv"):
        deam.load(root, window_seconds=10)


def test_published_static_annotations(data_root, tmp_path, write_sound):
    for song in (2, 2000, 2001, 2058):
        write_sound(tmp_path / "MEMD_audio" / f"{song}.mp3")
    records = {record.id: record for record in deam.load(tmp_path, annotations=data_root / "norms")}
    assert set(records) == {"2", "2000", "2001", "2058"}
    for song, rating in {"2": (3.1, 3.0), "2001": (3.2, 6.6)}.items():
        label = records[song].label
        assert Scale(1, 9).from_unit([label.valence, label.arousal]).tolist() == pytest.approx(rating)
