"""Decoded media on disk."""

import logging

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from va_space.datasets.records import Record, windows_of
from va_space.errors import MediaError
from va_space.media.mel import LogMel
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows
from va_space.training.engine.cache import cached_mels, cached_pictures

SETTINGS = AudioSettings(sample_rate=8000, window_seconds=1.0, n_fft=512, hop_length=256, n_mels=32)


@pytest.fixture
def pictures(tmp_path):
    records = []
    for number in range(5):
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.full((30, 40, 3), 40 * number, np.uint8)).save(path)
        records.append(Record(path, "picture", None, group=path.name, id=path.name))
    return records


def test_a_bad_file_is_told_and_left_out(pictures, tmp_path, caplog):
    pictures[2].path.write_text("broken")
    with caplog.at_level(logging.WARNING):
        result = cached_pictures(pictures, 16, tmp_path / "cache")
    assert [record.id for record in result.records] == ["0.png", "1.png", "3.png", "4.png"]
    assert result.values[:, 0, 0, 0].tolist() == [0, 40, 120, 160]
    assert result.values.shape == (4, 3, 16, 16)
    assert "2.png" in caplog.text


def test_decoded_once_until_a_file_changes(pictures, tmp_path):
    folder = tmp_path / "cache"
    cached_pictures(pictures, 16, folder)
    made = sorted(folder.iterdir())
    stamps = [path.stat().st_mtime_ns for path in made]
    cached_pictures(pictures, 16, folder)
    assert [path.stat().st_mtime_ns for path in sorted(folder.iterdir())] == stamps
    Image.fromarray(np.full((30, 40, 3), 255, np.uint8)).save(pictures[0].path)
    assert cached_pictures(pictures, 16, folder).values[0].min() == 255


def test_nothing_readable_is_an_error(pictures, tmp_path):
    for record in pictures:
        record.path.write_bytes(b"")
    with pytest.raises(MediaError, match="none of the files"):
        cached_pictures(pictures, 16, tmp_path / "cache")


def test_windows_are_those_of_inference(tmp_path):
    path = tmp_path / "sound.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 29_000), 8000)
    whole = Record(path, "music", None, group="a", id="a")
    result = cached_mels(windows_of(whole, 29_000 / 8000, 1.0), SETTINGS, tmp_path / "cache")
    expected = np.stack([window for _, window in iter_windows(path, SETTINGS)])
    mels = LogMel(SETTINGS)(torch.from_numpy(expected)).numpy()
    assert result.values.shape == mels.shape
    np.testing.assert_allclose(result.values, mels, atol=0.01)  # half precision


def test_a_label_beyond_the_end_is_told(tmp_path):
    path = tmp_path / "sound.flac"
    soundfile.write(path, np.zeros(8000), 8000)
    records = [Record(path, "music", None, group="a", id="a", start=3.0)]
    with pytest.raises(MediaError, match="none of the files"):
        cached_mels(records, SETTINGS, tmp_path / "cache")
