"""The relative scale on the command line: words, percentiles, options."""

import copy
import json

import numpy as np
import pytest

from va_space.emotion.reference import Distribution, Reference
from va_space.retrieval.index import index
from va_space.space import VASpace


@pytest.fixture(scope="module")
def space(tiny_space):
    """The small model with a reference around what it predicts for noise."""
    model = copy.deepcopy(tiny_space.model)
    random = np.random.default_rng(0)
    picture, sound = random.integers(0, 256, (40, 60, 3), dtype=np.uint8), random.uniform(-0.5, 0.5, 20000)
    kinds = {}
    for kind, source in (("photograph", picture), ("recording", (sound.astype(np.float32), 8000))):
        points = tiny_space.predict_va(source) + random.normal(0, 0.01, (100, 2))
        kinds[kind] = Distribution.of(points.clip(0, 1))
    kinds["rendering"] = kinds["recording"]
    kinds["painting"] = Distribution.of(random.uniform(0, 0.02, (100, 2)))
    model.reference = Reference(kinds, {})
    return VASpace(model, fingerprint="relative", device="cpu", precision="fp32")


@pytest.fixture
def run(va_space, space, monkeypatch):
    for verb in ("va", "search", "index"):
        monkeypatch.setattr(f"va_space.commands.{verb}.open_space", lambda *options: space)
    return va_space


@pytest.fixture
def library(space, media, tmp_path):
    index(space, [media / "c.wav", media / "d.flac"], tmp_path / "library")
    return tmp_path / "library"


def test_va_says_where_things_stand(run, space, media, library):
    rows = json.loads(run("va", media / "a.png", media / "c.wav", "--json").stdout)
    assert [row["kind"] for row in rows] == ["photograph", "recording"]
    for row in rows:
        expected = space.reference.of(row["kind"]).percentile((row["valence"], row["arousal"]))
        found = row["valence_percentile"], row["arousal_percentile"]
        np.testing.assert_allclose(found, expected, atol=0.02)
        assert f"% of {row['kind']}s" in row["standing"]
    painting = json.loads(run("va", media / "a.png", "--kind", "painting", "--json").stdout)[0]
    assert (painting["kind"], painting["valence_percentile"] > 0.9) == ("painting", True)
    mine = json.loads(run("va", media / "c.wav", "-l", library, "--json").stdout)[0]
    assert "of recordings" in mine["standing"]  # two tracks stand for nothing themselves


def test_a_small_library_says_what_it_is_compared_with(run, media, tmp_path):
    music = media / "c.wav", media / "d.flac", "-o", tmp_path / "small"
    made = run("index", *music)
    assert (
        "2 tracks are too few to stand for themselves (from 200 on): they are compared with recordings, "
        in (made.stderr)
    )
    assert (
        "which most were taken for; va-space index --kind rendering takes them for renderings." in made.stderr
    )
    said = run("index", *music, "--kind", "rendering")
    assert "renderings, as --kind said" in said.stderr
    for options in ((), ("--rebuild",)):  # and it stays so
        assert "renderings, as --kind said" in run("index", *music, *options).stderr
    found = run("search", "0.5,0.5", "-l", tmp_path / "small")
    assert "compared with renderings, as --kind said; va-space index --kind recording" in found.stderr
    assert "of renderings" in found.stdout
    assert "too few" not in run("search", "0.5,0.5", "-l", tmp_path / "small", "--absolute").stderr
    other = run("index", *music, "--kind", "painting")
    assert (other.returncode, "a library of music, and one of pictures is wanted" in other.stderr) == (
        2,
        True,
    )


def test_search_shows_percentiles_and_sentences(run, media, library):
    result = run("search", media / "a.png", "-l", library)
    heading, first, _ = (line.split("\t") for line in result.stdout.splitlines())
    assert heading[:3] == ["rank", "score", "the track is"]
    assert first[1].endswith("%")
    assert "of recordings" in first[2]
    assert "of photographs" in result.stderr
    relative = json.loads(run("search", media / "a.png", "-l", library, "--json").stdout)
    absolute = json.loads(run("search", media / "a.png", "-l", library, "--absolute", "--json").stdout)
    assert all(0 <= row["valence_percentile"] <= 1 for row in relative)
    assert {row["valence_percentile"] for row in absolute} == {None}
    by_path = {row["path"]: row["similarity"] for row in relative}
    assert all(row["score"] == pytest.approx(by_path[row["path"]], abs=1e-4) for row in absolute)


def test_report_and_story_are_relative(run, media, library, tmp_path):
    page = tmp_path / "page.html"
    assert run("search", media / "a.png", "-l", library, "--report", page).returncode == 0
    text = page.read_text()
    assert "of photographs" in text
    assert "stand where it stands" in " ".join(text.split())
    told = run(
        "search", media / "a.png", "calm", "-l", library, "--story", "--smoothness", 0, "--clip", 1, "--json"
    )
    assert [row["rank"] for row in json.loads(told.stdout)] == [1, 2]


def test_a_model_without_reference_says_so(va_space, tiny_space, media, monkeypatch, tmp_path):
    index(tiny_space, [media / "c.wav", media / "d.flac"], tmp_path / "library")
    monkeypatch.setattr("va_space.commands.search.open_space", lambda *options: tiny_space)
    assert "scale is absolute" in va_space("search", "calm", "-l", tmp_path / "library").stderr
    assert "scale is" not in va_space("search", "calm", "-l", tmp_path / "library", "--absolute").stderr


def test_an_album_is_searched_by_where_a_track_stands(run, space, media, tmp_path):
    pictures = media / "a.png", media / "b.jpg"
    index(space, pictures, tmp_path / "album", kind="pictures")
    rows = json.loads(run("search", media / "c.wav", "-l", tmp_path / "album", "--json").stdout)
    assert {row["path"] for row in rows} == set(map(str, pictures))
    assert all(row["valence_percentile"] is not None for row in rows)
    table = run("search", media / "c.wav", "-l", tmp_path / "album").stdout.splitlines()
    assert "the picture is" in table[0]
    assert "of photographs" in table[1]
    refused = run("search", media / "c.wav", "-l", tmp_path / "album", "--kind", "painting")
    assert refused.returncode == 2
    assert "a track is a recording or a rendering" in " ".join(refused.stderr.split())
    shown = json.loads(run("va", *pictures, media / "c.wav", "-l", tmp_path / "album", "--json").stdout)
    assert ["of photographs" in row["standing"] for row in shown] == [True, True, False]
