import numpy as np
import pytest
import tiny_networks
from PIL import Image

from va_space.benchmark.composing_judge import Fitted, RidgeJudge, Song
from va_space.benchmark.composing_pipeline import pipeline_rows
from va_space.benchmark.composing_rows import People
from va_space.benchmark.context import Context

pytest.importorskip("diffusers", reason="needs the extra neural")


def spectrum(sounds):
    """(n, 256): a stand-in for the tagger, whose weights are not here."""
    return np.stack([np.log1p(np.abs(np.fft.rfft(sound.mean(axis=0)))[1:257]) for sound in sounds]).astype(
        np.float32
    )


@pytest.fixture(scope="module")
def fitted():
    draw = np.random.default_rng(0)
    features = draw.normal(0, 1, (60, 256)).astype(np.float32)
    quadrants = np.tile([1, 2, 3, 4, 0], 12)
    notes, label = np.zeros((0, 4)), np.zeros(2)
    songs = [Song(notes, label, "", "EMOPIA", int(each)) for each in quadrants]
    labels = np.stack([features[:, 0], features[:, 1]], axis=1).astype(np.float64)
    judge = RidgeJudge.fit(features, labels, np.array(["EMOPIA"] * 60))
    return Fitted(judge, songs, features, labels)


@pytest.fixture(scope="module")
def paintings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paintings")
    paths = [folder / f"{number}.png" for number in range(8)]
    for number, path in enumerate(paths):
        pixels = np.random.default_rng(number).integers(0, 255, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return paths


PLACES = [(number / 8, (3 * number % 8) / 8) for number in range(8)]


@pytest.mark.slow
def test_a_row_for_each_stage(fitted, paintings, tiny_space, tmp_path, monkeypatch):
    stages = ("narrative", "optimised")
    monkeypatch.setattr("va_space.benchmark.composing_pipeline.STAGES", stages)
    monkeypatch.setattr("va_space.benchmark.composing_pipeline.SECONDS", 0.6)
    monkeypatch.setattr("va_space.generation.neural.musicgen._TAIL", 0.1)
    monkeypatch.setattr("va_space.generation.neural.compose.TAKES", 2)
    neural = {
        role: str(getattr(tiny_networks, name)(tmp_path / name))
        for role, name in (("music", "musicgen"), ("caption", "blip"), ("clap", "clap"))
    }
    neural["language"] = "template"
    context = Context(tiny_space, tmp_path, tmp_path, neural=neural)
    arguments = (context, fitted, People(fitted), spectrum, paintings, PLACES, tmp_path / "kept")
    rows, notes = pipeline_rows(*arguments)
    assert [row["stage"] for row in rows] == list(stages)
    for row in rows:
        assert row["n"] == 8
        assert -1 <= row["CLAP"] <= 1
        assert row["FAD EMOPIA"] >= 0
        assert np.isfinite([row["KAD EMOPIA"], row["KL"], row["IS"], row["THD"]]).all()
    assert len({row["CLAP"] for row in rows}) == 2
    assert "8 paintings" in notes[0]

    def nothing_is_played_again(*_, **__):
        raise AssertionError

    monkeypatch.setattr("va_space.benchmark.composing_pipeline.play_takes", nothing_is_played_again)
    again, _ = pipeline_rows(*arguments)
    for row, same in zip(rows, again, strict=True):
        assert list(row) == list(same)
        numbers = [name for name, value in row.items() if isinstance(value, float)]
        np.testing.assert_allclose([row[name] for name in numbers], [same[name] for name in numbers])


def test_without_weights_it_is_said_why(fitted, paintings, tiny_space, tmp_path):
    context = Context(tiny_space, tmp_path, tmp_path)
    rows, notes = pipeline_rows(context, fitted, None, spectrum, paintings, PLACES, tmp_path)
    assert rows == []
    assert "no weights were named" in notes[0]


def test_a_model_that_cannot_be_used_is_a_note(fitted, paintings, tiny_space, tmp_path):
    context = Context(tiny_space, tmp_path, tmp_path, neural={"music": str(tmp_path)})
    rows, notes = pipeline_rows(context, fitted, None, spectrum, paintings, PLACES, tmp_path)
    assert rows == []
    assert "it has no config.json" in notes[0]
