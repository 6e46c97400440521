"""Files of ratings: there and back, and strangers' files."""

import base64
import json

import numpy as np
import pytest

from va_space.errors import FeedbackError
from va_space.feedback import read_ratings, write_ratings
from va_space.feedback.exchange import LARGEST


@pytest.fixture
def exported(tmp_path, rate):
    write_ratings(tmp_path / "r.json", [rate(1, 2, ["calmer"]), rate(2, 4, query=None)])
    return tmp_path / "r.json"


def test_there_and_back(exported, rate):
    first, second = read_ratings(exported, profile="you")
    assert (first.stars, first.words, first.profile, first.model) == (2, ("calmer",), "you", "a" * 64)
    assert (first.query.hash, first.query.place) == (rate(1, 2).query.hash, (0.8, 0.2))
    np.testing.assert_array_equal(first.item.vector, rate(1, 2).item.vector)
    assert (second.query, second.stars) == (None, 4)


def test_what_a_page_saves_and_no_rating_from_the_future(exported):
    data = json.loads(exported.read_text())
    data["ratings"][0]["at"], data["ratings"][1]["at"] = "2026-01-02T03:04:05.678Z", "9999-01-01T00:00:00Z"
    exported.write_text(json.dumps(data))
    first, second = read_ratings(exported)
    assert first.at == "2026-01-02T03:04:05.678+00:00"
    assert second.at < "9999"


def encoded(values):
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("format",), "something else"),
        (("version",), 2),
        (("version",), "1"),
        (("model",), "../../\x1b[31m"),
        (("more",), 1),
        (("ratings",), {}),
        (("ratings", 0, "stars"), 6),
        (("ratings", 0, "stars"), 2.5),
        (("ratings", 0, "stars"), True),
        (("ratings", 0, "words"), ["calmer"] * 100),
        (("ratings", 0, "words"), ["\x1b[31mred"]),
        (("ratings", 1, "stars"), None),  # then it says nothing
        (("ratings", 0, "at"), "yesterday"),
        (("ratings", 0, "item", "hash"), "../secret"),
        (("ratings", 0, "item", "name"), "x" * 501),
        (("ratings", 0, "item", "sort"), "film"),
        (("ratings", 0, "item", "place"), [0.5, 1.5]),
        (("ratings", 0, "item", "place"), [0.5, float("nan")]),
        (("ratings", 0, "item", "place"), [0.5]),
        (("ratings", 0, "item", "vector"), None),
        (("ratings", 0, "item", "vector"), "no base 64!"),
        (("ratings", 0, "item", "vector"), encoded([np.nan, 1])),
        (("ratings", 0, "item", "vector"), encoded([3, 4])),
        (("ratings", 0, "item", "vector"), "AAA="),
        (("ratings", 0, "item", "vector"), ""),
        (("ratings", 0, "query", "vector"), encoded([1])),  # a feeling has none
    ],
)
def test_nothing_of_a_strangers_file_is_trusted(exported, place, value):
    data = json.loads(exported.read_text())
    inner = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    exported.write_text(json.dumps(data))
    with pytest.raises(FeedbackError, match=r"r\.json: ") as error:
        read_ratings(exported)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 100_000, b"null", b'{"format": "va-space ratings"}']
)
def test_what_is_no_such_file(tmp_path, content):
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(FeedbackError, match=r"r\.json: no file of ratings"):
        read_ratings(tmp_path / "r.json")


def test_missing_and_huge_files(tmp_path):
    with pytest.raises(FeedbackError, match="cannot be read"):
        read_ratings(tmp_path / "missing.json")
    with (tmp_path / "r.json").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(FeedbackError, match="more than 64 MiB"):
        read_ratings(tmp_path / "r.json")


def test_one_file_is_of_one_model(tmp_path, rate):
    for ratings in ([], [rate(1, 3), rate(2, 3, model="b" * 64)]):
        with pytest.raises(FeedbackError):
            write_ratings(tmp_path / "r.json", ratings)
    assert not (tmp_path / "r.json").exists()
