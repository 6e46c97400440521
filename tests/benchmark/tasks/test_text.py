"""The tasks of texts: on data whose answer is known, and on the small model."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("transformers", reason="needs the extra text")

from va_space.benchmark import table
from va_space.benchmark.runner import run_benchmark
from va_space.benchmark.sentences import SENTENCES
from va_space.benchmark.tasks.text_music import gain_row, nearest_words
from va_space.benchmark.tasks.text_va import norm_features, word_counts
from va_space.datasets import emotify
from va_space.datasets.records import Point, Record
from va_space.emotion.words import WORDS


def record(text):
    return Record("table", "text", Point(0.5, 0.5), "g", "1", text=text)


def test_norms_of_the_words_of_a_text():
    norms = {"happy": Point(0.9, 0.6), "sad": Point(0.1, 0.3), "can't": Point(0.2, 0.4)}
    rows = norm_features([record("Happy, SAD: they are."), record("I can't"), record("nothing 42")], norms)
    np.testing.assert_allclose(rows[0], [0.5, 0.45, 0.1, 0.3, 0.9, 0.6, 2])
    np.testing.assert_allclose(rows[1], [0.2, 0.4, 0.2, 0.4, 0.2, 0.4, 1])
    np.testing.assert_allclose(rows[2], [0.5] * 6 + [0])


def test_words_are_counted():
    counts = word_counts([record("Happy, they can't 42."), record("")])
    np.testing.assert_allclose(counts[:, 0], [3, 0])


def test_sentences_want_what_listeners_could_choose():
    assert len(SENTENCES) == 20
    assert set(SENTENCES.values()) <= set(emotify.FEELINGS)


def test_gains_against_a_literal_loop():
    random = np.random.default_rng(0)
    votes = {"sadness": random.uniform(size=40), "power": random.uniform(size=40)}
    wanted = ["sadness", "power", "power"]
    sad, strong = (np.argsort(-votes[name])[:5] for name in ("sadness", "power"))
    row = gain_row("best", np.stack([sad, strong, strong]), votes, random, 0, wanted)
    tops = (sad, strong, strong)
    expected = [votes[name][top].mean() - votes[name].mean() for name, top in zip(wanted, tops, strict=True)]
    assert row["gain"] == pytest.approx(np.mean(expected))
    assert row["p"] < 1e-3
    assert row["right"] == 1
    assert row["distinct"] == len({*sad, *strong})
    assert row["gain interval"][0] <= row["gain"] <= row["gain interval"][1]
    worst = np.stack([np.argsort(votes[name])[:5] for name in wanted])
    assert gain_row("worst", worst, votes, random, 0, wanted)["p"] > 0.99


def test_the_nearest_words_of_all_words_are_themselves(text_space):
    assert nearest_words(text_space, sorted(WORDS)) == sorted(WORDS)


@pytest.fixture
def data(tmp_path, files):
    """Sixty sentences, some norms, and six recordings with votes."""
    random, folder = np.random.default_rng(0), tmp_path / "text"
    folder.mkdir()
    lines = []
    for number in range(60):
        valence = random.uniform()
        text = " ".join("won" if random.uniform() < valence else "funeral" for _ in range(8))
        part = "test" if number % 3 == 0 else "train"
        lines.append(
            f"d{number % 9}_{number}_1,{part},{1 + 4 * valence:.3f},{random.uniform(2, 4):.3f},3,{text}"
        )
    (folder / "emobank.csv").write_text("id,split,V,A,D,text\n" + "\n".join(lines) + "\n", encoding="utf-8")
    norms = "word,valence_mean,arousal_mean\nwon,8,6\nfuneral,2,4\n"
    (folder / "warriner2013.csv").write_text(norms, encoding="utf-8")
    (tmp_path / "emotify").mkdir()
    rows = [
        ",".join([path.stem, str(path), path.stem, *(f"{share:.2f}" for share in random.uniform(size=9))])
        for path in files[:6]
    ]
    heading = ",".join(["track", "file", "artist", *emotify.FEELINGS])
    (tmp_path / "emotify" / "emotify.csv").write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return tmp_path


def test_both_tasks_on_a_small_model(text_space, data, tmp_path, monkeypatch):
    from va_space.emotion.reference import Distribution, Reference

    points = np.random.default_rng(1).uniform(0.3, 0.7, (60, 2))
    monkeypatch.setattr(text_space.model, "reference", Reference({"recording": Distribution.of(points)}, {}))
    va, music = run_benchmark(
        ["text-va", "text-music"], text_space, data, tmp_path / "cache", tmp_path / "out"
    )
    json.dumps([va, music], allow_nan=False)
    assert va["n"] == {"sentences": 20, "documents": 3}
    found = {(row["model"], row["target"]): row["pearson"] for row in va["rows"]}
    assert found["constant", "valence"] is None
    assert found["ridge on norms of words", "valence"] > 0.5
    assert {model for model, _ in found} >= {"ridge on our layers", "ridge on the last layer", "ours"}
    assert music["n"] == {"sentences": 20, "recordings": 6}
    rankings = [row["ranking"] for row in music["rows"] if "ranking" in row]
    assert rankings[0] == "va-space search --text"
    assert rankings[-2:] == ["nearest word of feeling", "random"]
    sentences = [row["sentence"] for row in music["rows"] if "sentence" in row]
    assert sentences == list(SENTENCES)
    assert "My dog died" in table.markdown([music])
