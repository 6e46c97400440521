"""Listeners: the table against plain numpy, and permutations that see what they should."""

import csv

import numpy as np
import pytest
from PIL import Image

from va_space.benchmark.context import Context
from va_space.benchmark.tasks import listeners
from va_space.benchmark.tasks.listeners import EXPECTED, compare, extremes
from va_space.datasets.emotify import FEELINGS
from va_space.errors import DatasetError

CALM, AROUSED = np.arange(20), np.arange(20, 40)


@pytest.fixture(autouse=True)
def few_permutations(monkeypatch):
    monkeypatch.setattr(listeners, "PERMUTATIONS", 500)


def votes_of(level):
    """Votes that follow (tracks,) levels from 0, calm, to 1, aroused."""
    return {feeling: level if sign > 0 else 1 - level for feeling, sign in EXPECTED.items()}


def rows_of(top, votes):
    rows = compare("ours", top, votes, CALM, AROUSED, np.random.default_rng(0))
    return {row["feeling"]: row for row in rows}


def test_right_matches_are_seen_by_both_tests():
    random = np.random.default_rng(1)
    level = np.linspace(0, 1, 100)
    top = np.concatenate([random.integers(0, 50, (20, 10)), random.integers(50, 100, (20, 10))])
    rows = rows_of(top, votes_of(level))
    for feeling, sign in EXPECTED.items():
        shares = votes_of(level)[feeling]
        row = rows[feeling]
        assert row["calm"] == pytest.approx(shares[top[CALM]].mean())
        assert row["aroused"] == pytest.approx(shares[top[AROUSED]].mean())
        assert row["difference"] == pytest.approx(row["aroused"] - row["calm"])
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
    assert [row["ranking"] for row in rows[::6]] == [
        "va-space search",
        "cosine alone",
        "predict both sides",
        "random",
    ]
    matches = [row for row in result["rows"] if "match" in row]
    assert {row["match"] for row in matches} == {"good", "bad"}
    assert all(row["painting"] == "Untitled" for row in matches)
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
    assert row["calm"] == pytest.approx(np.mean([power[tracks[i].name] for i in best]), abs=1e-6)


def test_without_paintings_the_task_is_skipped(tiny_space, data, tmp_path):
    (tmp_path / "emotify").symlink_to(data / "emotify")
    with pytest.raises(DatasetError, match="paintings"):
        listeners.run(Context(tiny_space, tmp_path, tmp_path))
