"""Indexing: what is stored, what an update reads and changes, what is refused."""

import copy
import os
import shutil

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import LibraryError
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.lock import one_writer
from va_space.retrieval.search import search
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


@pytest.fixture
def counted_space(tiny_space, monkeypatch):
    """A space that notes which files it is asked to encode."""
    space = VASpace(tiny_space.model, fingerprint="counted", device="cpu", precision="fp32")
    encoded = []
    encode_iter = space.encode_iter

    def noting(inputs, **options):
        for item in encode_iter(inputs, **options):
            encoded.append(item.source)
            yield item

    monkeypatch.setattr(space, "encode_iter", noting)
    space.encoded = encoded
    return space


def by_path(library):
    ids, _ = library.points()
    return {row["path"]: row for row in library.tracks(ids)}


def test_rows_hold_what_the_space_says(tiny_space, music, tmp_path):
    done = []
    report = index(tiny_space, music, tmp_path / "library", progress=lambda *state: done.append(state))
    library = MusicLibrary.open(tmp_path / "library")
    assert report.failures == []
    assert (report.added, report.changed, report.moved, report.unchanged, report.missing) == (3, 0, 0, 0, [])
    assert done == [(1, 3), (2, 3), (3, 3)]
    rows = by_path(library)
    assert set(rows) == {"low.wav", "it's 'high'.flac", "album/mittel – ü.ogg"}
    assert library.root == music
    assert library.model == tiny_space.fingerprint
    file = music / "it's 'high'.flac"
    row = rows["it's 'high'.flac"]
    track = tiny_space.encode([file], windows=True)[0]
    np.testing.assert_allclose(row["vector"], tiny_space.encode(file), atol=1e-6)
    np.testing.assert_allclose([row["valence"], row["arousal"]], tiny_space.predict_va(file), atol=1e-6)
    assert row["duration"] == pytest.approx(3.0)
    assert rows["album/mittel – ü.ogg"]["duration"] == pytest.approx(1.2)
    assert (row["size"], row["modified"]) == (file.stat().st_size, file.stat().st_mtime_ns)
    assert row["title"] == "it's 'high'"
    windows = library.windows([row["id"]])[row["id"]]
    np.testing.assert_array_equal([window["start"] for window in windows], track.starts)
    np.testing.assert_allclose([window["vector"] for window in windows], track.vectors, atol=1e-6)
    window_va = tiny_space.predict_va_from_vectors(track.vectors, "music")
    stored = [(window["valence"], window["arousal"]) for window in windows]
    np.testing.assert_allclose(stored, window_va, atol=1e-6)


def test_update_embeds_exactly_what_is_new_or_changed(counted_space, tmp_path):
    music = tmp_path / "music"
    for number in range(20):
        write_tone(music / f"{number % 2}" / f"{number:02}.wav", 100 + 50 * number, seconds=1 + number % 3)
    before = by_path(index(counted_space, music, tmp_path / "library").library)
    counted_space.encoded.clear()
    for number in range(5):
        write_tone(music / "new" / f"{number}.wav", 1500 + 50 * number)
    changed = [music / "0" / f"{number:02}.wav" for number in (0, 2, 4)]
    for number, path in enumerate(changed):
        write_tone(path, 2500 + 50 * number)
    moves = {
        "0/06.wav": "0/six.wav",
        "0/08.wav": "1/08.wav",
        "1/01.wav": "elsewhere/a.wav",
        "1/03.wav": "1/b.wav",
    }
    for old, new in moves.items():
        (music / new).parent.mkdir(exist_ok=True)
        (music / old).rename(music / new)
    for name in ("1/05.wav", "1/07.wav"):
        (music / name).unlink()
    os.utime(music / "1" / "09.wav")  # touched, its content is as it was
    report = index(counted_space, music, tmp_path / "library")
    assert sorted(counted_space.encoded) == sorted([*changed, *(music / "new").iterdir()])
    assert (report.added, report.changed, report.moved, report.unchanged) == (5, 3, 4, 11)
    assert report.missing == ["1/05.wav", "1/07.wav"]
    after = by_path(report.library)
    assert len(after) == 25
    for old, new in moves.items():
        assert after[new]["id"] == before[old]["id"]
        assert after[new]["modified"] == (music / new).stat().st_mtime_ns
    assert after["elsewhere/a.wav"]["title"] == "a"
    assert after["0/00.wav"]["id"] != before["0/00.wav"]["id"]
    assert after["1/09.wav"]["id"] == before["1/09.wav"]["id"]
    assert after["1/09.wav"]["modified"] == (music / "1" / "09.wav").stat().st_mtime_ns
    counted_space.encoded.clear()
    report = index(counted_space, music, tmp_path / "library", prune=True)
    assert counted_space.encoded == []
    assert report.unchanged == 23
    assert set(by_path(report.library)) == {
        path.relative_to(music).as_posix() for path in music.rglob("*.wav")
    }
    windows = report.library.windows([row["id"] for row in after.values()])
    assert sum(map(len, windows.values())) == report.library._windows.count_rows()  # none left over
    fresh = by_path(index(counted_space, music, tmp_path / "fresh").library)
    for path, row in by_path(report.library).items():
        np.testing.assert_allclose(row["vector"], fresh[path]["vector"], atol=1e-6)
        assert {name: row[name] for name in ("hash", "size", "modified", "title")} == {
            name: fresh[path][name] for name in ("hash", "size", "modified", "title")
        }


def test_names_that_move_up_and_swap_are_followed(counted_space, music, tmp_path):
    for number in range(4):
        write_tone(music / f"{number}.wav", 100 + 70 * number, seconds=1 + number / 4)
    before = by_path(index(counted_space, music, tmp_path / "library").library)
    counted_space.encoded.clear()
    for number in (1, 0):  # 0 -> 1 -> 4
        (music / f"{number}.wav").rename(music / ("4.wav" if number else "1.wav"))
    (music / "2.wav").rename(music / "x.wav")
    (music / "3.wav").rename(music / "2.wav")
    (music / "x.wav").rename(music / "3.wav")
    shutil.copy2(music / "4.wav", music / "copy.wav")
    report = index(counted_space, music, tmp_path / "library", prune=True)
    assert counted_space.encoded == [music / "copy.wav"]
    after = by_path(report.library)
    for old, new in {"0.wav": "1.wav", "1.wav": "4.wav", "2.wav": "3.wav", "3.wav": "2.wav"}.items():
        assert after[new]["id"] == before[old]["id"]
    assert len(after) == 8
    assert report.missing == []


def test_a_move_over_another_file_replaces_it(counted_space, music, tmp_path):
    before = by_path(index(counted_space, music, tmp_path / "library").library)
    counted_space.encoded.clear()
    (music / "album" / "mittel – ü.ogg").replace(music / "low.wav")
    report = index(counted_space, music, tmp_path / "library")
    assert counted_space.encoded == []
    after = by_path(report.library)
    assert set(after) == {"low.wav", "it's 'high'.flac"}
    assert after["low.wav"]["id"] == before["album/mittel – ü.ogg"]["id"]


def test_a_collection_that_has_moved_is_not_read_again(counted_space, music, tmp_path):
    before = by_path(index(counted_space, music, tmp_path / "library").library)
    counted_space.encoded.clear()
    music.rename(tmp_path / "disk")
    report = index(counted_space, tmp_path / "disk", tmp_path / "library")
    assert counted_space.encoded == []
    assert (report.unchanged, report.library.root) == (3, tmp_path / "disk")
    assert {path: row["id"] for path, row in by_path(report.library).items()} == {
        path: row["id"] for path, row in before.items()
    }


def test_another_folder_while_the_collection_is_away_moves_nothing(counted_space, music, tmp_path):
    before = by_path(index(counted_space, music, tmp_path / "library").library)
    music.rename(tmp_path / "away")
    write_tone(tmp_path / "other" / "new.wav", 700)
    library = index(counted_space, tmp_path / "other", tmp_path / "library").library
    assert library.root == tmp_path
    assert set(by_path(library)) == {f"my music/{path}" for path in before} | {"other/new.wav"}
    (tmp_path / "away").rename(music)
    counted_space.encoded.clear()
    assert index(counted_space, [music, tmp_path / "other"], tmp_path / "library").unchanged == 4
    assert counted_space.encoded == []


def test_paths_that_go_up_are_straightened(counted_space, music, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert index(counted_space, "../my music", tmp_path / "library").library.root == music
    assert index(counted_space, music, tmp_path / "library").unchanged == 3


def test_more_of_the_collection_is_added(counted_space, music, tmp_path):
    index(counted_space, music / "album", tmp_path / "library")
    report = index(counted_space, music / "low.wav", tmp_path / "library", prune=True)
    assert len(counted_space.encoded) == 2
    assert report.library.root == music
    assert set(by_path(report.library)) == {"album/mittel – ü.ogg", "low.wav"}
    report = index(counted_space, music, tmp_path / "library")
    assert len(counted_space.encoded) == 3
    assert report.unchanged == 2


def test_failures_are_reported_and_the_rest_is_indexed(tiny_space, music, tmp_path):
    (music / "empty.wav").touch()
    (music / "text.mp3").write_text("no music " * 100)
    Image.new("RGB", (8, 8)).save(music / "cover.jpg")
    Image.new("RGB", (8, 8)).save(music / "picture.ogg", format="PNG")
    (music / os.fsdecode(b"\xff.wav")).write_bytes((music / "low.wav").read_bytes())
    report = index(tiny_space, music, tmp_path / "library")
    failed = {os.fsencode(failure.source.name) for failure in report.failures}
    assert failed == {b"empty.wav", b"text.mp3", b"picture.ogg"}
    assert all(failure.reason for failure in report.failures)
    assert len(report.library) == 4


def test_names_that_are_not_valid_unicode(tiny_space, music, tmp_path):
    """Such as those of a disk from before UTF-8; they come back as the bytes that they were."""
    old = music / os.fsdecode(b"caf\xe9 \xff.wav")
    own = music / "private \uf7e9.wav"
    for path in (old, own):
        path.write_bytes((music / "low.wav").read_bytes() + path.name.encode("utf-8", "replace"))
    report = index(tiny_space, music, tmp_path / "library")
    assert not report.failures
    found = {os.fsencode(result.path) for result in search(tiny_space, report.library, "0.5,0.5", 9)}
    assert {os.fsencode(old), os.fsencode(own)} <= found
    assert next(row["title"] for row in by_path(report.library).values() if "caf" in row["path"]) == "café ÿ"
    again = index(tiny_space, music, tmp_path / "library")
    assert (again.added, again.unchanged, again.missing) == (0, 5, [])
    moved = music / os.fsdecode(b"caf\xe9.wav")
    old.rename(moved)
    assert index(tiny_space, music, tmp_path / "library").moved == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_reported_and_not_waited_for(tiny_space, music, tmp_path):
    os.mkfifo(music / "pipe.mp3")
    report = index(tiny_space, music, tmp_path / "library")
    assert [failure.reason for failure in report.failures] == ["not a regular file"]
    assert len(report.library) == 3


def test_unknown_endings_are_counted_and_tried_when_asked(tiny_space, music, tmp_path):
    (music / "low.wav").rename(music / "low.audio")
    (music / "notes.xyz").write_text("no music")
    report = index(tiny_space, music, tmp_path / "library")
    assert (len(report.library), len(report.passed_over)) == (2, 2)
    report = index(tiny_space, music, tmp_path / "library", every=True)
    assert (len(report.library), report.passed_over) == (3, [music / "notes.xyz"])
    assert not report.failures


def test_a_track_that_became_unreadable_stays_as_it_was(tiny_space, music, tmp_path):
    before = by_path(index(tiny_space, music, tmp_path / "library").library)
    (music / "low.wav").write_bytes(b"no music")
    report = index(tiny_space, music, tmp_path / "library", prune=True)
    assert [failure.source for failure in report.failures] == [music / "low.wav"]
    assert by_path(report.library)["low.wav"]["id"] == before["low.wav"]["id"]


def test_nothing_readable_is_an_error_and_so_is_nothing(tiny_space, music, tmp_path):
    for path in music.rglob("*.*"):
        path.write_bytes(b"")
    with pytest.raises(LibraryError, match="none of 3 files"):
        index(tiny_space, music, tmp_path / "library")
    write_tone(music / "low.wav", 110)
    assert len(index(tiny_space, music, tmp_path / "library").library) == 1
    shutil.rmtree(music / "album")
    for path in music.iterdir():
        path.unlink()
    for option in ("prune", "rebuild"):
        with pytest.raises(LibraryError, match="no music in"):
            index(tiny_space, music, tmp_path / "library", **{option: True})
    with pytest.raises(LibraryError, match="no music in"):
        index(tiny_space, [], tmp_path / "library")
    assert len(MusicLibrary.open(tmp_path / "library")) == 1


def test_another_model_is_refused_until_rebuilt(tiny_space, music, tmp_path):
    index(tiny_space, music, tmp_path / "library")
    other = VASpace(copy.deepcopy(tiny_space.model), fingerprint="other", device="cpu", precision="fp32")
    with pytest.raises(LibraryError, match="another model"):
        index(other, music / "album", tmp_path / "library")
    assert len(MusicLibrary.open(tmp_path / "library")) == 3
    index(other, music / "album", tmp_path / "library", rebuild=True)
    library = MusicLibrary.open(tmp_path / "library")
    assert library.model == "other"
    assert set(by_path(library)) == {"mittel – ü.ogg"}


def test_a_damaged_library_can_be_rebuilt(tiny_space, music, tmp_path):
    index(tiny_space, music, tmp_path / "library")
    shutil.rmtree(tmp_path / "library" / "windows.lance")
    with pytest.raises(LibraryError, match="damaged"):
        index(tiny_space, music, tmp_path / "library")
    index(tiny_space, music, tmp_path / "library", rebuild=True)
    assert len(MusicLibrary.open(tmp_path / "library")) == 3


def test_folders_and_files_have_a_common_root(tiny_space, music, tmp_path):
    library = index(tiny_space, [music / "album", music / "low.wav"], tmp_path / "library").library
    assert library.root == music
    assert set(by_path(library)) == {"album/mittel – ü.ogg", "low.wav"}


def test_a_second_writer_is_refused(tiny_space, music, tmp_path):
    with one_writer(tmp_path / "library"), pytest.raises(LibraryError, match="another process"):
        index(tiny_space, music, tmp_path / "library")
    assert len(index(tiny_space, music, tmp_path / "library").library) == 3


def test_interrupted_work_is_kept(counted_space, music, tmp_path):
    def interrupt(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(counted_space, music, tmp_path / "library", progress=interrupt)
    assert len(MusicLibrary.open(tmp_path / "library")) == 2
    counted_space.encoded.clear()
    report = index(counted_space, music, tmp_path / "library")
    assert (report.added, report.unchanged, len(counted_space.encoded)) == (1, 2, 1)
