"""Pictures for music from the command line."""

import json

import numpy as np
import pytest
import soundfile
from descriptions import described
from PIL import Image

from va_space.errors import MediaError


@pytest.fixture
def run(va_space, tiny_space, monkeypatch):
    """Run a command with the small model, which is loaded once for all tests; what is heard is given."""
    for verb in ("paint", "prompt"):
        monkeypatch.setattr(f"va_space.commands.{verb}.open_space", lambda *options: tiny_space)

    def describe(space, track, *, lyrics=None, progress=None):
        if not track.is_file():
            raise MediaError(track, "no such file")
        return described(path=str(track))

    monkeypatch.setattr("va_space.generation.tags.describe", describe)
    return va_space


@pytest.fixture
def tracks(tmp_path):
    folder = tmp_path / "music"
    for name in ("one/piece", "two/piece"):
        (folder / name).parent.mkdir(parents=True)
        with soundfile.SoundFile(folder / f"{name}.flac", "w", 8000, 1) as file:
            file.title, file.artist = "Night & day", "Somebody"
            file.write(np.random.default_rng(0).uniform(-0.3, 0.3, 8000))
    return [folder / "one/piece.flac", folder / "two/piece.flac"]


SMALL = ("--size", "96", "--candidates", "1")


def test_a_folder_gets_a_picture_and_a_sidecar_for_each_track(run, tracks, tmp_path):
    out = tmp_path / "out"
    done = run("paint", *tracks, tmp_path / "missing.mp3", "-o", out, *SMALL, "--json")
    assert done.returncode == 1
    assert "missing.mp3: no such file" in done.stderr
    rows = json.loads(done.stdout)
    assert [row["output"] for row in rows] == [str(out / "piece.png"), str(out / "piece (2).png")]
    assert sorted(path.name for path in out.iterdir()) == [
        "piece (2).json", "piece (2).png", "piece.json", "piece.png"
    ]  # fmt: skip
    with Image.open(out / "piece.png") as image:
        assert image.size == (96, 96)


def test_a_cover_has_title_and_artist_of_the_tags_and_goes_into_the_file(run, tracks, tmp_path):
    tinytag = pytest.importorskip("tinytag")
    pytest.importorskip("av", reason="needs the extra av")
    done = run("paint", tracks[0], "-o", tmp_path / "art.svg", *SMALL, "--cover", "--embed")
    assert done.returncode == 0, done.stderr
    facts = json.loads((tmp_path / "art.json").read_text())
    assert facts["text"] == {"title": "Night & day", "artist": "Somebody"}
    assert tinytag.TinyTag.get(tracks[0], image=True).images.any is not None
    assert tinytag.TinyTag.get(tracks[0]).title == "Night & day"


def test_takes_have_names_of_their_own(run, tracks, tmp_path):
    done = run("paint", tracks[0], "-o", tmp_path / "art.jpg", "--size", "80x60", "--takes", 2, "--seed", 3)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "art-1.jpg").read_bytes() != (tmp_path / "art-2.jpg").read_bytes()
    assert json.loads((tmp_path / "art-2.json").read_text())["seed"] == 3


def test_own_pictures(run, tracks, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (50, 40), "red" if name == "a" else "blue").save(pictures / f"{name}.png")
    done = run("paint", tracks[0], "-o", tmp_path / "art.png", "--from", pictures, "--strength", 0, "--json")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "art.png") as image:
        assert image.size == (50, 40)
    assert json.loads((tmp_path / "art.json").read_text())["picture"] in ("a.png", "b.png")


def test_a_prompt_and_its_edited_form(run, tracks):
    done = run("prompt", tracks[0], "--json", "--section", "drop")
    (row,) = json.loads(done.stdout)
    assert "an outburst at its height" in row["prompt"]
    assert set(row) == {"track", "prompt", "negative", "parts"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "a.gif"], ".png, .jpg"),
        (["-o", "a.png", "--size", "1x1"], "each side has"),
        (["-o", "a.png", "--size", "big"], "write it as 1920x1080"),
        (["-o", "a.png", "--size", "90000x90000"], "each side has"),
        (["-o", "a.png", "--size", "200x100", "--cover"], "covers are square"),
        (["-o", "a.png", "--title", "x"], "add --cover"),
        (["-o", "a.png", "--prompt", "x"], "reads no prompts"),
        (["-o", "a.png", "--motif", "see"], "do you mean sea"),
        (["-o", "a.png", "--section", "verse"], "there are intro, drop, outro"),
        (["-o", "a.png", "--network", "x"], "needs --engine diffusion"),
        (["-o", "a.png", "--start", "x.png"], "needs --engine diffusion"),
        (["-o", "a.png", "--from", "x", "--motif", "sea"], "are graded, not painted"),
        (["-o", "a.png", "--engine", "oil"], "no artwork engine 'oil'"),
        (["-o", "a.svg", "--from", "pictures"], "no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(run, tracks, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    done = run("paint", tracks[0], *options, *(() if "--size" in options else SMALL))
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert [path.name for path in tmp_path.iterdir()] == ["music"]
