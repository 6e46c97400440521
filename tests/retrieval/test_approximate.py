"""The indexes of large libraries, here of small ones: when they are built, and what they find."""

import re

import numpy as np
import pytest

from va_space.retrieval import approximate
from va_space.retrieval.library import MusicLibrary, Track

DIMENSION = 32


def tracks(count, seed):
    """Tracks around a hundred centres, as music has its styles; each with one window."""
    centres = np.random.default_rng(0).normal(size=(100, DIMENSION))
    random = np.random.default_rng(seed)
    vectors = centres[random.integers(100, size=count)] + 0.3 * random.normal(size=(count, DIMENSION))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    va = random.uniform(size=(count, 2)).astype(np.float32)
    texts = {"title": "", "artist": "", "album": "", "genre": ""}
    return [
        Track(
            path=f"{seed}/{number}",
            size=1,
            modified=number,
            hash="",
            duration=10.0,
            **texts,
            vector=vector,
            va=point,
            starts=np.zeros(1, np.float32),
            windows=vector[None],
            windows_va=point[None],
        )
        for number, (vector, point) in enumerate(zip(vectors, va, strict=True))
    ]


def indexed(table, column):
    return column in [name for each in table.list_indices() for name in each.columns]


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setattr(approximate, "VECTORS", 2000)
    monkeypatch.setattr(approximate, "LOOKED_UP", 2000)
    return MusicLibrary.create(tmp_path / "library", model="m", dimension=DIMENSION, root=tmp_path)


def recall(library, queries):
    shares = []
    for query in queries:
        exact = {row["id"] for row in library.nearest(query.vector, 10, exact=True)}
        shares.append(len(exact & {row["id"] for row in library.nearest(query.vector, 10)}) / 10)
    return np.mean(shares)


def test_indexes_are_built_above_a_size_and_follow_additions(library):
    library.put(tracks(1500, 1))
    library.compact()
    assert not library._tracks.list_indices()
    assert not library._windows.list_indices()
    more = tracks(1000, 2)
    library.put(more)
    library.compact()
    assert indexed(library._tracks, "vector")
    assert all(indexed(library._tracks, column) for column in ("id", "valence", "arousal"))
    assert indexed(library._windows, "track")
    queries = tracks(20, 3)
    assert recall(library, queries) >= 0.95
    there = {row["id"]: row["vector"] for row in library.tracks(library.points()[0])}
    cosines = np.stack(list(there.values())) @ queries[0].vector
    best = [list(there)[place] for place in np.argsort(-cosines)[:10]]
    assert [row["id"] for row in library.nearest(queries[0].vector, 10, exact=True)] == best
    found = library.nearest(more[7].vector, 1)
    assert found[0]["id"] == more[7].id
    np.testing.assert_allclose(found[0]["cosine"], 1, atol=1e-5)
    late = tracks(30, 4)
    library.put(late)  # not in the index yet
    assert library.nearest(late[3].vector, 1)[0]["id"] == late[3].id
    assert [row["id"] for row in library.tracks([late[3].id, more[0].id])] == [late[3].id, more[0].id]
    assert {each: len(rows) for each, rows in library.windows([late[3].id, more[0].id]).items()} == {
        late[3].id: 1,
        more[0].id: 1,
    }
    library.remove([late[3].id])
    assert library.nearest(late[3].vector, 1)[0]["id"] != late[3].id
    library.put(tracks(6000, 5))
    library.compact()  # the new ones are the majority
    (name,) = [each.name for each in library._tracks.list_indices() if each.columns == ["vector"]]
    assert library._tracks.index_stats(name).num_unindexed_rows == 0
    assert recall(library, queries) >= 0.95


def test_a_condition_is_met_before_counting(library):
    library.put(tracks(2500, 1))
    library.compact()
    rows = library.nearest(tracks(1, 2)[0].vector, 10, where="modified < 40")
    assert len(rows) == 10
    assert all(row["modified"] < 40 for row in rows)


def test_the_plane_is_looked_up_and_not_read(library):
    library.put(tracks(2500, 1))
    library.compact()
    late = tracks(100, 2)
    library.put(late)  # not in the indexes yet
    library.remove([late[0].id])
    inside = "valence >= 0.4 AND valence <= 0.6 AND arousal >= 0.1 AND arousal <= 0.3"
    ids, va = library.points()
    found, points = library.points(where=inside)
    expected = ((va >= (0.4, 0.1)) & (va <= (0.6, 0.3))).all(axis=1)
    assert set(found) == {ids[number] for number in np.flatnonzero(expected)}
    assert len(found) == len(points) == expected.sum() > 50
    assert "ScalarIndexQuery" in library._tracks.search().where(inside).analyze_plan()


def test_a_library_that_was_read_beforehand_finds_the_same(library):
    library.prewarm()  # without an index there is nothing to read
    library.put(tracks(2500, 1))
    library.compact()
    queries = tracks(5, 3)
    before = [[row["id"] for row in library.nearest(query.vector, 10)] for query in queries]
    opened = MusicLibrary.open(library.folder)
    opened.prewarm()
    plan = approximate.nearest(opened._tracks, queries[0].vector, 10).analyze_plan()
    assert set(re.findall(r"parts_loaded=(\d+)", plan)) == {"0"}
    assert [[row["id"] for row in opened.nearest(query.vector, 10)] for query in queries] == before


def test_many_rows_are_wanted_and_only_the_nearest_partitions_looked_into(library, monkeypatch):
    library.put(tracks(2500, 1))
    library.compact()
    monkeypatch.setattr(approximate, "_PROBED", 2)
    query = tracks(1, 2)[0].vector
    plan = approximate.nearest(library._tracks, query, 40).analyze_plan()
    assert max(map(int, re.findall(r"partitions_searched=(\d+)", plan))) == 2
    assert len(library.nearest(query, 2400)) == 2400  # as many as there are, even so
    assert len(library.nearest(query, 3000)) == 2500


def test_many_small_additions_do_not_leave_many_files(library):
    library.put(tracks(2100, 1))
    library.compact()
    (index,) = [each.name for each in library._tracks.list_indices() if each.columns == ["vector"]]
    counts = []
    for seed in range(2, 14):
        library.put(tracks(10, seed))
        library.compact()
        counts.append(library._tracks.index_stats(index).num_indices)
    assert max(counts) <= approximate._MOST_FILES + 1
    assert library._tracks.index_stats(index).num_unindexed_rows == 0
    assert recall(library, tracks(20, 20)) >= 0.95
