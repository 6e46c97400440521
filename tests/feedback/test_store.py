"""The store: kept, replaced, forgotten; by several processes; damaged and foreign files."""

import multiprocessing
import sqlite3

import numpy as np
import pytest

from va_space.errors import FeedbackError
from va_space.feedback import Feedback, Item, Rating, store_path


def test_the_place_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("VA_SPACE_FEEDBACK", str(tmp_path / "mine"))
    assert store_path() == tmp_path / "mine"
    monkeypatch.delenv("VA_SPACE_FEEDBACK")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert store_path() == tmp_path / "va-space" / "feedback.sqlite3"


def test_what_is_added_comes_back_and_the_latest_counts(tmp_path, rate):
    feedback = Feedback(tmp_path / "new folder" / "f.sqlite3")
    assert feedback.ratings() == []
    assert not feedback.path.parent.exists()  # asking makes nothing
    feedback.add([rate(1, 2, ["calmer"]), rate(2, words=["right"], query=None)])
    feedback.add([rate(1, 5, place=(0.7, 0.3))])
    feedback.add([rate(1, 1, at="2000-01-01T00:00:00+00:00")])  # older than what is there
    feedback.add([rate(1, 3, profile="you"), rate(1, 3, model="b" * 64)])
    assert feedback.path.stat().st_mode & 0o077 == 0
    mine = {(each.item.name, each.model): each for each in feedback.ratings("me")}
    assert len(mine) == 3
    first = mine["1.ogg", "a" * 64]
    assert (first.stars, first.words, first.item.place) == (5, (), (0.7, 0.3))
    assert first.query.name == "calm"
    assert first.query.vector is None
    np.testing.assert_array_equal(first.item.vector, rate(1, 1).item.vector)
    assert mine["2.ogg", "a" * 64].query is None
    assert mine["2.ogg", "a" * 64].words == ("right",)


def test_forgetting_leaves_nothing_behind(tmp_path, rate):
    feedback = Feedback(tmp_path / "f.sqlite3")
    assert feedback.delete([1]) == feedback.delete_profile("me") == 0
    feedback.add([rate(number, 3) for number in range(3)] + [rate(0, 3, profile="you")])
    assert feedback.delete([feedback.ratings("me")[0].id, 999]) == 1
    assert feedback.delete_profile("me") == 2
    with sqlite3.connect(feedback.path) as database:
        assert database.execute("SELECT count(*) FROM items").fetchone() == (2,)  # your track, and calm
    assert [each.profile for each in feedback.ratings()] == ["you"]


def test_all_or_nothing(tmp_path, rate):
    feedback = Feedback(tmp_path / "f.sqlite3")
    feedback.add([rate(1, 3)])
    broken = Item("0" * 64, "x", "music", (0.5, None))  # a place that the table refuses
    with pytest.raises(FeedbackError, match="no store of ratings"):
        feedback.add([rate(2, 3), Rating(broken, None, "a" * 64, 3)])
    assert len(feedback.ratings()) == 1


def test_a_profile_of_another_model_is_refused(tmp_path, rate):
    feedback = Feedback(tmp_path / "f.sqlite3")
    with pytest.raises(FeedbackError, match="no profile me; nothing was rated yet: va-space feedback"):
        feedback.profile("me", "a" * 64)
    feedback.add([rate(1, 3), rate(2, 3)])
    assert feedback.profile("me", "a" * 64).preferences["music"].ratings == 2
    with pytest.raises(FeedbackError, match=r"its 2 ratings were made with another model \(a{12}, .*b{12}\)"):
        feedback.profile("me", "b" * 64)
    with pytest.raises(FeedbackError, match="no profile you; there is me"):
        feedback.profile("you", "a" * 64)


@pytest.mark.parametrize(
    "content", [b"no database, but long enough to be looked at " * 30, b"SQLite format 3\0cut"]
)
def test_a_damaged_store_is_named(tmp_path, rate, content):
    (tmp_path / "f.sqlite3").write_bytes(content)
    feedback = Feedback(tmp_path / "f.sqlite3")
    for act in (feedback.ratings, lambda: feedback.add([rate(1, 3)]), lambda: feedback.delete([1])):
        with pytest.raises(FeedbackError, match=r"f\.sqlite3: no store of ratings.*VA_SPACE_FEEDBACK"):
            act()
    assert (tmp_path / "f.sqlite3").read_bytes() == content


def test_a_newer_store_is_left_alone(tmp_path, rate):
    feedback = Feedback(tmp_path / "f.sqlite3")
    feedback.add([rate(1, 3)])
    with sqlite3.connect(feedback.path) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(FeedbackError, match="newer version of va-space"):
        feedback.add([rate(2, 3)])


def _add_some(path, first, make):
    for number in range(first, first + 10):
        Feedback(path).add([make(number)])


def _three_stars(number):
    item = Item(f"{number:064x}", "x", "music", (0.5, 0.5), np.eye(8, dtype=np.float32)[0])
    return Rating(item, None, "a" * 64, 3)


def test_processes_write_at_the_same_time(tmp_path):
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_add_some, args=(tmp_path / "f.sqlite3", 10 * number, _three_stars))
        for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert len(Feedback(tmp_path / "f.sqlite3").ratings()) == 30
