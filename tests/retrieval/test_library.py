"""The library's tables: rows in, rows out, order and filters against plain numpy."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from va_space.errors import LibraryError
from va_space.retrieval.library import MusicLibrary, Track
from va_space.weights import EARLIER

DIMENSION = 16


def unit(random, *shape):
    vectors = random.normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def track(number, seed=0):
    random = np.random.default_rng([seed, number])
    count = 1 + number % 3
    return Track(
        path=f"album's {number % 4}/{number}.ogg",
        size=1000 + number,
        modified=2**60 + number,
        hash=f"{seed}-{number}",
        duration=10.0 * count,
        title=f"Nr. {number}",
        artist="",
        album=f"{number % 4}",
        genre=("Jazz", "Klassik")[number % 2],
        vector=unit(random, DIMENSION),
        va=random.uniform(size=2).astype(np.float32),
        starts=10 * np.arange(count, dtype=np.float32),
        windows=unit(random, count, DIMENSION),
        windows_va=random.uniform(size=(count, 2)).astype(np.float32),
    )


@pytest.fixture
def library(tmp_path):
    return MusicLibrary.create(tmp_path / "library", model="m", dimension=DIMENSION, root=tmp_path)


def by_path(library):
    ids, _ = library.points()
    return {row["path"]: row for row in library.tracks(ids)}


def test_rows_come_back_as_they_were_put(library, tmp_path):
    given = [track(number) for number in range(7)]
    library.put(given)
    opened = MusicLibrary.open(tmp_path / "library")
    assert (len(opened), opened.model, opened.root) == (7, "m", tmp_path)
    rows = opened.tracks([each.id for each in reversed(given)])
    for row, each in zip(rows, reversed(given), strict=True):
        for name in (
            "id",
            "path",
            "size",
            "modified",
            "hash",
            "duration",
            "title",
            "artist",
            "album",
            "genre",
        ):
            assert row[name] == getattr(each, name)
        np.testing.assert_array_equal(row["vector"], each.vector)
        np.testing.assert_array_equal([row["valence"], row["arousal"]], each.va)
        distances = np.linalg.norm(each.windows_va - each.va, axis=1)
        assert row["spread"] == pytest.approx(np.sqrt(np.mean(distances**2)))
    windows = opened.windows([each.id for each in given])
    for each in given:
        own = windows[each.id]
        np.testing.assert_array_equal([row["start"] for row in own], each.starts)
        np.testing.assert_array_equal([row["vector"] for row in own], each.windows)
        np.testing.assert_array_equal([(row["valence"], row["arousal"]) for row in own], each.windows_va)


def test_nearest_is_ordered_by_cosine_and_filtered_before_counting(library):
    given = [track(number) for number in range(30)]
    library.put(given)
    query = unit(np.random.default_rng(9), DIMENSION)
    cosines = {each.id: float(each.vector @ query) for each in given}
    best = sorted(cosines, key=lambda each: -cosines[each])
    rows = library.nearest(query, 5)
    assert [row["id"] for row in rows] == best[:5]
    np.testing.assert_allclose(
        [row["cosine"] for row in rows], [cosines[each] for each in best[:5]], atol=1e-6
    )
    jazz = {each.id for each in given if each.genre == "Jazz" and each.duration > 10}
    rows = library.nearest(query, 5, where="genre = 'Jazz' AND duration > 10")
    assert [row["id"] for row in rows] == [each for each in best if each in jazz][:5]
    ids, points = library.points(where="path LIKE 'album''s 1/%'")
    expected = {each.id: each.va for each in given if each.album == "1"}
    assert set(ids) == set(expected)
    np.testing.assert_array_equal(points, [expected[each] for each in ids])


@pytest.mark.parametrize("where", ["genre ==", "loudness > 3", "genre > "])
def test_condition_that_cannot_be_understood_is_told(library, where):
    library.put([track(0)])
    with pytest.raises(LibraryError, match="cannot be understood"):
        library.nearest(track(0).vector, 1, where=where)
    with pytest.raises(LibraryError, match="cannot be understood"):
        library.points(where=where)


def test_the_same_path_replaces(library):
    library.put([track(number) for number in range(4)])
    before = by_path(library)
    again = [track(2, seed=1), track(4)]
    library.put(again)
    after = by_path(library)
    assert set(after) == {track(number).path for number in range(5)}
    assert after[again[0].path]["hash"] == "1-2"
    assert after[again[0].path]["id"] == again[0].id != before[again[0].path]["id"]
    old = before[again[0].path]["id"]
    assert len(library.windows([old])[old]) == 3  # for those who are just reading
    library.clean()
    assert library.windows([old])[old] == []
    assert {
        each: len(rows) for each, rows in library.windows([row["id"] for row in after.values()]).items()
    } == {row["id"]: 1 + int(row["hash"].split("-")[1]) % 3 for row in after.values()}


def test_windows_without_their_track_do_not_exist(library, monkeypatch):
    library.put([track(0)])

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(library, "_merge", fail)  # between the two tables
    orphan = track(1)
    with pytest.raises(KeyboardInterrupt):
        library.put([orphan])
    assert len(library) == 1
    assert len(library.windows([orphan.id])[orphan.id]) == 2
    library.clean()
    assert library.windows([orphan.id]) == {orphan.id: []}
    kept = by_path(library)[track(0).path]["id"]
    assert len(library.windows([kept])[kept]) == 1


def test_removing_and_revising(library):
    given = [track(number) for number in range(5)]
    library.put(given)
    library.remove([given[1].id, given[3].id])
    library.remove([])
    library.clean()
    rows = library.tracks([each.id for each in given])
    assert [row["id"] for row in rows] == [given[number].id for number in (0, 2, 4)]
    library.revise([{**rows[0], "path": "elsewhere.ogg"}])
    assert [row["path"] for row in library.tracks([given[0].id])] == ["elsewhere.ogg"]
    np.testing.assert_array_equal(library.tracks([given[0].id])[0]["vector"], given[0].vector)
    assert len(library) == 3


def test_a_library_kept_open_follows_the_writer(library, tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.retrieval.library._READERS_LAG", timedelta(0))
    reader = MusicLibrary.open(tmp_path / "library")
    library.put([track(0)])
    library.compact()
    assert len(reader) == 1
    (row,) = reader.nearest(track(0).vector, 3)
    assert len(reader.windows([row["id"]])[row["id"]]) == 1


def test_readers_are_not_disturbed(library, tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.retrieval.library._READERS_LAG", timedelta(0))
    library.put([track(0)])
    reader = MusicLibrary.open(tmp_path / "library")
    sizes = []

    def read():
        while not sizes or sizes[-1] < 20:
            rows = reader.nearest(track(0).vector, 100)
            windows = reader.windows([row["id"] for row in rows])
            assert all(windows.values())
            sizes.append(len(rows))
            time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        for number in range(1, 20):
            library.put([track(number)])
            library.clean()
            if number % 4 == 0:
                library.compact()
        reading.result(timeout=60)
    assert sizes == sorted(sizes)


def test_empty_library(library):
    assert len(library) == 0
    assert library.nearest(track(0).vector, 3) == []
    ids, points = library.points()
    assert (ids, points.shape) == ([], (0, 2))
    assert library.tracks([]) == []
    assert library.windows([]) == {}
    library.put([])
    library.clean()
    library.compact()


def test_root_above_keeps_the_places_and_another_moves_them_along(library, tmp_path):
    library.put([replace(track(0), path="it's.ogg")])
    library.move_root(tmp_path.parent)
    opened = MusicLibrary.open(tmp_path / "library")
    assert opened.root == tmp_path.parent
    (row,) = by_path(opened).values()
    assert opened.root / row["path"] == tmp_path / "it's.ogg"
    opened.move_root(tmp_path / "disk")
    again = MusicLibrary.open(tmp_path / "library")
    assert again.root == tmp_path / "disk"
    assert list(by_path(again)) == [row["path"]]


def test_another_model_is_told(library):
    library.check_model("m")
    with pytest.raises(LibraryError, match=r"another model .*va-space index .*--rebuild"):
        library.check_model("n")


def test_a_library_of_the_model_of_a_release_says_which(tmp_path):
    (old,) = [fingerprint for fingerprint, release in EARLIER.items() if release == "0.1"]
    made = MusicLibrary.create(tmp_path / "library", model=old, dimension=DIMENSION, root=tmp_path)
    with pytest.raises(LibraryError, match=r"--model \(it shipped with va-space 0.1"):
        made.check_model("n")


def test_missing_library_says_how_to_make_one(tmp_path):
    with pytest.raises(LibraryError, match="va-space index"):
        MusicLibrary.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_damaged_library_is_told(library, tmp_path):
    library.put([track(0)])
    for path in (tmp_path / "library" / "tracks.lance" / "data").iterdir():
        path.unlink()
    with pytest.raises(LibraryError, match=r"damaged.*--rebuild"):
        MusicLibrary.open(tmp_path / "library").nearest(track(0).vector, 1)
    shutil.rmtree(tmp_path / "library" / "windows.lance")
    with pytest.raises(LibraryError, match="damaged"):
        MusicLibrary.open(tmp_path / "library")


def test_what_cannot_be_written_is_told(library, tmp_path):
    library.put([track(0)])
    data = tmp_path / "library" / "windows.lance" / "data"
    data.rename(tmp_path / "data")
    data.touch()
    with pytest.raises(LibraryError, match="could not be written"):
        library.put([track(1)])
    data.unlink()
    (tmp_path / "data").rename(data)
    assert list(by_path(library)) == [track(0).path]


def test_library_of_another_layout_is_told(tmp_path):
    import lancedb

    schema = pa.schema([("vector", pa.list_(pa.float32(), 2))], metadata={"layout": "1"})
    for name in ("tracks", "windows"):
        lancedb.connect(tmp_path).create_table(name, schema=schema)
    with pytest.raises(LibraryError, match="another version"):
        MusicLibrary.open(tmp_path)
