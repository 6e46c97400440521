"""``va-space feedback`` and --profile, as users run them."""

import copy
import json

import numpy as np
import pytest

from va_space.emotion.reference import Distribution, Reference
from va_space.retrieval.index import index
from va_space.space import VASpace

MODEL = "f" * 64


@pytest.fixture(scope="module")
def space(tiny_space):
    """The small model with a reference around what it predicts."""
    model = copy.deepcopy(tiny_space.model)
    random = np.random.default_rng(0)
    picture, sound = random.integers(0, 256, (40, 60, 3), dtype=np.uint8), random.uniform(-0.5, 0.5, 20000)
    kinds = {}
    for kind, source in (("photograph", picture), ("recording", (sound.astype(np.float32), 8000))):
        points = tiny_space.predict_va(source) + random.normal(0, 0.01, (100, 2))
        kinds[kind] = Distribution.of(points.clip(0, 1))
    model.reference = Reference(kinds, {})
    return VASpace(model, fingerprint=MODEL, device="cpu", precision="fp32")


@pytest.fixture
def run(va_space, space, monkeypatch, tmp_path):
    monkeypatch.setenv("VA_SPACE_FEEDBACK", str(tmp_path / "feedback.sqlite3"))
    for module in ("feedback", "search", "compose", "_restyle_options"):
        monkeypatch.setattr(f"va_space.commands.{module}.open_space", lambda *options: space)
    return va_space


@pytest.fixture
def library(space, media, tmp_path):
    index(space, [media / "c.wav", media / "d.flac"], tmp_path / "library")
    return tmp_path / "library"


def test_rate_list_export_forget_import(run, media, library, tmp_path):
    rated = run(
        "feedback", media / "c.wav", "--for", media / "a.png", "--stars", 2, "--say", "calmer", "-l", library
    )
    assert rated.returncode == 0
    assert "Learnt from it: answers are looked for calmer by" in rated.stderr
    assert "Profile me, in standard deviations: music after 1 rating: valence" in rated.stderr
    (media / "c.wav").rename(media / "moved.wav")  # the vectors are kept
    run("feedback", media / "d.flac", "--say", "right", "--say", "livelier")
    (first, second) = json.loads(run("feedback", "--list", "--json").stdout)
    assert (first["item"], first["for"], first["stars"], first["should be"]) == (
        "c.wav",
        "a.png",
        2,
        "calmer",
    )
    assert (second["item"], second["for"], second["stars"]) == ("d.flac", None, None)
    assert run("feedback", "--export", tmp_path / "me.json").stderr.startswith("2 ratings: ")
    assert run("feedback", "--delete", first["number"]).stderr == "1 rating forgotten.\n"
    assert run("feedback", "--delete-all").stderr == "1 rating forgotten.\n"
    assert run("feedback", "--list").stdout == ""
    assert "2 ratings of" in run("feedback", "--import", tmp_path / "me.json", "--profile", "you").stderr
    assert len(json.loads(run("feedback", "--list", "--profile", "you", "--json").stdout)) == 2


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ([], 2, "give one of ITEM, --list"),
        (["c.wav", "--list"], 2, "give one of"),
        (["c.wav"], 2, "say how good it is"),
        (["c.wav", "--stars", "6"], 2, "--stars"),
        (["--list", "--stars", "3"], 2, "go with an ITEM"),
        (["missing.wav", "--stars", "3"], 1, "missing.wav: no such file"),
        (["c.wav", "--say", "calmr"], 2, "'calmr' says nothing of how it should feel; there is calmer"),
        (["c.wav", "--stars", "3", "-l", "nowhere"], 2, "nowhere: no library"),
        (["--import", "c.wav"], 1, "no file of ratings"),
        (["--export", "me.json"], 1, "no ratings to write"),
    ],
)
def test_wrong_usage_keeps_nothing(run, media, monkeypatch, words, status, message):
    monkeypatch.chdir(media)
    found = run("feedback", *words)
    assert (found.returncode, message in " ".join(found.stderr.replace("│", " ").split())) == (status, True)
    assert run("feedback", "--list").stdout == ""


def test_search_follows_the_profile(run, media, library):
    plain = json.loads(run("search", "calm", "-l", library, "--json").stdout)
    missing = run("search", "calm", "-l", library, "--profile", "me")
    assert (missing.returncode, "no profile me" in missing.stderr) == (1, True)
    for row in plain[:1]:
        run("feedback", row["path"], "--for", "calm", "--stars", 1, "-l", library)
        run("feedback", plain[1]["path"], "--for", "calm", "--stars", 5, "-l", library)
    personal = run("search", "calm", "-l", library, "--profile", "me", "--json")
    scores = {row["path"]: row["score"] for row in json.loads(personal.stdout)}
    gains = [scores[row["path"]] - row["score"] for row in plain]
    assert gains[0] < gains[1]
    assert "Profile me" in personal.stderr
    story = run(
        "search", "calm", "excited", "-l", library, "--story", "--clip", 1, "--profile", "me", "--json"
    )
    assert len(json.loads(story.stdout)) == 2
    both = run("search", "calm", "-l", library, "--profile", "me", "--absolute")
    assert (both.returncode, "do not go together" in both.stderr) == (2, True)


def test_composing_and_restyling_follow_the_profile(run, media, tmp_path):
    run("feedback", media / "c.wav", "--say", "calmer")
    run("feedback", media / "a.png", "--say", "more pleasant")
    compose = ["compose", "0.5,0.5", "--candidates", 1, "--seconds", 3, "--json", "-o", tmp_path / "a.mid"]
    plain, personal = (json.loads(run(*compose, *more).stdout)[0] for more in ([], ["--profile", "me"]))
    assert personal["arousal_percentile"] < plain["arousal_percentile"] == 0.5
    assert personal["valence_percentile"] == plain["valence_percentile"] == 0.5
    restyle = ["restyle", media / "a.png", "0.5,0.5", "-o", tmp_path / "a.png", "--steps", 1, "--json"]
    before, after = (json.loads(run(*restyle, *more).stdout)[0] for more in ([], ["--profile", "me"]))
    assert after["valence wanted"] > before["valence wanted"]
    assert after["arousal wanted"] == pytest.approx(before["arousal wanted"], abs=1e-6)


def test_a_profile_of_another_model(run, space, media, library, monkeypatch):
    run("feedback", media / "c.wav", "--stars", 4)
    other = VASpace(space.model, fingerprint="e" * 64, device="cpu", precision="fp32")
    monkeypatch.setattr("va_space.commands.compose.open_space", lambda *options: other)
    found = run("compose", "calm", "--candidates", 1, "--profile", "me", "-o", media / "x.wav")
    assert found.returncode == 1
    assert (
        "its 1 ratings were made with another model (ffffffffffff, this one is eeeeeeeeeeee)" in found.stderr
    )
    assert not (media / "x.wav").exists()
