"""``va-space restyle`` where a video is written."""

import json

import numpy as np
import pytest
import soundfile
from videos import looked_at, make_video

av = pytest.importorskip("av", reason="needs the extra av")
pytest.importorskip("matplotlib", reason="needs matplotlib")


@pytest.fixture
def restyle(va_space, media, tiny_model, tmp_path):
    """Run it on the test's media, quickly."""

    def run(picture, music, name, *options):
        return va_space(
            *("restyle", media / picture, media / music, "-o", tmp_path / name, "--model", tiny_model),
            *("--preview", "--steps", 2, *options),
        )

    return run


def test_video_of_a_picture_with_a_sheet(restyle, tmp_path):
    result = restyle("a.png", "c.wav", "a.mp4", "--json", "--sheet", tmp_path / "sheet.png", "--fps", 4)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert {"seconds", "valence music", "arousal music", "valence frame", "arousal frame"} == set(rows[0])
    assert len(looked_at(tmp_path / "a.mp4")) == 10
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


def test_graded_video(restyle, media, tmp_path):
    make_video(media / "video.mp4", [(120, 60, 60)] * 40, sound=0.1 * np.ones(8000))
    result = restyle("video.mp4", "d.flac", "a.mkv", "--keep-sound")
    assert result.returncode == 0, result.stderr
    assert "The music ends after 2 of 4 s" in result.stderr
    assert result.stdout.startswith("seconds\t")
    assert len(looked_at(tmp_path / "a.mkv")) == 40


@pytest.mark.parametrize(
    ("picture", "options", "message"),
    [
        ("a.png", ["--keep-sound"], "a picture has no sound"),
        ("video.mp4", ["--fps", 3], "keeps its frame rate"),
        ("video.mp4", ["--rate", 3], "keeps its frame rate"),
        ("a.png", ["--pulse", 1.5], "less than or equal to 1"),
        ("video.mp4", ["--generator", "network.pkl"], "can only be graded"),
        ("a.png", ["--cube"], "takes one piece of music"),
        ("a.png", ["--at", 3], "takes one piece of music"),
    ],
)
def test_options_that_do_not_go_together(restyle, media, tmp_path, picture, options, message):
    make_video(media / "video.mp4", [(120, 60, 60)] * 4)
    result = restyle(picture, "c.wav", "a.mp4", *options)
    assert result.returncode == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "a.mp4").exists()


def test_what_is_read_is_never_replaced(restyle, media):
    source = make_video(media / "video.mp4", [(120, 60, 60)] * 4, sound=0.1 * np.ones(8000)).read_bytes()
    for picture, music in (("video.mp4", "c.wav"), ("a.png", "video.mp4")):
        result = restyle(picture, music, media / "video.mp4")
        assert result.returncode == 2
        assert "would replace" in result.stderr
        assert (media / "video.mp4").read_bytes() == source


def test_video_options_without_a_video(restyle):
    result = restyle("a.png", "c.wav", "a.png")
    assert result.returncode == 2
    assert "only for videos" in result.stderr


def test_a_sheet_does_not_replace_the_picture(restyle, media, tmp_path):
    before = (media / "a.png").read_bytes()
    result = restyle("a.png", "c.wav", "a.mp4", "--sheet", media / "a.png")
    assert result.returncode == 2
    assert "would replace the picture" in result.stderr
    assert (media / "a.png").read_bytes() == before
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize("what", ["no video", "silent music", "damaged picture", "odd sheet"])
def test_bad_input_is_named(restyle, media, tmp_path, what):
    soundfile.write(media / "silent.wav", np.zeros(8000), 8000)
    (media / "bad.png").write_bytes((media / "a.png").read_bytes()[:500])
    picture, music, named = {
        "no video": ("d.flac", "c.wav", "d.flac"),
        "silent music": ("a.png", "silent.wav", "silent.wav"),
        "damaged picture": ("bad.png", "c.wav", "bad.png"),
        "odd sheet": ("a.png", "c.wav", "sheet.docx"),
    }[what]
    odd = what == "odd sheet"
    result = restyle(picture, music, "a.mp4", *(["--sheet", named] if odd else []))
    assert result.returncode == (2 if odd else 1)
    assert named in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "a.mp4").exists()
