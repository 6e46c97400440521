"""Tasks on small data: rows that frame the table, and numbers against plain loops."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn")

from va_space.benchmark import metrics
from va_space.benchmark.context import points
from va_space.benchmark.tasks import imemnet, matching, music_va, picture_va
from va_space.datasets.records import Quadrant


@pytest.fixture(scope="module")
def matched(context):
    return matching.run(context)


def _row(result, name):
    return next(row for row in result["rows"] if row.get("model", "").startswith(name))


def test_picture_va_compares_three_models_on_the_same_pictures(context, tiny_space):
    result = picture_va.run(context)
    assert [row["model"] for row in result["rows"]] == ["constant", "ridge on colour statistics", "ours"] * 2
    assert {row["n"] for row in result["rows"]} == {result["n"]} == {len(context.pictures["test"])}
    constant, ridge, ours = result["rows"][:3]
    assert np.isnan(constant["pearson"])
    assert constant["r2"] <= 0
    assert ridge["pearson"] > 0.8, "colour follows the labels in this data"
    records = context.pictures["test"]
    predicted = tiny_space.predict_va([record.path for record in records])
    labels = points(records)
    assert ours["pearson"] == pytest.approx(np.corrcoef(predicted[:, 0], labels[:, 0])[0, 1], abs=1e-3)
    assert result["rows"][5]["mae"] == pytest.approx(np.abs(predicted - labels)[:, 1].mean(), abs=1e-5)
    low, high = ridge["pearson interval"]
    assert low <= ridge["pearson"] <= high


def test_music_va_has_rows_for_windows_and_pieces_and_says_that_emopia_is_missing(context):
    result = music_va.run(context)
    assert result["n"] == {"windows": 18, "pieces": 6}
    counts = [("window", 18)] * 6 + [("window", 60)] * 2 + [("piece", 6)] * 10
    assert [(row["unit"], row["n"]) for row in result["rows"]] == counts
    assert any("EMOPIA is left out" in note for note in result["notes"])
    labels = points(context.test_music.records)
    ridge = next(row for row in result["rows"] if row["unit"] == "piece" and row["model"].startswith("ridge"))
    by_hand = context.mel_ridge.reshape(6, 3, 2).mean(axis=1)[:, 0]
    assert ridge["mae"] == pytest.approx(np.abs(by_hand - labels[:, 0]).mean())


def test_quadrants_of_clips(empty_context, vgmidi_split):
    def with_quadrants(records):
        return [replace(record, label=Quadrant(1 + int(record.path.stem[5:]) % 2)) for record in records]

    parts = {"train": vgmidi_split["train"], "validation": vgmidi_split["test"]}
    empty_context.quadrants = {name: with_quadrants(records) for name, records in parts.items()}
    result = music_va.emopia(empty_context)
    commonest, logistic, ours = result["rows"]
    assert commonest["n"] == 6
    assert commonest["quadrant"] == pytest.approx(commonest["valence"])
    assert commonest["arousal"] == 1
    assert {type(row["quadrant"]) for row in (logistic, ours)} == {float}


def test_matching_is_framed_by_random_and_oracle(matched):
    random, constant, oracle = (_row(matched, name) for name in ("random", "constant", "oracle"))
    assert oracle["ndcg@10"] == pytest.approx(1)
    assert oracle["spearman"] == pytest.approx(1)
    assert oracle["mse"] == 0
    assert constant["mse"] > 0
    assert np.isnan(constant["spearman"])
    assert random["ndcg@10"] == pytest.approx(constant["ndcg@10"], abs=0.03)
    for row in (row for row in matched["rows"] if "model" in row):
        assert row["ndcg@10"] <= 1
        assert row["distance@10"] >= oracle["distance@10"] - 1e-9


def test_predicting_both_sides_by_hand(context, matched, tiny_space):
    sigma = tiny_space.config.sigma
    pictures, tracks = points(context.test_pictures.records), points(context.test_music.records)
    mel = context.mel_ridge.reshape(len(tracks), 3, 2).mean(axis=1)
    gain = np.array([[np.exp(-np.linalg.norm(p - t) / sigma) for t in tracks] for p in pictures])
    guess = np.array([[np.exp(-np.linalg.norm(p - t) / sigma) for t in mel] for p in context.colour_ridge])
    row = _row(matched, "predict both sides: ridge")
    assert row["ndcg@10"] == pytest.approx(metrics.ndcg(guess, gain).mean())
    assert row["mse"] == pytest.approx(np.mean((guess - gain) ** 2))
    assert row["spearman"] == pytest.approx(metrics.spearman(guess.ravel(), gain.ravel()))


def test_music_alone_gives_every_picture_the_same_tracks(context, matched, tiny_space):
    centre = points(context.pictures["train"]).mean(axis=0)
    mel = context.mel_ridge.reshape(6, 3, 2).mean(axis=1)
    order = np.argsort(np.linalg.norm(mel - centre, axis=1))
    apart = np.linalg.norm(
        points(context.test_pictures.records)[:, None] - points(context.test_music.records)[None], axis=-1
    )
    gain = np.exp(-apart / tiny_space.config.sigma)
    expected = metrics.ndcg(np.tile(-np.argsort(order), (len(gain), 1)), gain).mean()
    assert _row(matched, "music alone")["ndcg@10"] == pytest.approx(expected)


def test_the_better_way_to_predict_both_sides_is_the_baseline(matched):
    ways = [row for row in matched["rows"] if row.get("model", "").startswith("predict both")]
    best = max(ways, key=lambda row: row["ndcg@10"])
    assert [row["model"] for row in ways if "(baseline)" in row["model"]] == [best["model"]]
    assert best["model"].startswith(matched["baseline"])
    there = [row for row in matched["rows"] if row.get("search") == "music for pictures"]
    for name, difference in zip((matching.COSINE, matching.SIMILARITY), there, strict=True):
        expected = _row(matched, name)["ndcg@10"] - best["ndcg@10"]
        assert difference["mean"] == pytest.approx(expected)
        assert difference["interval"][0] <= expected <= difference["interval"][1]


def test_matching_repeats_with_its_seed(context, matched):
    assert str(matching.run(context)) == str(matched)


IMEMNET_VALIDATION = "7-5 sea 0.5\n"
IMEMNET_TEST = "7-5 sea 0.5\n8-6 sea 0.1\n7-6 owl 0.3\n8-5 owl 0.2\n9-4 fox 0.8\n"


@pytest.fixture
def imemnet_context(empty_context, tmp_path):
    (tmp_path / "imemnet").mkdir()
    (tmp_path / "imemnet" / "val_matching.txt").write_text(IMEMNET_VALIDATION)
    (tmp_path / "imemnet" / "test_matching.txt").write_text(IMEMNET_TEST)
    return empty_context


def test_imemnet_floors_need_the_lists_alone(imemnet_context):
    result = imemnet.run(imemnet_context)
    assert result["n"] == {"pairs": 2, "songs": 2, "clips": 2, "pictures": 2}
    assert result["rows"][-1]["list"] == "clean test"
    assert result["rows"][-1]["mse"] == pytest.approx(np.var([0.2, 0.8]))
    assert any("media are not there" in note for note in result["notes"])


def test_imemnet_scores_the_model_where_the_media_are(imemnet_context, oasis_root, write_tones, tiny_space):
    pytest.importorskip("soundfile")
    root = imemnet_context.data_root
    (root / "imemnet" / "pictures").mkdir()
    (root / "deam" / "MEMD_audio").mkdir(parents=True)
    images = sorted((oasis_root / "oasis" / "images").iterdir())
    for name, source in zip(("owl", "fox"), images, strict=False):
        (root / "imemnet" / "pictures" / f"{name}.jpg").write_bytes(source.read_bytes())
    for song, levels in (("8", [0.1] * 12), ("9", [0.9] * 12)):
        # The published names end in .mp3; what is inside is told from the content.
        (root / "deam" / "MEMD_audio" / f"{song}.mp3").write_bytes(write_tones(song, levels).read_bytes())
    row = imemnet.run(imemnet_context)["rows"][-1]
    assert (row["list"], row["model"], row["n"]) == ("clean test", "ours", 2)
    pictures = tiny_space.encode([root / "imemnet" / "pictures" / f"{name}.jpg" for name in ("owl", "fox")])
    tracks = [tiny_space.encode(root / "deam" / "MEMD_audio" / f"{song}.mp3", windows=True) for song in "89"]
    # A window of one second around second 10 of song 8 lies across two of the track's; the tone is steady.
    music = np.stack([tracks[0].vectors[10], tracks[1].vectors[8]])
    expected = (np.diag(tiny_space.similarity(pictures, music)) - [0.2, 0.8]) ** 2
    assert row["mse"] == pytest.approx(expected.mean(), abs=0.01)
