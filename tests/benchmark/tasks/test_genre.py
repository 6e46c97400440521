"""Heads for genres on recordings whose genre is plain, and their parts against loops."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("sklearn")
pytest.importorskip("librosa", reason="needs the extra tags")

from va_space.benchmark.context import Context
from va_space.benchmark.genre_heads import inputs_of, linear_scores, neural_scores, out_of_fold
from va_space.benchmark.genre_inputs import Recording
from va_space.benchmark.tasks import genre
from va_space.datasets.records import Record

RATE = 16_000


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """4Q with eight tones called Jazz, eight noises called Rap, and one of a rare genre."""
    root = tmp_path_factory.mktemp("data")
    (root / "fourq" / "audio").mkdir(parents=True)
    lines = ["song,artist,quadrant,genres"]
    random = np.random.default_rng(0)
    time = np.arange(4 * RATE) / RATE
    for number in range(17):
        tone = 0.2 * np.sin(2 * np.pi * (220 + 20 * number) * time) + 0.01 * random.normal(size=len(time))
        sound = tone if number < 9 else 0.1 * random.normal(size=len(time))
        soundfile.write(root / "fourq" / "audio" / f"S{number}.wav", sound, RATE)
        name = "Jazz" if number < 8 else "Jazz; Polka" if number == 8 else "Rap"
        lines.append(f"S{number},artist {number // 2},1,{name}")
    (root / "fourq" / "fourq.csv").write_text("\n".join(lines))
    return root


@pytest.mark.slow
def test_heads_tell_tones_from_noise(root, tiny_space, tmp_path, monkeypatch):
    monkeypatch.setattr(genre, "RESAMPLES", 5)
    result = genre.run(Context(tiny_space, root, tmp_path, limit=8))
    assert result["n"] == {"recordings": 17, "artists": 9, "genres": 2}, "polka is too rare"
    scores = {row["model"]: row for row in result["rows"] if "map" in row}
    assert scores["constant"]["map"] < 0.8
    for name, row in scores.items():
        low, high = row["map interval"]
        assert low <= high
        if name.startswith(("head", "linear")):
            assert row["map"] > 0.9, name
            assert row["auc"] > 0.9, name
    assert {row["genre"] for row in result["rows"] if "genre" in row} == {"Jazz", "Rap"}


def recording(number, sections):
    record = Record(Path("a"), "music", None, str(number), str(number))
    values = np.asarray(sections, np.float32)
    return Recording(record, values, values.mean(axis=0), 0, len(values) - 1)


def test_inputs_are_sections():
    recordings = [recording(0, [[1, 2], [3, 4]]), recording(1, [[5, 6]])]
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(inputs_of(recordings, "whole", rng), [[2, 3], [5, 6]])
    np.testing.assert_array_equal(inputs_of(recordings, "intro and drop", rng), [[1, 2, 3, 4], [5, 6, 5, 6]])
    drawn = {tuple(inputs_of(recordings, "random section", rng)[0]) for _ in range(20)}
    assert drawn == {(1, 2), (3, 4)}


def test_scores_are_of_the_fold_that_has_not_seen_the_recording():
    folds = np.array([0, 1, 0, 2])
    seen = []

    def fit(known, asked):
        seen.append((set(known), set(asked)))
        return np.tile(np.float32(len(known)), (len(asked), 1))

    assert out_of_fold(folds, 1, fit)[:, 0].tolist() == [2, 3, 2, 3]
    assert all(not known & asked and len(known | asked) == 4 for known, asked in seen)


def test_the_same_seed_gives_the_same_scores_and_leaves_the_global_seed_alone():
    import torch

    random = np.random.default_rng(0)
    recordings = [recording(n, random.normal(size=(2, 4)) + 3 * (n % 2)) for n in range(12)]
    labels = np.array([[bool(n % 2)] for n in range(12)])
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = (neural_scores(recordings, labels, recordings, "random section", 1) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)
    assert first[1::2].min() > first[::2].max()


def test_a_genre_that_nobody_or_everybody_has_gets_one_score():
    values = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    labels = np.array([[True, False]] * 6)
    assert linear_scores(values, labels, values[:2]).tolist() == [[1, 0], [1, 0]]
