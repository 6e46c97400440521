"""Feedback: columns of votes that are easy and impossible to learn, and simulated people."""

import numpy as np
import pytest

from va_space.benchmark.held_out import HeldOut
from va_space.benchmark.tasks import feedback
from va_space.datasets.emotify import FEELINGS
from va_space.datasets.records import Record, Votes


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(feedback, "RESAMPLES", 20)
    monkeypatch.setattr(feedback, "DRAWS", 2)


def held_of(shares, vectors, tmp_path):
    records = [
        Record(
            tmp_path / f"{n}.ogg",
            "music",
            Votes(dict.fromkeys(FEELINGS, float(share))),
            f"artist {n % 20}",
            str(n),
        )
        for n, share in enumerate(shares)
    ]
    va = np.random.default_rng(1).uniform(0.4, 0.6, (len(shares), 2))
    return HeldOut(records, vectors, va, True, "", [])


def gains(rows):
    return {row["ratings"]: row["gain"] for row in rows}


def test_a_taste_that_vectors_tell_is_learnt_and_noise_is_not(tiny_space, tmp_path):
    random = np.random.default_rng(0)
    vectors = random.normal(size=(100, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = feedback.column_rows(tiny_space, held_of((vectors[:, 0] + 1) / 2, vectors, tmp_path), 0)
    assert [row["ratings"] for row in rows] == [0, 2, 10, 30, "all of four folds"]
    assert gains(rows)[30] > 0.3
    low, high = rows[3]["gain interval"]
    assert low < gains(rows)[30] < high
    assert rows[3]["columns up"] == 9
    noise = gains(feedback.column_rows(tiny_space, held_of(random.uniform(size=100), vectors, tmp_path), 0))
    assert abs(noise[30]) < 0.15


def test_simulated_people_are_framed_by_no_profile():
    rows = feedback.simulated_rows(6, 0)
    assert rows[0] == {
        "people": "with an offset",
        "say": "no profile",
        "ratings": 0,
        "error": 1.0,
        "worse": 0.0,
    }
    errors = {(row["people"], row["say"], row["ratings"]): row["error"] for row in rows}
    assert errors["with an offset", "words", 20] < 0.5
    assert errors["without an offset", "both", 20] < 0.5


def test_without_recordings_the_people_stay(empty_context, monkeypatch):
    monkeypatch.setattr(feedback, "PEOPLE", 2)
    result = feedback.run(empty_context)
    assert result["n"] == {"people": 2}
    assert any("no columns of votes" in note for note in result["notes"])
