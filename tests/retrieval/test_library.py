"""The library and its indexing: what is stored, what a second run changes, what is refused."""

import copy
import shutil

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import LibraryError
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.space import VASpace

RATE = 8000


def write_tone(path, hertz, seconds=2.0):
    time = np.arange(round(seconds * RATE)) / RATE
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * hertz * time) ** 3, RATE)


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "my music"
    write_tone(folder / "low.wav", 110)
    write_tone(folder / "it's 'high'.flac", 880, seconds=3.0)
    write_tone(folder / "album" / "mittel – ü.ogg", 440, seconds=1.2)
    return folder


def paths(library):
    ids, _ = library.points()
    return {row["path"]: row for row in library.tracks(ids)}


def test_rows_hold_what_the_space_says(tiny_space, music, tmp_path):
    done = []
    report = index(tiny_space, music, tmp_path / "library", progress=lambda *state: done.append(state))
    library = MusicLibrary.open(tmp_path / "library")
    assert report.failures == []
    assert done == [(1, 3), (2, 3), (3, 3)]
    rows = paths(library)
    assert set(rows) == {"low.wav", "it's 'high'.flac", "album/mittel – ü.ogg"}
    assert library.root == music
    assert library.model == tiny_space.identity
    row = rows["it's 'high'.flac"]
    track = tiny_space.encode([music / "it's 'high'.flac"], windows=True)[0]
    np.testing.assert_allclose(row["vector"], tiny_space.encode(music / "it's 'high'.flac"), atol=1e-6)
    va = tiny_space.predict_va(music / "it's 'high'.flac")
    np.testing.assert_allclose([row["valence"], row["arousal"]], va, atol=1e-6)
    assert row["duration"] == pytest.approx(3.0)
    windows = library.windows([row["id"]])[row["id"]]
    np.testing.assert_array_equal([window["start"] for window in windows], track.starts)
    np.testing.assert_allclose([window["vector"] for window in windows], track.vectors, atol=1e-6)
    window_va = tiny_space.predict_va_from_vectors(track.vectors, "music")
    stored = [(window["valence"], window["arousal"]) for window in windows]
    np.testing.assert_allclose(stored, window_va, atol=1e-6)


def test_second_run_follows_the_music(tiny_space, music, tmp_path):
    index(tiny_space, music, tmp_path / "library")
    before = paths(MusicLibrary.open(tmp_path / "library"))
    write_tone(music / "low.wav", 1500, seconds=1.0)
    (music / "it's 'high'.flac").unlink()
    write_tone(music / "new.wav", 300)
    library = index(tiny_space, music, tmp_path / "library").library
    after = paths(library)
    assert len(library) == 3
    assert set(after) == {"low.wav", "album/mittel – ü.ogg", "new.wav"}
    assert after["album/mittel – ü.ogg"] == before["album/mittel – ü.ogg"]
    assert after["low.wav"]["duration"] == pytest.approx(1.0)
    assert np.dot(after["low.wav"]["vector"], before["low.wav"]["vector"]) < 0.9999
    windows = library.windows([row["id"] for row in after.values()])
    assert {len(rows) for rows in windows.values()} == {1, 2}  # none left over from the longer low.wav


def test_failures_are_reported_and_the_rest_is_indexed(tiny_space, music, tmp_path):
    (music / "empty.wav").touch()
    (music / "text.mp3").write_text("no music " * 100)
    Image.new("RGB", (8, 8)).save(music / "cover.jpg")
    Image.new("RGB", (8, 8)).save(music / "picture.ogg", format="PNG")
    report = index(tiny_space, music, tmp_path / "library")
    assert {failure.source.name for failure in report.failures} == {"empty.wav", "text.mp3", "picture.ogg"}
    assert all(failure.reason for failure in report.failures)
    assert len(report.library) == 3


def test_nothing_readable_leaves_the_library_as_it_was(tiny_space, music, tmp_path):
    index(tiny_space, music, tmp_path / "library")
    for path in music.rglob("*.*"):
        path.write_bytes(b"")
    with pytest.raises(LibraryError, match="none of 3 files"):
        index(tiny_space, music, tmp_path / "library")
    assert len(MusicLibrary.open(tmp_path / "library")) == 3
    shutil.rmtree(music / "album")
    for path in music.iterdir():
        path.unlink()
    with pytest.raises(LibraryError, match="no music in"):
        index(tiny_space, music, tmp_path / "library")


def test_another_model_replaces_the_library(tiny_space, music, tmp_path):
    index(tiny_space, music, tmp_path / "library")
    other = VASpace(copy.deepcopy(tiny_space.model), identity="other", device="cpu", precision="fp32")
    index(other, music / "album", tmp_path / "library")
    library = MusicLibrary.open(tmp_path / "library")
    assert library.model == "other"
    assert set(paths(library)) == {"mittel – ü.ogg"}


def test_folders_and_files_have_a_common_root(tiny_space, music, tmp_path):
    library = index(tiny_space, [music / "album", music / "low.wav"], tmp_path / "library").library
    assert library.root == music
    assert set(paths(library)) == {"album/mittel – ü.ogg", "low.wav"}


def test_missing_library_says_how_to_make_one(tmp_path):
    with pytest.raises(LibraryError, match="va-space index"):
        MusicLibrary.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_damaged_library_is_told(tiny_space, music, tmp_path):
    index(tiny_space, music, tmp_path / "library")
    shutil.rmtree(tmp_path / "library" / "windows.lance")
    with pytest.raises(LibraryError, match="damaged"):
        MusicLibrary.open(tmp_path / "library")
    index(tiny_space, music, tmp_path / "library")
    assert len(MusicLibrary.open(tmp_path / "library")) == 3
