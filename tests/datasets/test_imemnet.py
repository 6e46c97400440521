import numpy as np
import pytest

from va_space.datasets import imemnet
from va_space.datasets.imemnet import Match
from va_space.datasets.records import Point
from va_space.errors import DatasetError


def test_a_line_is_clip_picture_score(tmp_path):
    (tmp_path / "list.txt").write_text("2009-114 frame_fh 0.72\n830-15 COCO_train2014_000000029116 0.5\n")
    first, second = imemnet.read_matches(tmp_path / "list.txt")
    assert first == Match("2009-114", "frame_fh", 0.72)
    assert (first.song, first.seconds) == ("2009", 228.0)
    assert second.song == "830"


@pytest.mark.parametrize("line", ["2009-114 frame", "2009 frame 0.5", "2009-x frame 0.5", "2009-1 frame 1.5"])
def test_other_lines_are_named(tmp_path, line):
    (tmp_path / "list.txt").write_text(f"1-1 a 0.5\n{line}\n")
    with pytest.raises(DatasetError, match=r"line 2 of .*list\.txt"):
        imemnet.read_matches(tmp_path / "list.txt")


def test_the_cleaner_drops_rows_songs_and_pictures():
    validation = [Match("1-9", "a", 0.5)]
    test = [
        Match("1-9", "a", 0.5),  # the row
        Match("1-10", "b", 0.5),  # its song
        Match("2-9", "a", 0.5),  # its picture
        Match("2-9", "b", 0.5),
        Match("11-9", "b", 0.5),  # song 11 is not song 1
    ]
    assert imemnet.clean_test(test, validation) == test[3:]


def test_published_lists(data_root):
    root = data_root / "imemnet"
    validation = imemnet.read_matches(root / "val_matching.txt")
    test = imemnet.read_matches(root / "test_matching.txt")
    held_out = set(validation)
    assert sum(match in held_out for match in test) == 4111
    clean = imemnet.clean_test(test, validation)
    assert len(clean) == 22_004
    assert len({match.song for match in clean}) == 270
    assert len({match.clip for match in clean}) == 5_162
    assert len({match.picture for match in clean}) == 3_762
    scores = np.array([match.score for match in clean])
    assert scores.mean() == pytest.approx(0.472, abs=5e-4)
    assert scores.var() == pytest.approx(0.0841, abs=5e-5)


def test_published_picture_labels(data_root):
    root = data_root / "imemnet"
    points = imemnet.picture_points(root / "image_va.csv")
    assert len(points) == 24_736  # 24,744 ids, of which 8 are listed with several values
    assert points["3053"] == Point(0.0, 0.921847246891652)
    assert "2745" not in points
    listed = {match.picture for match in imemnet.read_matches(root / "test_matching.txt")}
    ids = {line.split(",")[1] for line in (root / "image_va.csv").read_text().splitlines()[1:]}
    assert len(listed - ids) == 155


def test_pairs_of_files_that_are_there(tmp_path, write_picture, write_sound):
    write_picture(tmp_path / "pictures" / "naps" / "Animals_001_h.jpg")
    write_picture(tmp_path / "pictures" / "iaps" / "1019.JPG")
    write_sound(tmp_path / "MEMD_audio" / "10.mp3")
    matches = [
        Match("10-9", "1019", 0.25),
        Match("10-20", "Animals_001_h", 0.5),
        Match("10-20", "missing", 0.75),
        Match("11-20", "1019", 0.75),
        Match("10-1", "1019", 1.0),
    ]
    pictures, music, pairs = imemnet.load(
        matches,
        pictures=tmp_path / "pictures",
        audio=tmp_path / "MEMD_audio",
        points={"1019": Point(0.1, 0.9)},
    )
    assert [record.id for record in pictures] == ["1019", "Animals_001_h"]
    assert [record.label for record in pictures] == [Point(0.1, 0.9), None]
    found = [
        (pictures[picture].id, music[track].id, score)
        for picture, track, score in zip(*(column.tolist() for column in pairs), strict=True)
    ]
    assert found == [("1019", "10-9", 0.25), ("Animals_001_h", "10-20", 0.5), ("1019", "10-1", 1.0)]
    windows = {record.id: (record.start, record.duration, record.group) for record in music}
    assert windows == {"10-9": (13, 10, "10"), "10-20": (35, 10, "10"), "10-1": (0, 10, "10")}


def test_no_media_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="IMEMNet pictures"):
        imemnet.load([Match("1-9", "a", 0.5)], pictures=tmp_path, audio=tmp_path)
