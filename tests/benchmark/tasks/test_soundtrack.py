"""Soundtracks: the table on a model whose predictions are right, and the passage that is looked up."""

import copy

import numpy as np
import pytest

from va_space.benchmark.context import Context
from va_space.benchmark.tasks import soundtrack
from va_space.datasets.records import Point, Record
from va_space.emotion.reference import Distribution, Reference
from va_space.space import VASpace

pytest.importorskip("scenedetect", reason="needs the extra video")


@pytest.fixture
def space(tiny_space):
    model = copy.deepcopy(tiny_space.model)
    some = Distribution.of(np.random.default_rng(0).uniform(0.3, 0.7, (100, 2)))
    model.reference = Reference({"photograph": some, "recording": some}, {})
    return VASpace(model, fingerprint="e" * 64, device="cpu", precision="fp32")


def test_a_row_for_each_axis(space, oasis_root, write_tones, tmp_path, monkeypatch):
    monkeypatch.setattr(soundtrack, "SHOT_SECONDS", 1.0)
    monkeypatch.setattr(soundtrack, "SHOTS", 3)
    monkeypatch.setattr(soundtrack, "PERMUTATIONS", 50)
    monkeypatch.setattr(soundtrack, "_SIZE", (64, 48))
    context = Context(space, oasis_root, tmp_path, limit=2)
    random = np.random.default_rng(1)
    context.music = {
        "test": [
            Record(
                path,
                "music",
                Point(*random.uniform(0, 1, 2)),
                path.stem,
                path.stem,
                start=float(second),
                duration=1.0,
            )
            for path in (write_tones(f"long{number}", list(random.uniform(0, 1, 6))) for number in range(4))
            for second in range(6)
        ]
    }
    result = soundtrack.run(context)
    assert result["n"] == {"videos": 2, "shots": 6, "pieces": 4}
    assert [(row["axis"], row["cues"]) for row in result["rows"][:2]] == [
        ("valence", "as shipped"),
        ("arousal", "as shipped"),
    ]
    assert {row["videos"] for row in result["rows"]} == {"all"}
    assert len(result["rows"]) == 2 * 6
    for row in result["rows"]:
        assert row["interval"][0] <= row["spearman"] <= row["interval"][1] or np.isnan(row["spearman"])
        assert 0 < row["p"] <= 1


def test_permutations_see_what_follows():
    ratings = np.random.default_rng(0).uniform(size=(5, 6))
    row = soundtrack._row("arousal", ratings, ratings**2, np.random.default_rng(1), 0)
    assert row["spearman"] == pytest.approx(1)
    assert row["p"] < 0.01
    assert abs(row["shuffled"]) < 0.3


def test_a_gain_over_the_cues_as_shipped():
    random = np.random.default_rng(0)
    ratings, chance = random.uniform(size=(12, 6, 2)), random.uniform(size=(12, 6, 2))
    looks = {"as shipped": (chance,) * 3, "better": (ratings, chance, chance)}
    rows = soundtrack._rows(ratings, looks, random, 0)
    assert [(row["cues"], row["videos"]) for row in rows[::2]] == [
        ("as shipped", "all"),
        ("as shipped", "first 10"),
        ("as shipped", "others"),
        ("better", "all"),
    ]
    assert rows[0]["gain"] is None
    assert rows[-1]["gain"][0] > 0.5


def test_the_photograph_in_the_middle_of_a_part():
    part = soundtrack.Part(20.0, 30.0, 2, (0.5, 0.5))
    assert soundtrack._shot(part) == 2
    assert soundtrack._shot(soundtrack.Part(59.0, 62.0, 5, (0.5, 0.5))) == soundtrack.SHOTS - 1
    assert soundtrack._moved([part], np.array([[0.25, 0.75]]))[0].place == (0.25, 0.75)
