import logging
from pathlib import Path

import pytest

from va_space.datasets.records import Point, Quadrant, Record, keep_existing, windows_of
from va_space.errors import DatasetError


def record(path: Path, name: str = "a") -> Record:
    return Record(path, "music", None, group=name, id=name)


@pytest.mark.parametrize("pair", [(-0.01, 0.5), (0.5, 1.01), (float("nan"), 0.5)])
def test_a_point_outside_the_plane_is_refused(pair):
    with pytest.raises(ValueError, match="must lie in"):
        Point(*pair)


def test_quadrants_are_intervals():
    assert Quadrant(2).valence_interval == (0.0, 0.5)
    assert Quadrant(2).arousal_interval == (0.5, 1.0)
    with pytest.raises(ValueError, match="1, 2, 3 or 4"):
        Quadrant(0)


def test_missing_files_are_counted_in_a_warning(tmp_path, caplog):
    (tmp_path / "there.mp3").write_bytes(b"x")
    records = [record(tmp_path / "there.mp3"), record(tmp_path / "gone.mp3"), record(tmp_path / "away.mp3")]
    with caplog.at_level(logging.WARNING):
        kept = keep_existing(iter(records), "songs")
    assert kept == records[:1]
    assert "songs: 2 of 3" in caplog.text
    assert "away.mp3" in caplog.text


def test_a_data_set_without_any_file_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match=r"songs: no media file.*gone\.mp3"):
        keep_existing([record(tmp_path / "gone.mp3")], "songs")
    with pytest.raises(DatasetError, match="list none"):
        keep_existing([], "songs")


@pytest.mark.parametrize(
    ("end", "hop", "starts"),
    [
        (30.0, None, [0, 10, 20]),
        (34.9, None, [0, 10, 20]),
        (35.0, None, [0, 10, 20, 30]),
        (2.0, None, [0]),
        (20.0, 5.0, [0, 5, 10, 15]),
    ],
)
def test_windows_keep_a_last_part_of_half_a_window(end, hop, starts):
    windows = windows_of(record(Path("x.mp3")), end, 10.0, hop)
    assert [window.start for window in windows] == starts
    assert {window.duration for window in windows} == {10.0}
    assert len({window.id for window in windows}) == len(starts)


@pytest.mark.parametrize("hop", [None, 4.0])
@pytest.mark.parametrize("seconds", [3.0, 10.0, 14.0, 15.5, 27.0, 40.0])
def test_windows_are_those_that_media_cuts(seconds, hop):
    import numpy as np

    from va_space.media.settings import AudioSettings
    from va_space.media.windows import iter_windows

    settings = AudioSettings(sample_rate=8000)
    sound = np.random.default_rng(0).normal(size=round(seconds * 8000)).astype(np.float32) / 10
    cut = [start for start, _ in iter_windows((sound, 8000), settings, hop_seconds=hop)]
    windows = windows_of(record(Path("x.mp3")), seconds, 10.0, hop)
    assert [window.start for window in windows] == pytest.approx(cut)
