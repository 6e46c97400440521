"""``va-space soundtrack`` as users run it."""

import copy
import json

import numpy as np
import pytest
from videos import make_video

from va_space.emotion.reference import Distribution, Reference
from va_space.retrieval.index import index
from va_space.space import VASpace

pytest.importorskip("scenedetect", reason="needs the extra video")


@pytest.fixture(scope="module")
def space(tiny_space):
    """The small model with a reference."""
    model = copy.deepcopy(tiny_space.model)
    random = np.random.default_rng(0)
    some = Distribution.of(random.uniform(0.3, 0.7, (100, 2)))
    model.reference = Reference({"photograph": some, "recording": some}, {})
    return VASpace(model, fingerprint="d" * 64, device="cpu", precision="fp32")


@pytest.fixture
def run(va_space, space, monkeypatch, tmp_path):
    monkeypatch.setenv("VA_SPACE_FEEDBACK", str(tmp_path / "feedback.sqlite3"))
    monkeypatch.setattr("va_space.commands.soundtrack.open_space", lambda *options: space)
    return va_space


@pytest.fixture
def video(tmp_path):
    return make_video(tmp_path / "film.mp4", [(200, 20, 20)] * 10 + [(20, 200, 20)] * 10)


def test_a_video_a_sheet_and_two_lists(run, space, music, video, tmp_path):
    library = tmp_path / "library"
    index(space, music, library)
    options = ["--shortest", 1, "--fade", 0.2, "-l", library]
    found = run(
        "soundtrack", video, "-o", tmp_path / "out.mp4", *options, "--sheet", tmp_path / "s.png", "--json"
    )
    assert found.returncode == 0, found.stderr
    rows = json.loads(found.stdout)
    assert rows[0]["start"] == 0
    assert rows[-1]["end"] == 2
    assert "2.0 s, 2 shots; cue sheet: " in found.stderr
    assert json.loads((tmp_path / "out.json").read_text())["cues"][0]["title"] == rows[0]["title"]
    assert (tmp_path / "out.edl").read_text().startswith("TITLE: film\nFCM: NON-DROP FRAME\n")
    assert (tmp_path / "s.png").stat().st_size > 1000
    missing = run("soundtrack", video, "-o", tmp_path / "no.mp4", *options, "--profile", "me")
    assert (missing.returncode, "no profile me" in missing.stderr) == (1, True)
    assert not list(tmp_path.glob("no.*"))


def test_one_composed_shot(run, tmp_path):
    video = make_video(tmp_path / "film.mp4", [(90, 90, 90)] * 15)
    found = run("soundtrack", video, "--compose", "-o", tmp_path / "out.mov")
    assert found.returncode == 0, found.stderr
    assert "one shot, which has no cut" in found.stderr


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ([], 2, "either a --library or --compose"),
        (["--compose", "-l", "x"], 2, "either a --library or --compose"),
        (["-l", "nowhere"], 2, "nowhere: no library"),
        (["--compose", "--duck"], 1, "no sound in it"),
        (["--compose", "--sheet", "s.txt"], 2, "contact sheets end with"),
        (["--compose", "--shortest", "90"], 2, "cues of 90 to 60 s"),
    ],
)
def test_wrong_usage_writes_nothing(run, video, monkeypatch, words, status, message):
    monkeypatch.chdir(video.parent)
    found = run("soundtrack", video, "-o", "out.mp4", *words)
    assert (found.returncode, message in " ".join(found.stderr.replace("│", " ").split())) == (status, True)
    assert not list(video.parent.glob("out*"))
    replaced = run("soundtrack", video, "-o", video, "--compose")
    assert (replaced.returncode, "replace the video itself" in replaced.stderr) == (2, True)
