"""Listeners: the table against plain numpy, and permutations that see what they should."""

import csv

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from va_space.benchmark import votes
from va_space.benchmark.context import Context
from va_space.benchmark.matches import far_apart
from va_space.benchmark.tasks import listeners
from va_space.benchmark.votes import EXPECTED, PLEASANT, compare, difference, extremes, word_rows
from va_space.datasets.emotify import FEELINGS
from va_space.errors import DatasetError

CALM, AROUSED = np.arange(20), np.arange(20, 40)


@pytest.fixture(autouse=True)
def few_permutations(monkeypatch):
    monkeypatch.setattr(votes, "PERMUTATIONS", 500)


def votes_of(level):
    """Votes that follow (tracks,) levels from 0, calm, to 1, aroused."""
    return {feeling: level if sign > 0 else 1 - level for feeling, sign in EXPECTED.items()}


def rows_of(top, shares):
    rows = compare("ours", top, shares, CALM, AROUSED, np.random.default_rng(0))
    return {row["feeling"]: row for row in rows}


def test_right_matches_are_seen_by_both_tests():
    random = np.random.default_rng(1)
    level = np.linspace(0, 1, 100)
    top = np.concatenate([random.integers(0, 50, (20, 10)), random.integers(50, 100, (20, 10))])
    rows = rows_of(top, votes_of(level))
    for feeling, sign in EXPECTED.items():
        shares = votes_of(level)[feeling]
        row = rows[feeling]
        assert row["low"] == pytest.approx(shares[top[CALM]].mean())
        assert row["high"] == pytest.approx(shares[top[AROUSED]].mean())
        assert row["difference"] == pytest.approx(row["high"] - row["low"])
        assert (row["difference"] > 0) == (sign > 0) == (row["wanted"] == "up")
        assert row["p paintings"] < 0.01
        assert row["p tracks"] < 0.01
    mean = np.mean([rows[feeling]["difference"] * sign for feeling, sign in EXPECTED.items()])
    assert rows["all five"]["difference"] == pytest.approx(mean)


def test_matches_the_wrong_way_round_have_p_near_one():
    top = np.concatenate([np.full((20, 10), 99), np.full((20, 10), 0)])
    row = rows_of(top, votes_of(np.linspace(0, 1, 100)))["all five"]
    assert row["difference"] < 0
    assert min(row["p paintings"], row["p tracks"]) > 0.9


def test_same_music_for_all_shows_nothing():
    row = rows_of(np.tile(np.arange(10), (40, 1)), votes_of(np.linspace(0, 1, 100)))["all five"]
    assert row["difference"] == pytest.approx(0)
    assert row["p paintings"] == row["p tracks"] == 1


def test_one_lucky_track_for_each_group_convinces_only_the_lax_test():
    top = np.concatenate([np.full((20, 10), 40), np.full((20, 10), 60)])
    row = rows_of(top, votes_of(np.linspace(0, 1, 100)))["all five"]
    assert row["p paintings"] < 0.01
    assert row["p tracks"] > 0.1


def test_chance_is_even():
    random = np.random.default_rng(4)
    drawn = [
        rows_of(random.integers(0, 100, (40, 10)), votes_of(random.uniform(size=100)))["all five"]
        for _ in range(20)
    ]
    for test in ("p paintings", "p tracks"):
        assert 0.3 < np.mean([row[test] for row in drawn]) < 0.7


def test_summary_is_the_last_row():
    random = np.random.default_rng(6)
    top, values = random.integers(0, 100, (40, 10)), random.uniform(size=40)
    shares = {feeling: random.uniform(size=100) for feeling in {*EXPECTED, *PLEASANT}}
    for axis in ("valence", "arousal"):
        rows = compare("ours", top, shares, *extremes(values), np.random.default_rng(0), axis)
        assert difference(top, shares, values, axis) == pytest.approx(rows[-1]["difference"])


def test_words_are_held_against_the_library():
    power = np.linspace(0, 1, 100)
    top = np.array([np.arange(90, 100), np.arange(10)])
    rows = word_rows(["energetic", "bored"], top, {"power": power}, np.random.default_rng(0))
    assert rows[0]["power"] == pytest.approx(power[90:].mean() - 0.5)
    assert rows[0]["p"] < 0.01
    assert rows[1]["power"] < 0
    assert rows[1]["p"] is None


def test_places_far_apart_are_the_middle_and_the_corners():
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 5)), axis=-1).reshape(-1, 2)
    chosen = grid[far_apart(grid, 5)]
    assert chosen[0].tolist() == [0.5, 0.5]
    assert sorted(map(tuple, chosen[1:].tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert sorted(far_apart(grid[:3], 10)) == [0, 1, 2]


def test_extremes_are_tenths():
    low, high = extremes(np.random.default_rng(0).permutation(30) / 30)
    assert (len(low), len(high)) == (3, 3)
    assert [len(part) for part in extremes(np.array([0.1, 0.2]))] == [1, 1]


@pytest.fixture(scope="module")
def data(tmp_path_factory, write_tones):
    """Twelve recordings with votes, twenty paintings, one of them broken."""
    root = tmp_path_factory.mktemp("listeners")
    random = np.random.default_rng(2)
    lines = [",".join(("track", "file", "artist", *FEELINGS))]
    (root / "emotify").mkdir()
    for number in range(12):
        path = write_tones(f"track{number}", list(random.uniform(0, 1, 2)))
        (root / "emotify" / path.name).write_bytes(path.read_bytes())
        shares = ",".join(f"{share:.3f}" for share in random.uniform(0, 1, 9))
        lines.append(f"{number},{path.name},Artist {number % 3},{shares}")
    (root / "emotify" / "emotify.csv").write_text("\n".join(lines))
    (root / "paintings").mkdir()
    lines = ["file,title"]
    for number in range(20):
        pixels = random.integers(0, 256, (4, 5, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
        Image.fromarray(pixels).save(root / "paintings" / f"{number}.png")
        lines.append(f"{number}.png,Untitled")
    (root / "paintings" / "7.png").write_bytes(b"not a painting")
    (root / "paintings" / "paintings.csv").write_text("\n".join(lines))
    return root


def test_task(tiny_space, data, tmp_path):
    context = Context(tiny_space, data, tmp_path)
    result = listeners.run(context)
    assert result["n"] == {"paintings": 19, "recordings": 12, "paintings in each tenth": 1}
    rows = [row for row in result["rows"] if "ranking" in row]
    names = ["va-space search", "va-space search --absolute", "cosine alone", "predict both sides", "random"]
    assert [row["ranking"] for row in rows[::6]] == names * 2
    assert {row["feeling"] for row in rows if row["groups by"] == "valence"} == {*PLEASANT, "valence"}
    lists = {row["list"]: row for row in result["rows"] if "list" in row}
    back = {f"pictures for music: {name}" for name in names}
    assert set(lists) == {*names, listeners.QUANTILES, *back}
    assert all(lists[name]["distinct"] <= 19 and lists[name]["first"] <= 12 for name in back)
    assert {row["artists"] for row in result["rows"] if "map" in row} == {"choosing", "reporting"}
    assert len([row for row in result["rows"] if "word" in row]) == len(votes.OF_WORDS)
    matches = [row for row in result["rows"] if "match" in row]
    kinds = [row["match"] for row in matches]
    assert kinds[:10] == ["far apart"] * 10
    assert set(kinds[10:]) == {"good", "bad"}
    assert all(row["painting"] == "Untitled" for row in matches)
    assert all(
        row["first track"].endswith(".wav)") for row in result["rows"] if "match" in row or "word" in row
    )
    good = [row["agreement"] for row in matches if row["match"] == "good"]
    assert good == sorted(good, reverse=True)
    assert "1 files could not be read" in result["notes"][-1]
    # The calmest painting's ten nearest by cosine, by hand.
    paintings = [data / "paintings" / f"{n}.png" for n in range(20) if n != 7]
    tracks = sorted((data / "emotify").glob("*.wav"))
    calmest = paintings[int(np.argmin(tiny_space.predict_va(paintings)[:, 1]))]
    best = np.argsort(-(tiny_space.encode(tracks) @ tiny_space.encode(calmest)))[:10]
    lines = (data / "emotify" / "emotify.csv").read_text().splitlines()
    power = {row["file"]: float(row["power"]) for row in csv.DictReader(lines)}
    row = next(row for row in rows if row["ranking"] == "cosine alone" and row["feeling"] == "power")
    assert row["low"] == pytest.approx(np.mean([power[tracks[i].name] for i in best]), abs=1e-6)


def test_tracks_out_of_fold(tiny_space, data, tmp_path):
    names = [f"emotify/{number}" for number in range(11)]
    va = np.random.default_rng(3).uniform(0.3, 0.7, (11, 2)).astype(np.float32)
    tensors = {"vectors": np.eye(11, 512, dtype=np.float32), "points": va}
    save_file(tensors, tmp_path / "tracks.safetensors", metadata={"tracks": "\n".join(names)})
    result = listeners.run(Context(tiny_space, data, tmp_path, held_out=tmp_path / "tracks.safetensors"))
    assert result["n"]["recordings"] == 11
    assert "out of fold" in result["notes"][0]
    assert "cosine alone" not in {row.get("ranking") for row in result["rows"]}
    (tmp_path / "tracks.safetensors").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match="not the held-out tracks"):
        listeners.run(Context(tiny_space, data, tmp_path, held_out=tmp_path / "tracks.safetensors"))


def test_without_paintings_the_task_is_skipped(tiny_space, data, tmp_path):
    (tmp_path / "emotify").symlink_to(data / "emotify")
    with pytest.raises(DatasetError, match="paintings"):
        listeners.run(Context(tiny_space, tmp_path, tmp_path))
